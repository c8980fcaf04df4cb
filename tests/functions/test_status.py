"""Who calls, as a key of any scope may ask."""

import pytest

from tests.support.cloud import Cloud
from tests.support.lambdas import http_event


@pytest.mark.parametrize("scopes", ["usage:write", "billing:read billing:write", "admin"])
def test_every_key_may_ask_whose_it_is(cloud: Cloud, scopes: str) -> None:
    answer = cloud.get("/me", scopes=scopes)

    assert answer.status == 200
    assert answer.json == {"keyId": "key-1", "name": "web server", "scopes": scopes.split()}


def test_who_has_no_key_is_told_so(cloud: Cloud) -> None:
    refused = cloud.get("/me", scopes=None)

    assert (refused.status, refused.json["code"]) == (401, "unauthenticated")


def test_a_key_that_was_looked_up_before_an_upgrade_has_no_name_yet(cloud: Cloud) -> None:
    event = http_event("GET /me")
    del event["requestContext"]["authorizer"]["lambda"]["keyName"]

    assert cloud.send(event).json["name"] is None


def test_a_parameter_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    refused = cloud.get("/me", {"verbose": "true"})

    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "verbose")
