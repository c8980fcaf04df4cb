"""Runs and visits that are killed in the middle of a step: the next ones go on."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.records import RecordStatus
from billing.domain.tabs import OpenTab, TabRef
from billing.services.handing_out import do_handed_out
from billing.services.rounds import LEASE_SECONDS
from billing.services.run_billing import BillingRun, RunReport
from billing.services.work import Biller
from tests.support.books import Books
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    Call,
    Fault,
    Faults,
    ProcessKilledError,
    die_at,
    on,
)
from tests.support.queue import WorkQueueInMemory

type OpenBooks = Callable[[], AbstractContextManager[Books]]

NAMES = ("one", "two", "three", "four", "five")
KILLS = pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run read two tabs at a time and hand out more than one, and a visit charge two."""
    monkeypatch.setattr("billing.services.retrying.WORKERS", 1)
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 2)
    monkeypatch.setattr("billing.storage.walks.PAGE_SIZE", 2)
    monkeypatch.setattr("billing.services.rounds.INLINE_MAX", 1)
    monkeypatch.setattr("billing.services.dunning.RECORDS_PER_VISIT_MAX", 2)


def use(books: Books) -> None:
    """Begin with five customers who have something to bill."""
    books.product("api-calls", "1")
    for name in NAMES:
        books.customer(name)
        books.use(7, customer_id=name)


def run(books: Books, queue: WorkQueueInMemory, owner: str) -> RunReport:
    """Run as the schedule does, when the lease of a run that was killed has run out."""
    books.clock.advance(LEASE_SECONDS)
    return BillingRun(books.dunning, owner, books.deadline(), queue).run()


def consume(books: Books, queue: WorkQueueInMemory) -> None:
    """Do what is handed out until nothing is."""
    while queue.messages:
        done = do_handed_out(queue.take(), worker=Biller(books.dunning), queue=queue)
        assert (done.failures, done.come_back) == ((), ())


def assert_billed_once(books: Books) -> None:
    """Check that everything used was billed, once."""
    assert books.dirty_tabs() == set()
    for name in NAMES:
        assert books.balance_cents(name) == -7
        books.assert_sound(name)


@KILLS
def test_a_run_that_hands_out_and_is_killed_at_any_call_is_gone_on_with(
    open_books: OpenBooks, kill: Fault
) -> None:
    with open_books() as books:
        use(books)
        queue = WorkQueueInMemory()
        calls = Faults(books.client).count(lambda: run(books, queue, "whole"))
        assert len(queue.works) > 1
        consume(books, queue)
        assert_billed_once(books)

    for number in range(1, calls + 1):
        with open_books() as books:
            use(books)
            queue = WorkQueueInMemory()
            plan = die_at(number, kill)
            with Faults(books.client).planned(plan), pytest.raises(ProcessKilledError):
                run(books, queue, "killed")
            run(books, queue, "next")
            consume(books, queue)

            assert_billed_once(books)


def test_what_was_handed_out_before_the_position_moved_is_handed_out_once_more(
    books: Books, faults: Faults
) -> None:
    use(books)
    queue = WorkQueueInMemory()

    def before_it_is_noted(call: Call) -> Fault | None:
        return KILLED_BEFORE if call.operation == "UpdateItem" and queue.messages else None

    with faults.planned(before_it_is_noted), pytest.raises(ProcessKilledError):
        run(books, queue, "killed")
    handed_out = queue.works
    assert len(handed_out) > 1

    report = run(books, queue, "next")

    assert report.tabs_enqueued + report.tabs_settled == len(NAMES)
    assert queue.works[: 2 * len(handed_out)] == handed_out * 2
    consume(books, queue)
    assert_billed_once(books)


def owe_with_money(books: Books) -> None:
    """Begin with a customer whom dunning suspended, and whose money a credit that died left."""
    books.customer("poor", mode=Mode.PREPAID, retry_schedule_seconds=(1,))
    for _ in range(5):
        books.clock.advance(1)
        books.charge(1, customer_id="poor")
        books.run_workflows()
    with (
        Faults(books.client).planned(on("TransactWriteItems", KILLED_AFTER)),
        pytest.raises(ProcessKilledError),
    ):
        books.credit(100, customer_id="poor")


def visit(books: Books, queue: WorkQueueInMemory) -> None:
    """Make one visit, as the queue's function does."""
    do_handed_out({"message": ("poor",)}, worker=Biller(books.dunning), queue=queue)


@KILLS
@pytest.mark.parametrize("lost", [True, False], ids=["message-lost", "message-back"])
def test_a_visit_killed_at_any_call_is_gone_on_with_by_the_next_runs(
    open_books: OpenBooks, kill: Fault, *, lost: bool
) -> None:
    with open_books() as books:
        owe_with_money(books)
        queue = WorkQueueInMemory()
        calls = Faults(books.client).count(lambda: visit(books, queue))
        assert queue.works == ["poor"]

    for number in range(1, calls + 1):
        with open_books() as books:
            owe_with_money(books)
            queue = WorkQueueInMemory()
            plan = die_at(number, kill)
            with Faults(books.client).planned(plan), pytest.raises(ProcessKilledError):
                visit(books, queue)
            if not lost:
                visit(books, queue)
            for minute in range(4):
                consume(books, queue)
                books.clock.advance(60)
                run(books, queue, f"run-{minute}")
            consume(books, queue)

            assert {record.status for record in books.records("poor")} == {RecordStatus.PAID}
            customer = books.customer_now("poor")
            assert (customer.status, customer.attention_at) == (Status.ACTIVE, None)
            assert books.balance_cents("poor") == 95
            books.assert_sound("poor")


def hold_two_tabs(books: Books) -> None:
    """Begin with a customer whom dunning suspended, with two tabs that are held, and with money."""
    books.product("api-calls", "1")
    books.customer("poor", mode=Mode.PREPAID, retry_schedule_seconds=(1,))
    books.charge(1, customer_id="poor")
    books.run_workflows()
    other = TabRef("poor", 3)
    assert books.stores.tabs.make_shard(other)
    books.use(7, customer_id="poor")
    books.tab_numbers.remember(OpenTab(other, 1), now=books.clock())
    books.use(5, customer_id="poor")
    books.bill()
    assert len(books.stores.tabs.held("poor")) == 2
    books.credit(100, customer_id="poor")


@KILLS
def test_a_run_killed_while_it_releases_what_was_held_leaves_no_tab_behind(
    open_books: OpenBooks, kill: Fault
) -> None:
    def release(books: Books, owner: str) -> None:
        books.clock.advance(LEASE_SECONDS)
        BillingRun(books.dunning, owner, books.deadline()).run()

    with open_books() as books:
        hold_two_tabs(books)
        calls = Faults(books.client).count(lambda: release(books, "whole"))

    for number in range(1, calls + 1):
        with open_books() as books:
            hold_two_tabs(books)
            plan = die_at(number, kill)
            with Faults(books.client).planned(plan), pytest.raises(ProcessKilledError):
                release(books, "killed")
            for minute in range(3):
                release(books, f"run-{minute}")

            assert books.stores.tabs.held("poor") == []
            assert books.dirty_tabs() == set()
            assert books.balance_cents("poor") == 100 - 1 - 7 - 5
            assert books.customer_now("poor").attention_at is None
            books.assert_sound("poor")
