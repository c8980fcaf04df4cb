"""How far a run comes: faults of one customer, time, and more tabs than it holds."""

from collections.abc import Sequence

import pytest

from billing.domain.errors import UnavailableError
from billing.domain.tabs import TabRef
from billing.services.rounds import MESSAGES_WAITING_MAX
from billing.services.run_billing import RunReport
from billing.services.work import Work
from tests.services.billing_run.running import consume, dirty, mark_dirty, run
from tests.support.books import Books
from tests.support.faults import (
    CONFLICT,
    Faults,
    always,
    meanwhile,
    on,
)
from tests.support.queue import WorkQueueInMemory


def poison(books: Books, customer_id: str) -> None:
    """Spoil a tab, so that nothing can be made of it."""
    books.client.update_item(
        TableName=books.tables.accounts,
        Key={"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": "TAB#00"}},
        UpdateExpression="SET #lines = :m",
        ExpressionAttributeNames={"#lines": "lines"},
        ExpressionAttributeValues={":m": {"M": {"spoiled": {"S": "no number"}}}},
    )


def test_a_spoiled_tab_keeps_no_other_from_being_billed(books: Books) -> None:
    for name in ("bad", "good-1", "good-2"):
        books.customer(name)
        books.use(5, customer_id=name)
    poison(books, "bad")

    for _ in range(2):
        report = run(books)
        assert [failure.subject for failure in report.failures] == [str(TabRef("bad", 0))]
        assert report.failed == 1
        books.use(5, customer_id="good-1")

    assert books.balance_cents("good-1") == -10
    assert books.balance_cents("good-2") == -5
    assert books.balance_cents("bad") == 0
    assert TabRef("bad", 0) in dirty(books)


def test_a_wallet_in_everybodys_hands_fails_its_tab_and_is_billed_by_the_next_run(
    books: Books, faults: Faults
) -> None:
    books.use(5)
    with faults.planned(always(CONFLICT, operation="TransactWriteItems")):
        report = run(books)
    assert (report.failed, report.records_paid) == (1, 0)

    assert run(books).records_paid == 1
    assert books.balance_cents() == -5
    books.assert_sound()


def test_what_is_not_reached_in_time_remains_for_the_next_run(books: Books) -> None:
    for number in range(3):
        books.customer(f"c{number}")
        books.use(1, customer_id=f"c{number}")
    no_time = books.deadline().sooner(books.patience_seconds)

    report = run(books, deadline=no_time)

    assert report == RunReport(remaining=report.remaining)
    assert 0 < report.remaining <= 3
    assert run(books).tabs_settled == 3


def test_a_run_stops_in_the_middle_when_its_time_is_over(books: Books, faults: Faults) -> None:
    for number in range(20):
        books.customer(f"c{number:02d}")
        books.use(1, customer_id=f"c{number:02d}")
    time_passes = meanwhile(lambda: books.monotonic.sleep(books.patience_seconds))

    with faults.planned(on("TransactWriteItems", time_passes, occurrence=3)):
        report = run(books)

    assert 0 < report.tabs_settled < report.tabs_found
    assert 0 < report.remaining <= 20 - report.tabs_settled
    assert run(books).tabs_settled == 20 - report.tabs_settled
    assert sum(books.balance_cents(f"c{number:02d}") for number in range(20)) == -20


@pytest.fixture
def many(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """Give one dirty tab more than a run settles itself."""
    monkeypatch.setattr("billing.services.rounds.INLINE_MAX", 3)
    for number in range(4):
        books.customer(f"c{number}")
        books.use(number + 1, customer_id=f"c{number}")
    return books


def test_a_page_of_tabs_is_settled_in_the_run_itself(books: Books) -> None:
    queue = WorkQueueInMemory()
    books.use(1)

    assert run(books, queue=queue).tabs_settled == 1
    assert queue.messages == []


def test_more_tabs_are_handed_out_and_settled_once_however_often_they_come(many: Books) -> None:
    queue = WorkQueueInMemory()

    report = run(many, queue=queue)

    assert report == RunReport(tabs_found=4, tabs_enqueued=4)
    assert sum(many.balance_cents(f"c{n}") for n in range(4)) == 0
    # SQS delivers at least once.
    queue.messages *= 2
    assert consume(many, queue).failures == ()
    assert [many.balance_cents(f"c{n}") for n in range(4)] == [-1, -2, -3, -4]
    assert (dirty(many), queue.messages) == (set(), [])
    for number in range(4):
        many.assert_sound(f"c{number}")


def test_a_slow_consumer_is_not_buried_and_the_run_goes_on_by_itself(many: Books) -> None:
    queue = WorkQueueInMemory([(TabRef("somebody-else", 0),)] * MESSAGES_WAITING_MAX)

    report = run(many, queue=queue)

    assert report == RunReport(tabs_found=4, tabs_settled=4, records_paid=4)
    assert len(queue.messages) == MESSAGES_WAITING_MAX


def test_a_message_that_fails_again_and_again_stops_nothing(many: Books) -> None:
    """It is hidden between its tries, and does not count as one that nobody takes."""
    poison(many, "c0")
    queue = WorkQueueInMemory()
    for _ in range(3):
        run(many, queue=queue)
        consume(many, queue)
        many.use(1, customer_id="c1")

    assert many.balance_cents("c1") == -2 - 1 - 1
    assert TabRef("c0", 0) in dirty(many)


def test_tabs_that_the_queue_lost_are_handed_out_again(many: Books) -> None:
    queue = WorkQueueInMemory()
    run(many, queue=queue)
    queue.messages.clear()

    assert run(many, queue=queue).tabs_enqueued == 4


class BrokenQueue(WorkQueueInMemory):
    """A queue that takes nothing."""

    def send(self, _works: Sequence[Work]) -> None:
        """Refuse."""
        raise UnavailableError("no queue")


def test_a_queue_that_fails_is_told_and_keeps_nobody_from_being_billed(many: Books) -> None:
    report = run(many, queue=BrokenQueue())

    assert [failure.subject for failure in report.failures] == ["queue"]
    assert (report.tabs_settled, report.tabs_enqueued, report.remaining) == (4, 0, 0)


def test_without_a_queue_all_is_settled_here(many: Books) -> None:
    assert run(many, queue=None).tabs_settled == 4


def test_a_bad_tab_comes_back_alone_and_is_then_reported(many: Books) -> None:
    poison(many, "c0")
    queue = WorkQueueInMemory([tuple(TabRef(f"c{number}", 0) for number in range(4))])

    first = consume(many, queue)

    assert [many.balance_cents(f"c{n}") for n in range(4)] == [0, -2, -3, -4]
    assert ([failure.subject for failure in first.failures], first.come_back) == (
        [str(TabRef("c0", 0))],
        (),
    )
    assert queue.messages == [(TabRef("c0", 0),)]
    assert consume(many, queue).come_back == ("message-0",)
    assert queue.messages == []


def test_what_was_not_begun_in_time_is_handed_out_again(many: Books) -> None:
    works = tuple(TabRef(f"c{number}", 0) for number in range(4))
    queue = WorkQueueInMemory([works])
    many.patience_seconds = 0.0

    done = consume(many, queue)

    assert (done.outcomes, done.come_back) == ([], ())
    assert queue.messages == [works]


def test_messages_come_back_where_the_rest_cannot_be_handed_out_again(many: Books) -> None:
    queue = BrokenQueue([(TabRef("c1", 0),), (TabRef("c2", 0),)])

    done = consume(many, queue)

    assert [failure.subject for failure in done.failures] == ["queue"]
    assert done.come_back == ("message-0", "message-1")
    assert (many.balance_cents("c1"), many.balance_cents("c2")) == (-2, -3)


@pytest.mark.on_dynamodb_local
def test_all_partitions_and_pages_of_the_dirty_index_are_read(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.walks.PAGE_SIZE", 2)
    names = {f"ghost-{number}" for number in range(80)}
    for name in names:
        mark_dirty(books, name)

    assert {tab.customer_id for tab in dirty(books)} == names
