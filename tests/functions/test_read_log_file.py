"""Log files as they are handed out through the queue, and what becomes of each message."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.domain.errors import UnavailableError
from billing.edge.aws.log_file_queue import write_message
from billing.edge.composition import utc_now
from billing.services.find_logs import OVERDUE_AFTER
from tests.support.cloud import Cloud, log_file_message, moto_cloud
from tests.support.lambdas import Context, sample_event
from tests.support.logged import Logged
from tests.support.logs import line, put_log
from tests.support.metrics import metrics_in


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give all functions over tables and a bucket of their own."""
    with moto_cloud() as cloud:
        cloud.post("/users", {"id": "1", "mode": "postpaid"})
        yield cloud


def test_a_reader_without_time_hands_its_file_on(cloud: Cloud) -> None:
    put_log("incoming/a.json", [line(1, 1)])
    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    [file] = cloud.get("/logs/files").json["items"]
    event = log_file_message(write_message(file["id"]))
    queue = vars(cloud.functions["read_log_file"])["QUEUE"]

    answer = cloud.invoke("read_log_file", event, Context(remaining_milliseconds=6000))

    assert answer == {"batchItemFailures": []}
    assert cloud.get("/logs").json["items"] == []
    assert queue.depth() == 2
    cloud.read_log_files()
    assert len(cloud.get("/logs").json["items"]) == 1
    assert queue.depth() == 0


def test_a_look_without_time_leaves_files_to_the_next(cloud: Cloud) -> None:
    put_log("incoming/a.json", [line(1, 1)])

    cloud.invoke("ingest_logs", sample_event("ingest_logs"), Context(remaining_milliseconds=1000))
    cloud.read_log_files()
    assert cloud.get("/logs/files").json["items"] == []

    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    cloud.read_log_files()
    assert len(cloud.get("/logs").json["items"]) == 1


@pytest.mark.parametrize(
    "error",
    [UnavailableError("The log files cannot be read just now"), RuntimeError("torn")],
    ids=["outage", "fault"],
)
def test_a_file_that_cannot_be_read_comes_back_alone_and_soon(
    cloud: Cloud, logged: Logged, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    put_log("incoming/a.json", [line(1, 1)])
    put_log("incoming/b.json", [line(1, 2)])
    reader = vars(cloud.functions["read_log_file"])
    storage, queue = type(reader["STORAGE"]), reader["QUEUE"]
    whole = storage.lines
    monkeypatch.setattr(storage, "lines", _failing_at("incoming/a.json", error, whole))

    answer = cloud.post("/jobs/process-logs", {})

    assert (answer.status, answer.json["filesDone"], answer.json["remaining"]) == (200, 1, 1)
    assert [each["units"] for each in cloud.get("/logs").json["items"]] == [2]
    assert {each["message"] for each in logged.errors} == {"A log file could not be dealt with"}
    assert queue.depth() == 1
    monkeypatch.setattr(storage, "lines", whole)
    again = queue.client.receive_message(QueueUrl=queue.url)
    assert "Messages" not in again
    # What moto hides is seen again when its time is over; here it is asked for at once.
    file_id = next(
        each["id"]
        for each in cloud.get("/logs/files").json["items"]
        if each["key"] == "incoming/a.json"
    )
    assert cloud.invoke("read_log_file", log_file_message(write_message(file_id))) == {
        "batchItemFailures": []
    }
    assert len(cloud.get("/logs").json["items"]) == 2


def test_what_fails_again_and_again_is_tried_later_each_time(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    queue = vars(cloud.functions["read_log_file"])["QUEUE"]
    monkeypatch.setattr(
        type(queue.client),
        "change_message_visibility",
        lambda _client, **wanted: asked.append(wanted["VisibilityTimeout"]),
        raising=False,
    )

    for receives in range(1, 7):
        event = log_file_message(write_message("0" * 32), receives=receives)
        [failure] = cloud.invoke("read_log_file", event)["batchItemFailures"]
        assert failure == {"itemIdentifier": event["Records"][0]["messageId"]}

    assert asked == [60, 120, 240, 480, 960, 960]


@pytest.mark.parametrize("body", ["{", "{}", '{"fileId": "no id"}', '{"fileId": 1}', "[]"])
def test_a_message_that_makes_no_sense_fails(cloud: Cloud, body: str) -> None:
    queue = vars(cloud.functions["read_log_file"])["QUEUE"]
    queue.client.send_message(QueueUrl=queue.url, MessageBody=body)

    cloud.read_log_files()

    assert queue.depth() == 1


def test_a_file_of_unbilled_lines_is_told_also_where_its_message_comes_twice(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its reader may have died when the file was read and the metric not written."""
    put_log("incoming/a.json", [line("nobody", 1)])
    cloud.post("/jobs/process-logs", {})
    [file] = cloud.get("/logs/files").json["items"]
    capsys.readouterr()

    cloud.invoke("read_log_file", log_file_message(write_message(file["id"])))

    assert metrics_in(capsys.readouterr().out) == {"LogFilesUnbilled": 1}


def test_files_that_nobody_reads_are_told_as_unbilled(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    put_log("incoming/a.json", [line(1, 1)])
    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    finder = vars(cloud.functions["ingest_logs"])
    finder["CONTAINER"] = replace(
        finder["CONTAINER"], clock=lambda: utc_now() + OVERDUE_AFTER + timedelta(minutes=1)
    )
    capsys.readouterr()

    cloud.invoke("ingest_logs", sample_event("ingest_logs"))

    assert metrics_in(capsys.readouterr().out) == {"LogFilesWaiting": 1, "LogFilesUnbilled": 1}


def test_a_queue_that_takes_nothing_is_an_outage_and_the_next_run_hands_out(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_log("incoming/a.json", [line(1, 1)])
    queue = vars(cloud.functions["jobs"])["QUEUE"]
    with monkeypatch.context() as refusing:
        refusing.setattr(
            type(queue.client),
            "send_message_batch",
            lambda *_arguments, **_named: {"Failed": [{"Id": "0"}]},
            raising=False,
        )
        answer = cloud.post("/jobs/process-logs", {})
        assert (answer.status, answer.json["code"]) == (503, "unavailable")

    assert cloud.post("/jobs/process-logs", {}).json["filesDone"] == 1


def _failing_at(key: str, error: Exception, lines: Callable[..., Any]) -> Callable[..., Any]:
    def failing(storage: object, file: Any, **more: Any) -> Any:  # noqa: ANN401 - stands in for any method
        if file.stored.key == key:
            raise error
        return lines(storage, file, **more)

    return failing
