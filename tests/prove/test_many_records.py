"""A day of waiting minutes is paid in bounded steps, one after another, within minutes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from billing.domain.deadline import Deadline
from billing.domain.records import RecordStatus
from billing.services.dunning import RECORDS_PER_VISIT_MAX, VISIT_SECONDS
from billing.services.handing_out import do_handed_out
from billing.services.run_billing import BillingRun, RunReport
from billing.services.work import Biller
from tests.prove.flows import CUSTOMER, PREPAID, Process, World, new_world
from tests.prove.history import wrong_changes
from tests.prove.invariants import at_once, at_rest
from tests.support.clock import SettableMonotonic
from tests.support.queue import WorkQueueInMemory

RECORDS = 1_500
A_DAY_SECONDS = 86_400
CALL_SECONDS = 0.03

# What a request, and an invocation of the run or of the queue's function, have.
REQUEST_SECONDS = 24.5
INVOCATION_SECONDS = 50.5


@dataclass
class Slow:
    """A client each of whose calls takes its time."""

    client: object
    monotonic: SettableMonotonic = field(default_factory=SettableMonotonic)

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Give a call that takes its time."""
        call = getattr(self.client, name)

        def slow(**request: object) -> object:
            self.monotonic.sleep(CALL_SECONDS)
            return call(**request)

        return slow


@dataclass
class Shop:
    """A world in which a customer owes, with a queue."""

    world: World
    queue: WorkQueueInMemory = field(default_factory=WorkQueueInMemory)

    def process(self, name: str, seconds: float) -> Process:
        """Start an invocation of so many seconds, for which every call takes its time."""
        slow = Slow(self.world.client)
        process = self.world.process(name)
        process.client, process.monotonic = cast("Any", slow), slow.monotonic
        process.patience_seconds = seconds
        return process

    def statuses(self) -> list[RecordStatus]:
        """Tell what became of the records, oldest first."""
        records = self.world.setup.records(CUSTOMER)
        return [each.status for each in sorted(records, key=lambda record: record.created_at)]

    def run(self) -> RunReport:
        """Run a minute later, as the schedule does."""
        self.world.clock.advance(60)
        process = self.process("run", INVOCATION_SECONDS)
        deadline = Deadline.after(INVOCATION_SECONDS, process.monotonic)
        report = BillingRun(process.dunning, "run", deadline, self.queue).run()
        assert process.monotonic.seconds < INVOCATION_SECONDS
        return report

    def consume(self) -> float:
        """Do what is handed out until nothing is; returns the seconds that it took, all in turn."""
        seconds = 0.0
        while self.queue.messages:
            process = self.process("consumer", INVOCATION_SECONDS)
            done = do_handed_out(
                self.queue.take(), worker=Biller(process.dunning), queue=self.queue
            )
            assert (done.failures, done.come_back) == ((), ())
            seconds += process.monotonic.seconds
            self.world.clock.advance(process.monotonic.seconds)
        return seconds

    def assert_at_rest(self) -> None:
        """Check that everything is paid, in order, and that nobody waits."""
        store, tables = self.world.store, self.world.tables
        assert set(self.statuses()) == {RecordStatus.PAID}
        assert at_once(store, tables) == []
        assert at_rest(store, tables, now=self.world.now(), after_a_day=True) == []
        changes = [
            (table, change)
            for table in store.tables.values()
            for change in table.log[store.begun[table.name] :]
        ]
        assert wrong_changes(changes, store, tables) == []


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Give a prepaid customer without funds who owes a cent for each minute of a day."""
    monkeypatch.setattr("billing.services.dunning.RECORDS_PER_VISIT_MAX", RECORDS_PER_VISIT_MAX)
    world = new_world()
    setup = world.setup
    setup.customer(CUSTOMER, mode=PREPAID, retry_schedule_seconds=(A_DAY_SECONDS,))
    for _ in range(RECORDS):
        setup.charge(1, customer_id=CUSTOMER)
        world.clock.advance(1)
    world.store.mark()
    return Shop(world)


def top_up(shop: Shop) -> None:
    """Add what is owed, and check that the answer comes after one bounded step."""
    process = shop.process("top-up", REQUEST_SECONDS)
    process.credit(RECORDS, customer_id=CUSTOMER)
    assert process.monotonic.seconds < VISIT_SECONDS + 1
    paid = shop.statuses().count(RecordStatus.PAID)
    assert shop.statuses()[:paid] == [RecordStatus.PAID] * paid
    assert 0 < paid <= RECORDS_PER_VISIT_MAX


def test_a_top_up_is_answered_and_the_run_and_the_queue_pay_a_day_within_minutes(
    shop: Shop,
) -> None:
    top_up(shop)

    shop.run()
    assert shop.consume() < 5 * 60

    shop.run()
    shop.assert_at_rest()


def test_a_suspension_ends_when_a_day_of_waiting_minutes_is_paid(shop: Shop) -> None:
    shop.world.setup.run_workflows()
    assert shop.world.setup.customer_now(CUSTOMER).suspended_by is not None
    top_up(shop)

    shop.run()
    shop.consume()

    shop.run()
    shop.assert_at_rest()
    assert shop.world.setup.customer_now(CUSTOMER).suspended_by is None


def test_one_worker_at_a_time_goes_on_with_a_customer_whatever_the_runs_find(shop: Shop) -> None:
    """Each run would else hand the customer out once more while somebody goes on with them."""
    top_up(shop)
    shop.run()
    assert len(shop.queue.messages) == 1
    visits = 0
    while shop.queue.messages:
        process = shop.process("consumer", INVOCATION_SECONDS)
        do_handed_out(shop.queue.take(), worker=Biller(process.dunning), queue=shop.queue)
        shop.run()
        visits += 1
        assert len(shop.queue.messages) <= 1

    assert visits <= RECORDS / RECORDS_PER_VISIT_MAX
    shop.assert_at_rest()


def test_who_was_handed_on_and_lost_is_looked_at_after_the_grace(shop: Shop) -> None:
    top_up(shop)
    shop.run()
    shop.queue.messages.clear()

    handed_out = []
    for _ in range(3):
        shop.run()
        handed_out.append(len(shop.queue.messages))

    assert handed_out == [0, 0, 1]
    shop.consume()
    shop.run()
    shop.assert_at_rest()
