"""POST /logs/uploads: a form that takes one file under incoming/, up to a size and a time."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.domain.logfiles import FILE_BYTES_MAX
from billing.edge.composition import utc_now
from tests.support.cloud import Cloud
from tests.support.lambdas import ENVIRONMENT
from tests.support.logs import put_log

UPLOADS = "/logs/uploads"


def offer(cloud: Cloud, name: str) -> dict[str, Any]:
    """Ask for a form as who may record usage."""
    answer = cloud.post(UPLOADS, {"name": name}, scopes="usage:write")
    assert answer.status == 201, answer.text
    offered: dict[str, Any] = answer.json
    return offered


def conditions(offered: dict[str, Any]) -> list[Any]:
    """Read what a form is bound to."""
    policy: dict[str, Any] = json.loads(base64.b64decode(offered["fields"]["policy"]))
    found: list[Any] = policy["conditions"]
    return found


def test_a_form_takes_one_file_of_bounded_size_for_a_quarter_of_an_hour(cloud: Cloud) -> None:
    before = utc_now()
    offered = offer(cloud, "day.ndjson.gz")
    after = utc_now()

    assert offered["key"] == "incoming/day.ndjson.gz"
    assert offered["maxBytes"] == FILE_BYTES_MAX
    bound = conditions(offered)
    assert ["content-length-range", 1, FILE_BYTES_MAX] in bound
    assert {"bucket": ENVIRONMENT["LOGS_BUCKET"]} in bound
    assert {"key": "incoming/day.ndjson.gz"} in bound
    # So that the answer tells the ETag of what arrived.
    assert {"success_action_status": "201"} in bound
    assert offered["fields"]["success_action_status"] == "201"
    assert not [each for each in bound if isinstance(each, list) and each[0] == "starts-with"]
    policy = json.loads(base64.b64decode(offered["fields"]["policy"]))
    expires = datetime.fromisoformat(policy["expiration"])
    assert before < expires - timedelta(minutes=14) <= after + timedelta(minutes=1)
    assert datetime.fromisoformat(offered["expiresAt"]) <= expires + timedelta(seconds=1)


def test_a_form_is_sent_to_the_bucket_in_its_region_and_signed_by_version_4(cloud: Cloud) -> None:
    offered = offer(cloud, "day.json")

    assert offered["url"] == f"https://{ENVIRONMENT['LOGS_BUCKET']}.s3.eu-central-1.amazonaws.com/"
    assert offered["fields"]["x-amz-algorithm"] == "AWS4-HMAC-SHA256"
    assert offered["fields"].keys() >= {"key", "policy", "x-amz-signature", "x-amz-credential"}


def test_the_file_is_found_under_the_id_that_was_told(cloud: Cloud) -> None:
    offered = offer(cloud, "told.json")
    line = {"userId": "acme", "service": "api-calls", "quantity": 1}
    put_log(offered["key"], [line | {"timestamp": "2026-01-15T10:00:00Z"}])
    cloud.post("/jobs/process-logs", {})

    file = cloud.get("/logs/files/{fileId}", fileId=offered["fileId"])

    assert (file.status, file.json["accepted"]) == (200, 1)


@pytest.mark.parametrize(
    "name",
    ["", "../secret", "a/b", "/a", ".hidden", "a b", "ä", "${filename}", "a" * 129, 7, None],
    ids=["empty", "up", "folder", "root", "hidden", "blank", "letter", "variable", "long", "number",
         "null"],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_refused(cloud: Cloud, name: object) -> None:
    refused = cloud.post(UPLOADS, {"name": name})

    assert (refused.status, refused.json["errors"][0]["field"]) == (400, "name")


def test_nothing_else_is_taken(cloud: Cloud) -> None:
    for body in ({}, {"name": "a", "key": "other/a"}, {"name": "a", "maxBytes": 10**12}):
        assert cloud.post(UPLOADS, body).status == 400


def test_uploading_takes_the_scope_to_record_usage(cloud: Cloud) -> None:
    refused = cloud.post(UPLOADS, {"name": "a"}, scopes="billing:read billing:write")

    assert (refused.status, refused.json["code"]) == (403, "scope_missing")
