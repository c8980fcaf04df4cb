"""From a file in the bucket to answers over HTTP, through the functions as Lambda starts them."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from billing.services.paging import encode_cursor
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import ENVIRONMENT, sample_event
from tests.support.logs import line, put_log
from tests.support.metrics import metrics_in


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give all functions over tables and a bucket of their own."""
    with moto_cloud() as cloud:
        cloud.post("/users", {"id": "1", "mode": "postpaid"})
        yield cloud


def test_a_file_is_read_shown_and_billed(cloud: Cloud) -> None:
    put_log("incoming/a.json", [line(1, 1000), line("acme", -1), line("nobody", 1), line(1, 5)])

    answer = cloud.post("/jobs/process-logs", {})

    assert (answer.status, answer.json) == (
        200,
        {
            "filesFound": 1,
            "filesDone": 1,
            "filesFailed": 0,
            "lines": 4,
            "accepted": 2,
            "duplicate": 0,
            "conflict": 0,
            "rejected": 2,
            "remaining": 0,
        },
    )
    [file] = cloud.get("/logs/files").json["items"]
    assert (file["key"], file["state"], file["lines"]) == ("incoming/a.json", "done", 4)
    detail = cloud.get("/logs/files/{fileId}", fileId=file["id"]).json
    assert [(each["logLine"], each["units"]) for each in detail["usage"]["items"]] == [
        (1, 1000),
        (4, 5),
    ]
    assert detail["problems"] == {
        "items": [
            {"line": 2, "outcome": "rejected", "reason": "quantity: must be greater than 0"},
            {"line": 3, "outcome": "rejected", "reason": "Customer nobody not found"},
        ],
        "cursor": None,
    }
    assert cloud.post("/jobs/process-billing", {}).json["tabsSettled"] == 1
    assert cloud.get("/billing/balance/{customerId}", customerId="1").json["balanceCents"] == -1005
    [newest, _] = cloud.get("/logs").json["items"]
    assert (newest["logFileId"], newest["logLine"]) == (file["id"], 4)
    assert newest["billedAt"] is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("usageCursor", "nonsense"),
        ("problemsCursor", "nonsense"),
        ("problemsCursor", encode_cursor({"position": "x"})),
    ],
    ids=["usage", "problems", "no-line"],
)
def test_of_the_two_lists_of_a_file_the_one_whose_cursor_is_wrong_is_named(
    cloud: Cloud, name: str, text: str
) -> None:
    put_log("incoming/a.json", [line(1, 1)])
    cloud.post("/jobs/process-logs", {})
    file_id = cloud.get("/logs/files").json["items"][0]["id"]

    answer = cloud.get("/logs/files/{fileId}", {name: text}, fileId=file_id)

    message = "is not a cursor that this list gave"
    assert (answer.status, answer.json["detail"]) == (400, f"{name}: {message}")
    assert answer.json["errors"] == [{"field": name, "message": message}]


def test_lists_go_on_where_they_ended(cloud: Cloud) -> None:
    put_log("incoming/a.json", [line(1, n) for n in range(1, 4)] + [line(1, -n) for n in (1, 2)])
    cloud.post("/jobs/process-logs", {})
    file_id = cloud.get("/logs/files").json["items"][0]["id"]
    page = cloud.get("/logs/files/{fileId}", {"limit": "1"}, fileId=file_id).json

    behind = cloud.get(
        "/logs/files/{fileId}",
        {
            "limit": "2",
            "usageCursor": page["usage"]["cursor"],
            "problemsCursor": page["problems"]["cursor"],
        },
        fileId=file_id,
    ).json

    assert [each["logLine"] for each in behind["usage"]["items"]] == [2, 3]
    assert [each["line"] for each in behind["problems"]["items"]] == [5]
    assert (behind["usage"]["cursor"], behind["problems"]["cursor"]) == (None, None)
    for route in ("/logs", "/logs/user/{userId}"):
        first = cloud.get(route, {"limit": "2"}, userId="1").json
        rest = cloud.get(route, {"limit": "2", "cursor": first["cursor"]}, userId="1").json
        assert (len(first["items"]), len(rest["items"]), rest["cursor"]) == (2, 1, None)
        assert {each["units"] for each in first["items"] + rest["items"]} == {1, 2, 3}


def test_the_schedule_reads_files_and_counts_what_it_did(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    put_log("incoming/a.json", [line(1, 1), line(1, -1), line(1, 2, id="x"), line(1, 2, id="x")])
    boto3.client("s3", region_name="us-east-1").put_object(
        Bucket=ENVIRONMENT["LOGS_BUCKET"], Key="incoming/b.png", Body=b"\x89PNG\0"
    )
    capsys.readouterr()

    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    assert metrics_in(capsys.readouterr().out) == {"LogFilesFound": 2}
    cloud.read_log_files()

    counted = metrics_in(capsys.readouterr().out)
    assert counted == {
        "LogFilesDone": 1,
        "LogFilesFailed": 1,
        "LogFilesUnbilled": 2,
        "LogLinesAccepted": 2,
        "LogLinesDuplicate": 1,
        "LogLinesRejected": 1,
    }
    states = {file["key"]: file["state"] for file in cloud.get("/logs/files").json["items"]}
    assert states == {"incoming/a.json": "done", "incoming/b.png": "failed"}


def test_a_file_is_read_again_when_the_customer_of_a_line_is_there(cloud: Cloud) -> None:
    put_log("incoming/a.json", [line(1, 7), line("late", 5)])
    cloud.post("/jobs/process-logs", {})
    [before] = cloud.get("/logs/files").json["items"]
    cloud.post("/users", {"id": "late", "mode": "postpaid"})

    route = "/logs/files/{fileId}/reread"
    asked = cloud.post(route, {}, scopes="billing:write", fileId=before["id"])

    waiting = {**before, "state": "found", "startedAt": None, "finishedAt": None}
    assert (asked.status, asked.json) == (202, waiting)
    assert cloud.post(route, {}, fileId=before["id"]).json == waiting
    assert cloud.post("/jobs/process-logs", {}).json["accepted"] == 2
    detail = cloud.get("/logs/files/{fileId}", fileId=before["id"]).json
    assert (detail["state"], detail["accepted"], detail["rejected"]) == ("done", 2, 0)
    assert detail["problems"]["items"] == []
    cloud.post("/jobs/process-billing", {})
    for customer_id, cents in (("1", -7), ("late", -5)):
        balance = cloud.get("/billing/balance/{customerId}", customerId=customer_id).json
        assert balance["balanceCents"] == cents


def test_a_file_that_is_being_read_is_not_read_again(cloud: Cloud) -> None:
    put_log("incoming/a.json", [line(1, 7)])
    cloud.post("/jobs/process-logs", {})
    [file] = cloud.get("/logs/files").json["items"]
    known = cloud.books.stores.log_files.get(file["id"])
    assert known is not None
    begun = known.read_again(now=cloud.books.clock()).begin(now=cloud.books.clock())
    cloud.books.stores.log_files.change(known, begun)

    answer = cloud.post("/logs/files/{fileId}/reread", {}, fileId=file["id"])

    assert (answer.status, answer.json["code"]) == (409, "log_file_in_progress")


@pytest.mark.parametrize(
    ("file_id", "scopes", "status"),
    [
        ("0" * 32, "billing:write", 404),
        ("../x", "billing:write", 400),
        ("0" * 32, "billing:read", 403),
        ("0" * 32, None, 401),
    ],
    ids=["unknown", "no-id", "may-only-read", "no-key"],
)
def test_a_request_to_read_again_that_makes_no_sense_is_told(
    cloud: Cloud, file_id: str, scopes: str | None, status: int
) -> None:
    answer = cloud.post("/logs/files/{fileId}/reread", {}, scopes=scopes, fileId=file_id)
    assert answer.status == status


def test_all_jobs_read_bill_and_charge_in_one_request(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "poor"})
    cloud.post("/billing", {"userId": "poor", "amountCents": 50})
    put_log("incoming/a.json", [line(1, 7)])

    answer = cloud.post("/jobs/process-all", {})

    assert answer.status == 200
    assert answer.json["logs"]["accepted"] == 1
    assert answer.json["billing"]["tabsSettled"] == 1
    assert answer.json["retries"]["customersFound"] == 1
    assert cloud.get("/billing/balance/{customerId}", customerId="1").json["balanceCents"] == -7


def test_files_that_cannot_be_handed_out_keep_neither_billing_nor_retries_from_their_turn(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.post("/users", {"id": "able"})
    cloud.post("/billing", {"userId": "able", "amountCents": 50})
    cloud.books.lend(50, customer_id="able")
    usage = {"customerId": "1", "productId": "api-calls", "units": 7}
    assert cloud.post("/billing/usage", usage).status == 201
    put_log("incoming/a.json", [line(1, 1)])
    client = vars(cloud.functions["jobs"])["QUEUE"].client
    refuse: Any = lambda *_arguments, **_named: {"Failed": [{"Id": "0"}]}  # noqa: E731 - it stands for a method
    monkeypatch.setattr(type(client), "send_message_batch", refuse, raising=False)

    assert cloud.post("/jobs/process-all", {}).status == 503

    assert cloud.books.balance_cents("1") == -7
    assert cloud.books.balance_cents("able") == -50


def test_usage_of_a_suspended_customer_is_recorded(cloud: Cloud) -> None:
    cloud.post("/users/{userId}/suspend", {}, userId="1")
    put_log("incoming/a.json", [line(1, 7)])

    assert cloud.post("/jobs/process-logs", {}).json["accepted"] == 1


@pytest.mark.parametrize(
    ("route", "query", "path", "status"),
    [
        ("/logs/files/{fileId}", {}, {"fileId": "0" * 32}, 404),
        ("/logs/files/{fileId}", {}, {"fileId": "../x"}, 400),
        ("/logs/files/{fileId}", {"cursor": "x"}, {"fileId": "0" * 32}, 400),
        ("/logs/user/{userId}", {}, {"userId": "nobody"}, 404),
        ("/logs", {"limit": "101"}, {}, 400),
        ("/logs", {"cursor": "x"}, {}, 400),
        ("/logs/files", {"cursor": "eyJ4IjoxfQ"}, {}, 400),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_told(
    cloud: Cloud, route: str, query: dict[str, str], path: dict[str, str], status: int
) -> None:
    assert cloud.get(route, query, **path).status == status


def test_an_empty_bucket_is_no_fault(cloud: Cloud) -> None:
    assert cloud.post_text("/jobs/process-logs", None).json["filesFound"] == 0
