"""However much is due, runs hand all of it out in turn, and each comes to both kinds of work."""

from itertools import pairwise

import pytest

from billing.domain.tabs import TabRef
from billing.services.rounds import INLINE_MAX, MESSAGES_WAITING_MAX
from billing.services.run_billing import RunReport
from billing.storage.walks import PAGE_SIZE
from tests.prove.counting import Deployment

TABS = 150_000
CUSTOMERS = 10_000
EVERYTHING = TABS + CUSTOMERS

# A third of what a run has, so that it takes several.
SECONDS = 15.0


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Give a deployment with more to do than any run can."""
    deployment = Deployment(SECONDS)
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 16)
    monkeypatch.setattr("billing.services.work.do", deployment.do)
    deployment.add_tabs(TABS)
    deployment.add_customers(CUSTOMERS)
    return deployment


def check_remaining(deployment: Deployment, report: RunReport) -> None:
    """Check that a report tells truly whether something is left, and no more than is."""
    left = len(deployment.left)
    assert (report.remaining > 0) == (left > 0)
    assert report.remaining <= left


def test_all_of_it_is_handed_out_within_the_time_of_three_runs(deployment: Deployment) -> None:
    began = deployment.monotonic.seconds
    reports: list[RunReport] = []
    while not reports or reports[-1].remaining:
        reports.append(deployment.run())
        check_remaining(deployment, reports[-1])
        deployment.consume()

    assert len(reports) == 3
    assert deployment.monotonic.seconds - began < 3 * SECONDS
    assert sum(each.tabs_enqueued + each.tabs_settled for each in reports) == TABS
    assert len(deployment.handed_out) + len(deployment.done) == EVERYTHING
    assert deployment.left == set()


def test_a_run_never_holds_more_than_a_page(deployment: Deployment) -> None:
    deployment.run()

    assert 0 < deployment.read_ahead_max <= 2 * (INLINE_MAX + PAGE_SIZE)


def test_nothing_is_handed_out_again_before_everything_was_once(deployment: Deployment) -> None:
    """The messages were taken, and nobody has got to the end of any: all of it is still due."""
    reports: list[RunReport] = []
    while len(deployment.handed_out) < EVERYTHING:
        reports.append(deployment.run())
        assert reports[-1].customers_enqueued or len(reports) > 1
        deployment.messages.clear()

    tabs = [work for work in deployment.handed_out if isinstance(work, TabRef)]
    assert len(set(tabs[:TABS])) == TABS
    assert len({*deployment.handed_out, *deployment.done}) == EVERYTHING


def test_both_kinds_come_to_their_turn_in_every_run(deployment: Deployment) -> None:
    deployment.add_customers(TABS)
    for _ in range(3):
        report = deployment.run()
        deployment.consume()

        assert report.tabs_enqueued > 0.3 * report.customers_enqueued
        assert report.customers_enqueued > 0.3 * report.tabs_enqueued
        assert report.remaining > 0


def test_with_a_dead_consumer_the_run_itself_goes_on_in_turn(deployment: Deployment) -> None:
    deployment.messages = [(TabRef("somebody-else", 0),)] * MESSAGES_WAITING_MAX
    reports = []
    for _ in range(4):
        reports.append(deployment.run())
        check_remaining(deployment, reports[-1])

    assert deployment.handed_out == []
    assert len(set(deployment.done)) == len(deployment.done)
    for before, after in pairwise(reports):
        assert min(before.tabs_settled, after.tabs_settled) > INLINE_MAX
        assert min(before.customers_found, after.customers_found) > INLINE_MAX


def test_a_slow_consumer_is_given_the_next_part_when_it_has_done_the_one_before(
    deployment: Deployment,
) -> None:
    waiting = []
    while deployment.left:
        deployment.run()
        waiting.append(len(deployment.messages))
        deployment.consume(3_000)

    assert len(deployment.handed_out) == len(set(deployment.handed_out))
    assert max(waiting) < EVERYTHING / 10
    assert len(waiting) <= EVERYTHING / 10 / 3_000 + 3


def test_who_stays_due_is_charged_in_turn_however_often_it_is_asked_for(
    deployment: Deployment,
) -> None:
    """Whose dunning is on schedule is looked at, and stands in the index as before."""
    deployment.stays_due = True
    calls = 0
    while len(deployment.done) < CUSTOMERS:
        assert deployment.charge_everybody().remaining > 0
        calls += 1

    assert calls > 1
    assert len(set(deployment.done[:CUSTOMERS])) == CUSTOMERS
