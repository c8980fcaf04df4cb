"""Where schedules begin, and the flows that make sense there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.prove.flows import CUSTOMER, POSTPAID, PREPAID, Process, World
from tests.support.prices import GRADUATED, VOLUME

# One retry, so that a dunning comes to its end in two steps.
SCHEDULE = (1,)

PRICE = "1.5"

# Who adds to the same reports.
OTHER = "globex"

# A product that counts by the month: falling at a bound, and from February on with a fee.
IMAGES = "images"
MONTH_END = datetime(2026, 2, 1, tzinfo=UTC)
LATE = MONTH_END - timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Story:
    """A beginning, and the names of the flows that make sense there."""

    name: str
    prepare: Callable[[World, Process], None]
    flows: tuple[str, ...]


def _a_customer(setup: Process, *, prepaid: bool = True) -> None:
    setup.product("api-calls", PRICE)
    mode = PREPAID if prepaid else POSTPAID
    setup.customer(CUSTOMER, mode=mode, retry_schedule_seconds=SCHEDULE)


def _postpaid(_world: World, setup: Process) -> None:
    _a_customer(setup, prepaid=False)
    setup.meter(7)


def _funded(_world: World, setup: Process) -> None:
    _a_customer(setup)
    setup.credit(100, key="funds")
    setup.meter(7)


def _sealed(world: World, setup: Process) -> None:
    _funded(world, setup)
    setup.seal()
    world.clock.advance(1)
    setup.meter(2)


def _empty(_world: World, setup: Process) -> None:
    _a_customer(setup)


def _broke(_world: World, setup: Process) -> None:
    _a_customer(setup)
    setup.meter(7)


def _wrong(world: World, setup: Process) -> None:
    """Begin where usage that should not have been was billed, and is not covered."""
    _broke(world, setup)
    setup.settle()


def _in_dunning(world: World, setup: Process) -> None:
    _a_customer(setup)
    setup.charge(40)
    world.clock.advance(1)
    setup.charge(3)
    world.clock.advance(1)
    setup.meter(7)


def _crashed(world: World, setup: Process) -> None:
    """Begin where a fault ended the execution of the workflow, and the run is yet to notice."""
    _in_dunning(world, setup)
    world.workflow.crash()
    world.clock.advance(120)


def _exhausted(world: World, setup: Process) -> None:
    _in_dunning(world, setup)
    setup.attempt(world.workflow.next_to_wake())


def _failed(world: World, setup: Process) -> None:
    _a_customer(setup)
    setup.charge(50)
    setup.run_workflows()
    world.clock.advance(1)
    setup.charge(3)
    setup.credit(10, key="too-little")
    setup.meter(7)


def _crowded(world: World, setup: Process) -> None:
    _a_customer(setup)
    setup.charge(20)
    setup.run_workflows()
    for _ in range(3):
        world.clock.advance(1)
        setup.charge(3)


def _called(world: World, setup: Process) -> None:
    """Begin where a credit came and its visit has yet to be made."""
    _failed(world, setup)
    world.interrupt(lambda process: process.credit(5, key="half-done"))


def _held(world: World, setup: Process) -> None:
    """Begin where a run has left the tab open, because nobody can be charged for it."""
    _failed(world, setup)
    world.clock.advance(60)
    setup.run()


def _overdue(world: World, setup: Process) -> None:
    """Begin where the tab was left open for longer than it may be."""
    _held(world, setup)
    world.clock.advance(25 * 60 * 60)


def _rescued(world: World, setup: Process) -> None:
    """Begin where enough money came, and its visit has yet to be made."""
    _failed(world, setup)
    world.interrupt(lambda process: process.credit(200, key="half-done"))


def _lagging(world: World, setup: Process) -> None:
    """Begin where the index may not show yet what came after a record that failed: a small tab, and
    a charge that is larger than any money here.

    Nobody charges more here: while the index does not show an older record, a younger one may be
    paid before it, as docs/correctness.md says.
    """
    _a_customer(setup)
    setup.charge(2)
    setup.run_workflows()
    setup.meter(2)
    world.clock.advance(25 * 60 * 60)
    world.store.mark_as_new()
    setup.settle()
    world.clock.advance(1)
    setup.charge(300)
    world.clock.advance(1)


def _paused(world: World, setup: Process) -> None:
    """Begin where an operator suspended a customer who has money and owes nothing."""
    _a_customer(setup)
    setup.credit(20, key="funds")
    setup.suspend()
    world.clock.advance(1)


def _stopped(world: World, setup: Process) -> None:
    _paused(world, setup)
    setup.charge(5)
    setup.meter(7)


def _counted(_world: World, setup: Process) -> None:
    """Begin with usage of a month on two shards, of which some is billed."""
    _a_customer(setup, prepaid=False)
    setup.product(IMAGES, VOLUME)
    setup.meter(4, product_id=IMAGES)
    setup.settle()
    setup.meter(5, product_id=IMAGES)
    setup.move_to(1)
    setup.meter(3, product_id=IMAGES)


def _month_end(world: World, setup: Process) -> None:
    """Begin where a month has ended, and a price begun, while a tab is open and another sealed."""
    _a_customer(setup, prepaid=False)
    setup.product(IMAGES, VOLUME)
    setup.reprice(IMAGES, GRADUATED)
    world.clock.now = MONTH_END - timedelta(seconds=1)
    setup.meter(6, product_id=IMAGES)
    setup.seal()
    world.clock.now = MONTH_END - timedelta(microseconds=1)
    setup.meter(7, product_id=IMAGES)
    world.clock.now = MONTH_END
    setup.meter(8, product_id=IMAGES)


def _money_back(world: World, setup: Process) -> None:
    """Begin where a customer is suspended, and a crash left usage sealed that makes their month
    cheaper.

    Too little money has come, and the visit for it has yet to be made.
    """
    _a_customer(setup)
    setup.product(IMAGES, VOLUME)
    setup.credit(50, key="funds")
    setup.meter(10, product_id=IMAGES)
    setup.settle()
    world.clock.advance(1)
    setup.meter(1, product_id=IMAGES)
    setup.seal()
    setup.charge(30)
    setup.run_workflows()
    world.clock.advance(1)
    world.interrupt(lambda process: process.credit(5, key="half-done"))


def _spent(world: World, setup: Process) -> None:
    """Begin where one record is paid, and another one failed for want of the same money."""
    _a_customer(setup)
    setup.credit(30, key="funds")
    setup.charge(30)
    world.clock.advance(1)
    setup.charge(15)
    setup.run_workflows()
    world.clock.advance(1)
    setup.charge(3)


def _open_days(world: World, setup: Process) -> None:
    """Begin where one day is over and half added up, and the next one has begun, for which
    somebody else has posted too.
    """
    _a_customer(setup)
    setup.credit(50, key="funds")
    setup.close()
    setup.meter(20)
    setup.settle()
    world.clock.advance(24 * 60 * 60)
    setup.credit(5, key="more-funds")
    setup.meter(3)
    setup.customer(OTHER)
    setup.credit(5, key="funds", customer_id=OTHER)
    setup.close_days(OTHER)
    setup.credit(5, key="more-funds", customer_id=OTHER)


def _unbalanced(world: World, setup: Process) -> None:
    """Begin where a closing run found that an entry is missing, and somebody has put it back."""
    _a_customer(setup)
    setup.credit(50, key="funds")
    setup.meter(7)
    setup.find_imbalance()
    world.clock.advance(24 * 60 * 60)


def _leaving(world: World, setup: Process) -> None:
    """Begin where a customer may go whose last day is over and not closed."""
    _a_customer(setup)
    setup.credit(5, key="funds")
    setup.charge(5)
    world.clock.advance(24 * 60 * 60)


STORIES: Mapping[str, Story] = {
    name: Story(name, prepare, tuple(flows.split()))
    for name, prepare, flows in (
        (
            "postpaid",
            _postpaid,
            "record record-warm batch settle run credit charge suspend delete limit void-usage",
        ),
        ("funded", _funded, "record settle run credit charge suspend delete correct-usage"),
        ("sealed", _sealed, "record settle run charge delete void-usage"),
        ("empty", _empty, "record batch settle run credit charge suspend delete"),
        ("broke", _broke, "record settle run credit top-up charge limit suspend"),
        ("wrong", _wrong, "record settle run top-up void void-usage"),
        (
            "in-dunning",
            _in_dunning,
            (
                "attempt record settle run credit top-up charge process retry-all visit limit "
                "suspend void"
            ),
        ),
        ("crashed", _crashed, "settle run top-up charge process retry-all suspend void"),
        (
            "exhausted",
            _exhausted,
            "give-up settle run top-up charge process retry-all limit suspend void",
        ),
        (
            "failed",
            _failed,
            (
                "record settle run credit top-up charge process retry-all visit limit suspend "
                "activate void"
            ),
        ),
        ("crowded", _crowded, "run credit top-up charge process retry-all visit activate void"),
        ("called", _called, "settle run top-up process retry-all visit suspend activate void"),
        (
            "held",
            _held,
            (
                "record settle run credit top-up charge process retry-all visit limit suspend "
                "activate void"
            ),
        ),
        ("overdue", _overdue, "record settle run credit top-up charge process visit activate void"),
        (
            "rescued",
            _rescued,
            "record settle run charge retry-all visit suspend activate void-usage",
        ),
        ("lagging", _lagging, "run credit retry-all visit suspend activate void"),
        ("paused", _paused, "record charge visit activate"),
        ("stopped", _stopped, "settle run credit top-up charge process activate delete void"),
        ("spent", _spent, "refund settle run credit charge process visit activate suspend void"),
        ("counted", _counted, "record-counted settle settle-other run charge delete correct-usage"),
        ("month-end", _month_end, "record-counted record-late settle run delete void-usage"),
        (
            "open-days",
            _open_days,
            "close close-handed close-other settle run credit charge refund suspend",
        ),
        ("unbalanced", _unbalanced, "close close-handed find-imbalance settle credit delete"),
        ("leaving", _leaving, "close close-handed delete credit charge"),
        (
            "money-back",
            _money_back,
            "settle run record-counted credit charge process retry-all suspend activate limit",
        ),
    )
}
