"""Billing and retries as an operator starts them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.domain.errors import RunInProgressError, UnavailableError
from billing.domain.runs import Job
from billing.edge.composition import utc_now
from billing.services.dunning import Dunning, Visit
from billing.services.jobs import WAITS_MAX
from billing.services.rounds import LEASE_SECONDS
from billing.services.run_billing import BillingRun, RunReport
from tests.support.billing import USAGE, hold_lease, owe
from tests.support.clock import SettableMonotonic
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import Context, http_event
from tests.support.logged import Logged
from tests.support.metrics import metrics_in


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give each test a cloud of its own: these tests count what a run finds."""
    with moto_cloud() as cloud:
        yield cloud


def test_a_job_bills_at_once(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.post("/billing/usage", USAGE)
    capsys.readouterr()
    answer = cloud.send(http_event("POST /jobs/process-billing"))
    assert answer.status == 200
    assert answer.json == {
        "tabsFound": 1,
        "tabsSettled": 1,
        "customersFound": 0,
        "recordsPaid": 1,
        "recordsUnpaid": 0,
        "failed": 0,
        "remaining": 0,
    }
    assert metrics_in(capsys.readouterr().out)["RecordsPaid"] == 1
    assert cloud.books.balance_cents() == -3


def test_a_job_waits_a_few_seconds_for_the_run_at_work_and_then_says_when_to_ask_again(
    cloud: Cloud,
) -> None:
    hold_lease(cloud)
    waiting = wait_with(cloud, SettableMonotonic())
    answer = cloud.send(http_event("POST /jobs/process-billing"))
    assert (answer.status, answer.json["code"]) == (409, "run_in_progress")
    assert answer.headers["Retry-After"] == "5"
    assert waiting.slept == [1.0] * WAITS_MAX


def test_a_job_begins_when_the_run_at_work_has_ended(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = iter([True, True, False])

    def run(_run: BillingRun) -> RunReport:
        if next(busy):
            raise RunInProgressError
        return RunReport()

    monkeypatch.setattr(BillingRun, "run", run)
    waiting = wait_with(cloud, SettableMonotonic())
    assert cloud.send(http_event("POST /jobs/process-billing")).status == 200
    assert waiting.slept == [1.0, 1.0]


def wait_with(cloud: Cloud, monotonic: SettableMonotonic) -> SettableMonotonic:
    """Let the jobs function wait by moving a clock on."""
    jobs = vars(cloud.functions["jobs"])
    jobs["CONTAINER"] = replace(jobs["CONTAINER"], sleep=monotonic.sleep)
    return monotonic


@pytest.mark.parametrize(
    ("body", "status"), [(None, 200), ("", 200), ("{}", 200), ('{"limit": 5}', 400), ("[]", 400)]
)
def test_a_job_takes_no_fields(cloud: Cloud, body: str | None, status: int) -> None:
    assert cloud.post_text("/jobs/process-billing", body).status == status


def test_a_job_without_time_leaves_the_tabs_to_the_next_run(cloud: Cloud) -> None:
    cloud.post("/billing/usage", USAGE)
    answer = cloud.send(http_event("POST /jobs/process-billing"), Context(1_000))
    assert (answer.json["tabsFound"], answer.json["remaining"]) == (0, 1)
    assert cloud.send(http_event("POST /jobs/process-billing")).json["tabsSettled"] == 1


def retry_all(cloud: Cloud, context: Context | None = None) -> Any:  # noqa: ANN401
    """Start the job that charges everybody who owes."""
    answer = cloud.send(http_event("POST /jobs/process-retries"), context)
    assert answer.status == 200
    return answer.json


def test_a_job_says_what_it_could_not_charge(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "poor"})
    for customer_id in ("acme", "poor"):
        cloud.post("/billing/usage", {**USAGE, "customerId": customer_id})
    answer = cloud.send(http_event("POST /jobs/process-billing"))
    assert answer.json == {
        "tabsFound": 2,
        "tabsSettled": 2,
        "customersFound": 0,
        "recordsPaid": 1,
        "recordsUnpaid": 1,
        "failed": 0,
        "remaining": 0,
    }


def test_retries_charge_whoever_can_pay_now_and_count_as_no_attempt(cloud: Cloud) -> None:
    owe(cloud, "able", "poor")
    cloud.books.lend(100, customer_id="able")
    counts = {"customersFound": 2, "recordsPaid": 1, "failed": 0, "remaining": 0}
    assert retry_all(cloud) == counts
    assert cloud.books.balance_cents("able") == -100
    [owed] = cloud.books.records("poor")
    assert [attempt.number for attempt in owed.attempts] == [0]
    # Who has paid is no longer looked at.
    assert retry_all(cloud) == {**counts, "customersFound": 1, "recordsPaid": 0}


def test_retries_without_time_leave_the_customers_to_the_next_run(cloud: Cloud) -> None:
    owe(cloud, "one", "two")
    late = retry_all(cloud, Context(1_000))
    assert (late["customersFound"], late["recordsPaid"], late["failed"]) == (0, 0, 0)
    assert 1 <= late["remaining"] <= 2
    assert retry_all(cloud)["customersFound"] == 2


def test_a_customer_at_whom_retries_fail_is_counted_and_logged(
    cloud: Cloud, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(cloud, "able", "broken")
    cloud.books.lend(100, customer_id="able")

    attend = Dunning.attend

    def attend_all_but_one(dunning: Dunning, customer_id: str) -> Visit:
        if customer_id == "broken":
            raise UnavailableError("no luck")
        return attend(dunning, customer_id)

    monkeypatch.setattr(Dunning, "attend", attend_all_but_one)
    counts = {"customersFound": 2, "recordsPaid": 1, "failed": 1, "remaining": 0}
    assert retry_all(cloud) == counts
    [failure] = logged.errors
    assert failure["subject"] == "broken"
    assert "no luck" in failure["exception"]


def test_the_lease_of_a_run_that_died_runs_out(cloud: Cloud) -> None:
    stores = cloud.books.stores
    long_ago = utc_now() - timedelta(seconds=LEASE_SECONDS + 1)
    taken = stores.leases.take(Job.BILLING, "dead", now=long_ago, seconds=LEASE_SECONDS)
    assert taken is not None
    assert cloud.send(http_event("POST /jobs/process-billing")).status == 200
