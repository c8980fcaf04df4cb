"""Who may call: keys are listed without their secrets, and revoked by another key."""

import os
from collections.abc import Iterator

import pytest

from billing.domain.api_keys import ApiKey, Scope
from billing.edge.composition import utc_now
from billing.services.api_keys import SECRET_BYTES, create_api_key
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import HttpAnswer, sample_event


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give each test keys of its own."""
    with moto_cloud() as cloud:
        yield cloud


def make_key(cloud: Cloud, key_id: str, *scopes: Scope) -> tuple[str, ApiKey]:
    """Make a key, as who has AWS credentials does."""
    return create_api_key(
        key_id=key_id,
        name=f"name of {key_id}",
        scopes=scopes,
        random=os.urandom(SECRET_BYTES),
        stores=cloud.books.stores,
        clock=utc_now,
    )


def revoke(cloud: Cloud, key_id: str, scopes: str = "admin") -> HttpAnswer:
    """Revoke a key by the key `key-1`."""
    return cloud.post("/keys/{keyId}/revoke", {}, keyId=key_id, scopes=scopes)


def is_let_in(cloud: Cloud, secret: str) -> bool:
    """Ask the authorizer."""
    event = sample_event("authorizer")
    event["headers"]["authorization"] = f"Bearer {secret}"
    allowed: bool = cloud.invoke("authorizer", event)["isAuthorized"]
    return allowed


def test_keys_are_listed_newest_first_without_anything_secret(cloud: Cloud) -> None:
    _, first = make_key(cloud, "first", Scope.ADMIN)
    secret, second = make_key(cloud, "second", Scope.USAGE_WRITE, Scope.BILLING_READ)

    answer = cloud.get("/keys")

    assert [each["id"] for each in answer.json["items"]] == ["second", "first"]
    shown = answer.json["items"][0]
    assert shown.keys() == {"id", "name", "scopes", "createdAt", "revokedAt"}
    assert shown["scopes"] == ["billing:read", "usage:write"]
    assert shown["revokedAt"] is None
    for hidden in (secret, first.secret_sha256, second.secret_sha256):
        assert hidden not in answer.text


def test_a_revoked_key_opens_nothing_however_often_it_is_revoked(cloud: Cloud) -> None:
    secret, _ = make_key(cloud, "leaked", Scope.ADMIN)
    assert is_let_in(cloud, secret)

    once, again = revoke(cloud, "leaked"), revoke(cloud, "leaked")

    assert (once.status, again.status) == (200, 200)
    assert once.json == again.json
    assert once.json["revokedAt"] is not None
    assert not is_let_in(cloud, secret)
    [listed] = cloud.get("/keys").json["items"]
    assert listed == once.json


def test_the_key_that_asks_is_not_revoked(cloud: Cloud) -> None:
    secret, _ = make_key(cloud, "key-1", Scope.ADMIN)

    refused = revoke(cloud, "key-1")

    assert (refused.status, refused.json["code"]) == (409, "own_api_key")
    assert is_let_in(cloud, secret)


def test_a_key_that_never_was_is_not_found(cloud: Cloud) -> None:
    refused = revoke(cloud, "nobody")

    assert (refused.status, refused.json["code"]) == (404, "api_key_not_found")


@pytest.mark.parametrize("scopes", ["billing:write", "billing:read usage:write"])
def test_only_an_admin_sees_and_revokes_keys(cloud: Cloud, scopes: str) -> None:
    make_key(cloud, "other", Scope.ADMIN)

    for refused in (cloud.get("/keys", scopes=scopes), revoke(cloud, "other", scopes)):
        assert (refused.status, refused.json["code"]) == (403, "scope_missing")
