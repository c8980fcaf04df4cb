"""Billing as the schedule starts it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.domain.errors import UnavailableError
from billing.domain.tabs import TabRef
from billing.edge.reports import RunFailuresError
from billing.services.dunning import Dunning
from billing.services.rounds import LEASE_SECONDS
from billing.services.settle_tab import settle_tab
from tests.support.billing import USAGE, hold_lease, owe
from tests.support.clock import SettableMonotonic
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import sample_event
from tests.support.logged import Logged
from tests.support.metrics import metrics_in


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give each test a cloud of its own: these tests count what a run finds."""
    with moto_cloud() as cloud:
        yield cloud


def test_the_schedule_bills_what_was_used_and_counts_it(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cloud.post("/billing/usage", USAGE).status == 201
    capsys.readouterr()
    assert cloud.invoke("run_billing", sample_event("run_billing")) is None
    assert metrics_in(capsys.readouterr().out) == {
        "TabsFound": 1,
        "TabsSettled": 1,
        "RecordsPaid": 1,
    }
    assert cloud.books.balance_cents() == -3


def test_another_run_at_work_is_a_normal_end(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    hold_lease(cloud)
    run = vars(cloud.functions["run_billing"])
    waiting = SettableMonotonic()
    run["CONTAINER"] = replace(run["CONTAINER"], sleep=waiting.sleep)
    assert cloud.invoke("run_billing", sample_event("run_billing")) is None
    assert metrics_in(capsys.readouterr().out) == {"RunsSkipped": 1}
    assert sum(waiting.slept) == LEASE_SECONDS


def test_a_tab_that_fails_is_logged_and_raised_after_the_others_are_billed(
    cloud: Cloud,
    logged: Logged,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud.post("/users", {"id": "broken", "mode": "postpaid"})
    for customer_id in ("acme", "broken"):
        assert cloud.post("/billing/usage", {**USAGE, "customerId": customer_id}).status == 201

    def settle_all_but_one(ref: TabRef, **arguments: Any) -> Any:  # noqa: ANN401
        if ref.customer_id == "broken":
            raise UnavailableError("no luck")
        return settle_tab(ref, **arguments)

    monkeypatch.setattr("billing.services.work.settle_tab", settle_all_but_one)
    capsys.readouterr()
    with pytest.raises(RunFailuresError, match="1 of 2 tabs and customers failed"):
        cloud.invoke("run_billing", sample_event("run_billing"))
    counted = metrics_in(capsys.readouterr().out)
    assert (counted["TabsSettled"], counted["RunFailures"]) == (1, 1)
    [failure] = logged.errors
    assert "broken" in failure["subject"]
    assert "no luck" in failure["exception"]
    assert cloud.books.balance_cents("acme") == -3
    assert cloud.books.balance_cents("broken") == 0


def test_the_schedule_alarms_where_it_fails_at_a_customer(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(cloud, "broken")
    due = cloud.books.customer_now("broken").attention_at
    assert due is not None
    run = vars(cloud.functions["run_billing"])
    run["CONTAINER"] = replace(run["CONTAINER"], clock=lambda: due + timedelta(seconds=1))

    def fail(_dunning: Dunning, _customer_id: str) -> int:
        raise UnavailableError("no luck")

    monkeypatch.setattr(Dunning, "attend", fail)
    with pytest.raises(RunFailuresError, match="1 of 1 tabs and customers failed"):
        cloud.invoke("run_billing", sample_event("run_billing"))
