"""The bytes and metrics that tools/costs calculates with are what the functions write."""

import json
from uuid import UUID

import pytest

from tests.support.cloud import Cloud
from tests.support.lambdas import sample_event
from tests.support.logged import Logged
from tools.costs import counted

CUSTOMER = "0198f0c6-7c1e-7cc4-b4a6-0f3b2c1d4e5f"
# Lambda gives its trace to the environment, and Powertools writes it into every line.
TRACE = "Root=1-6a0f1c2d-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0"


@pytest.fixture(autouse=True)
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines be as long as on Lambda."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)


def event(number: int) -> dict[str, object]:
    """Make an event with a UUID for its id."""
    return {
        "id": str(UUID(int=number + 2**127)),
        "customerId": CUSTOMER,
        "productId": "api-calls",
        "units": 100,
    }


def is_about(written: int, calculated: int) -> bool:
    """Tell that a figure covers what was written, and by little."""
    return calculated * 0.9 <= written <= calculated


def test_recording(cloud: Cloud, logged: Logged) -> None:
    cloud.post("/users", {"id": CUSTOMER, "mode": "postpaid"})
    before = len(logged.text)
    single = cloud.post("/billing/usage", event(1))
    middle = len(logged.text)
    batch = cloud.post("/billing/usage/batch", {"events": [event(n) for n in range(2, 101)]})

    assert (single.status, batch.status) == (201, 200)
    assert is_about(middle - before, counted.FUNCTION_LOG_BYTES)
    assert len(logged.text) - middle <= counted.FUNCTION_LOG_BYTES
    assert is_about(len(single.text), counted.ANSWER_BYTES)
    assert is_about(len(batch.text), 99 * counted.BATCH_ANSWER_BYTES_PER_EVENT)


def test_runs(cloud: Cloud, logged: Logged, capsys: pytest.CaptureFixture[str]) -> None:
    def written() -> int:
        return len(logged.text) + len(capsys.readouterr().out)

    cloud.invoke("run_billing", sample_event("run_billing"))
    capsys.readouterr()
    lines = len(logged.text)

    cloud.invoke("run_billing", sample_event("run_billing"))
    of_run = written() - lines
    lines = len(logged.text)
    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    of_logs_run = written() - lines
    lines = len(logged.text)
    cloud.invoke("run_closing", sample_event("run_closing"))
    of_closing_run = written() - lines

    assert is_about(of_run, counted.RUN_LOG_BYTES)
    assert is_about(of_logs_run, counted.LOGS_RUN_LOG_BYTES)
    assert is_about(of_closing_run, counted.CLOSING_RUN_LOG_BYTES)


def metric_names(written: str) -> set[str]:
    """Tell the metrics in what functions wrote, in CloudWatch's embedded format."""
    return {
        metric["Name"]
        for line in map(json.loads, written.splitlines())
        for group in line.get("_aws", {}).get("CloudWatchMetrics", ())
        for metric in group["Metrics"]
    }


def test_idle_runs_write_no_metric(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """A metric is charged for each hour in which it is written, be it a zero."""
    capsys.readouterr()
    cloud.invoke("run_billing", sample_event("run_billing"))
    cloud.invoke("ingest_logs", sample_event("ingest_logs"))
    cloud.invoke("run_closing", sample_event("run_closing"))

    assert metric_names(capsys.readouterr().out) == set()


def test_a_run_that_bills_writes_what_happened(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.post("/users", {"id": CUSTOMER, "mode": "postpaid"})
    assert cloud.post("/billing/usage", event(1_000)).status == 201
    capsys.readouterr()
    cloud.invoke("run_billing", sample_event("run_billing"))

    written = metric_names(capsys.readouterr().out)
    assert written == {"TabsFound", "TabsSettled", "RecordsPaid"}
    # The one more is of tabs that are handed out.
    assert len(written) + 1 == counted.METRICS


def test_settling(cloud: Cloud, logged: Logged) -> None:
    body = json.dumps({"settle": [{"customerId": CUSTOMER, "shard": 0}]})
    message = sample_event("settle_tab")
    message["Records"] = [{**message["Records"][0], "body": body}]
    cloud.invoke("settle_tab", message)

    assert is_about(len(logged.text), counted.HANDED_OUT_LOG_BYTES)
