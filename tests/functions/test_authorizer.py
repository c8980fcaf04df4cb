"""Who is let in: only the bearer of a key that exists and is not revoked."""

import os
from typing import Any

import pytest

from billing.domain.api_keys import Scope
from billing.edge.composition import utc_now
from billing.services.api_keys import SECRET_BYTES, create_api_key, revoke_api_key
from billing.storage.dynamo import Dynamo
from tests.support.cloud import Cloud
from tests.support.lambdas import Context, sample_event
from tests.support.logged import Logged

DENIED = {"isAuthorized": False}


def make_key(cloud: Cloud, *scopes: Scope, revoked: bool = False) -> tuple[str, str]:
    """Make a key; gives its secret and its id."""
    secret, api_key = create_api_key(
        key_id=cloud.books.new_id(),
        name="test",
        scopes=scopes,
        random=os.urandom(SECRET_BYTES),
        stores=cloud.books.stores,
        clock=utc_now,
    )
    if revoked:
        revoke_api_key(api_key.id, by="another", stores=cloud.books.stores, clock=utc_now)
    return secret, api_key.id


def ask(cloud: Cloud, header: str | None, *, name: str = "authorization") -> Any:  # noqa: ANN401
    """Ask the authorizer about a header."""
    event = sample_event("authorizer")
    del event["headers"]["authorization"]
    event["identitySource"] = []
    if header is not None:
        event["headers"][name] = header
        event["identitySource"] = [header]
    return cloud.invoke("authorizer", event, Context(5_000))


def test_a_good_key_is_let_in_with_its_scopes(cloud: Cloud) -> None:
    secret, key_id = make_key(cloud, Scope.USAGE_WRITE, Scope.BILLING_READ)
    answer = {
        "isAuthorized": True,
        "context": {
            "keyId": key_id,
            "keyName": "test",
            "scopes": "billing:read usage:write",
        },
    }
    assert ask(cloud, f"Bearer {secret}") == answer
    # The scheme and the name of the header are written in any case.
    assert ask(cloud, f"bearer  {secret}", name="Authorization") == answer


def test_what_the_authorizer_says_is_what_the_functions_check(cloud: Cloud) -> None:
    secret, _ = make_key(cloud, Scope.BILLING_READ)
    context = ask(cloud, f"Bearer {secret}")["context"]
    assert cloud.get("/users", scopes=context["scopes"]).status == 200
    assert cloud.post("/users", {}, scopes=context["scopes"]).status == 403


def test_a_revoked_key_is_refused(cloud: Cloud) -> None:
    secret, _ = make_key(cloud, Scope.ADMIN, revoked=True)
    assert ask(cloud, f"Bearer {secret}") == DENIED


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "ub_x", "Basic dXNlcjpwYXNz", "Bearer a b",
     "Bearer a, Bearer b", "Bearer é", "Bearer unknown",
     "Bearer " + "k" * 129, "Bearer " + "k" * 100_000, "Bearer a\n"],
)  # fmt: skip
def test_anything_else_is_refused(cloud: Cloud, header: str | None) -> None:
    assert ask(cloud, header) == DENIED


def test_a_store_that_fails_lets_nobody_in_and_is_an_error(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise ConnectionError("the store is gone")

    secret, _ = make_key(cloud, Scope.ADMIN)
    monkeypatch.setattr(Dynamo, "get", fail)
    with pytest.raises(ConnectionError):
        ask(cloud, f"Bearer {secret}")


def test_no_secret_is_ever_logged(cloud: Cloud, logged: Logged) -> None:
    secret, key_id = make_key(cloud, Scope.ADMIN)
    ask(cloud, f"Bearer {secret}")
    ask(cloud, "Bearer unknown-secret")
    assert key_id in logged.text
    assert secret not in logged.text
    assert "unknown-secret" not in logged.text
