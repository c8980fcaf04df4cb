"""All contact with the services: what flows do, in the words of the proof.

Whoever moves or renames a service changes this module, and no other of the proof.
"""

import copy
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from billing.domain.customers import Mode, Terms
from billing.domain.errors import BillingError, IntegrityError, UnavailableError
from billing.domain.records import RecordId
from billing.domain.tabs import TabRef
from billing.domain.times import to_text
from billing.services.dunning import Step, WorkflowStart, give_up_dunning
from billing.services.manage_customers import (
    activate_customer,
    change_customer,
    delete_customer,
    suspend_customer,
)
from billing.services.manage_records import process_record
from billing.services.record_usage import Refused
from billing.services.run_billing import BillingRun, sweep
from billing.services.settle_tab import settle_tab
from billing.storage.stores import Tables
from tests.prove.client import Client
from tests.prove.fates import START, Call
from tests.prove.scheduler import (
    Crew,
    Decider,
    DiesAfterTransaction,
    Flow,
    Schedule,
    crew_of_this_process,
)
from tests.prove.store import Store
from tests.support.books import Books
from tests.support.clock import SettableClock
from tests.support.tables import create_tables
from tests.support.workflow import FakeWorkflow

CUSTOMER = "acme"
PREPAID, POSTPAID = Mode.PREPAID, Mode.POSTPAID
LOCK_PREFIX = "LOCK#"

# Small numbers show the same as large ones, in fewer calls.
SMALLER = {
    "billing.storage.keys.PARTITIONS": 1,
    "billing.services.dunning.RECORDS_PER_VISIT_MAX": 2,
}


class InlineExecutor:
    """Does at once, in order, what a pool of threads would do side by side."""

    def __init__(self, **_options: object) -> None:
        """Begin without threads."""

    def __enter__(self) -> "InlineExecutor":
        """Begin."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End; nothing runs any more."""

    def map[Given, Result](
        self, work: Callable[[Given], Result], given: Sequence[Given]
    ) -> Iterator[Result]:
        """Do the work on each, in order."""
        return iter([work(each) for each in given])


@dataclass
class ScheduledWorkflow(FakeWorkflow):
    """A workflow whose starts are steps of the schedule."""

    client: Client | None = None

    def start(self, start: WorkflowStart) -> bool:
        """Start once per name, when it is our turn."""
        if self.client is None or self.client.schedule is None:
            return super().start(start)
        call = Call(START, {"start": start})
        try:
            return bool(
                self.client.schedule.call(call, lambda _fate: FakeWorkflow.start(self, start))
            )
        except (ClientError, ReadTimeoutError) as error:
            # Step Functions was asked again and again, for as long as there was time.
            raise UnavailableError("Step Functions is busy; try again") from error

    def go_on(self, start: WorkflowStart, step: Step) -> None:
        """Go where the state machine goes, unless another execution of the record did."""
        if start in self.waiting:
            super().go_on(start, step)


@dataclass
class Process(Books):
    """A process of its own: it remembers nothing yet, and its ids can be told beforehand."""

    name: str = "setup"
    ids: Iterator[int] = field(default_factory=itertools.count)

    def new_id(self) -> str:
        """Make an id that depends on the process and how many it made."""
        return f"{self.name}-{next(self.ids)}"

    def remember_as(self, other: "Process") -> None:
        """Be a container that saw what another one saw, and will not look again."""
        self.catalogue = copy.deepcopy(other.catalogue)
        self.tab_numbers = copy.deepcopy(other.tab_numbers)

    def meter(self, *units: int) -> object:
        """Record an event of so many units each, named after the process; returns the events.

        Moving to another shard takes the next one. The first error is raised, as to a caller of
        one event.
        """
        claims = [self.claim(each, event_id=f"{self.name}-{each}") for each in units]
        events = []
        for result in self.recorder(lambda _below: 0).record(claims):
            if isinstance(result, Refused):
                raise result.error
            events.append(result.event)
        return events

    def top_up(self, amount_cents: int) -> object:
        """Credit the wallet under a key of the process; returns what every replay returns."""
        receipt = self.credit(amount_cents, key=f"{self.name}-credit")
        return receipt.entry_id, receipt.balance_cents

    def raise_by_hand(self, amount_cents: int) -> object:
        """Raise a charge under a key of the process; returns what every replay returns."""
        return str(self.charge(amount_cents, key=f"{self.name}-charge").id)

    def settle(self, shard: int = 0) -> object:
        """Seal and settle one tab, as the queue asks."""
        return settle_tab(TabRef(CUSTOMER, shard), dunning=self.dunning)

    def seal(self) -> None:
        """Seal the tab and leave it so, as a crash would."""
        self.stores.tabs.seal(TabRef(CUSTOMER, 0), now=self.clock())

    def run(self) -> object:
        """Do what the schedule does each minute, and raise what it would alarm about."""
        report = BillingRun(self.dunning, self.name, self.deadline()).run()
        for failure in report.failures:
            raise failure.error
        return report

    def retry_all(self) -> object:
        """Do what `process-retries` does."""
        return sweep(self.dunning, due_by=None, deadline=self.deadline())

    def attempt(self, start: WorkflowStart) -> object:
        """Make the attempt that a workflow waits for, and let the workflow go on."""
        step = self.dunning.attempt(start.record_id, start.attempt)
        if str(step.outcome) != "exhausted":
            self.workflow.go_on(start, step)
        return step

    def give_up(self, start: WorkflowStart) -> object:
        """Give up the dunning whose attempts are made, and let the workflow end."""
        step = give_up_dunning(start.record_id, stores=self.stores, clock=self.clock)
        self.workflow.go_on(start, step)
        return step

    def suspend(self) -> object:
        """Suspend by an operator's word."""
        return suspend_customer(CUSTOMER, stores=self.stores, clock=self.clock)

    def activate(self) -> object:
        """Lift the suspension."""
        return activate_customer(CUSTOMER, dunning=self.dunning)

    def delete(self) -> object:
        """Delete the customer."""
        delete_customer(CUSTOMER, stores=self.stores, clock=self.clock)
        return "deleted"

    def process(self, record_id: str) -> object:
        """Charge a record by hand."""
        return process_record(record_id, dunning=self.dunning)

    def limit(self, credit_limit_cents: int) -> object:
        """Agree on a credit limit, which moves the floor."""

        def changed(terms: Terms) -> Terms:
            return replace(terms, mode=Mode.POSTPAID, credit_limit_cents=credit_limit_cents)

        return change_customer(CUSTOMER, changed, dunning=self.dunning)


@dataclass(slots=True)
class World:
    """The tables, the clock and the workflow that all processes share, and the way back."""

    store: Store
    client: Client
    tables: Tables
    clock: SettableClock
    workflow: ScheduledWorkflow
    kept: tuple[Any, ...] = ()
    setup: Process = field(init=False)

    def __post_init__(self) -> None:
        """Start the process that prepares the beginning of schedules."""
        self.setup = self.process("setup")

    def interrupt(self, act: Callable[[], object]) -> None:
        """Let a process die right after the first transaction that it commits."""
        flow = Flow("interrupted", act)
        self.run([flow], DiesAfterTransaction(), crew_of_this_process())

    def run(self, flows: Sequence[Flow], decider: Decider, crew: Crew) -> Schedule:
        """Run flows under a schedule, from now to their ends."""
        schedule = Schedule(
            self.store, flows, decider, self.shared_digest, self.clock.advance, crew
        )
        self.client.schedule = schedule
        try:
            schedule.run()
        finally:
            self.client.schedule = None
        self.store.pins.clear()
        return schedule

    def process(self, name: str) -> Process:
        """Start a process."""
        return Process(
            cast("Any", self.client), self.tables, self.clock, workflow=self.workflow, name=name
        )

    def mark(self) -> None:
        """Let schedules begin here."""
        self.store.mark()
        self.kept = (self.clock.now, list(self.workflow.waiting), dict(self.workflow.names))

    def rewind(self) -> None:
        """Go back to where schedules begin."""
        self.store.rewind()
        now, waiting, names = self.kept
        self.clock.now = now
        self.workflow.waiting, self.workflow.names = list(waiting), dict(names)

    def shared_digest(self) -> object:
        """Tell apart what processes share beside the tables."""
        return (self.clock.now, repr(self.workflow.waiting), repr(self.workflow.names))

    def first_outstanding(self) -> str:
        """Name the oldest record that is not paid."""
        records = self.process("reader").records(CUSTOMER)
        unpaid = [record for record in records if record.is_outstanding]
        return str(min(unpaid, key=lambda record: record.created_at).id)

    def now(self) -> str:
        """Tell the time as rows have it."""
        return to_text(self.clock())

    def rest(self, minutes: int = 2) -> None:
        """Let the world go on undisturbed: a billing run, then the workflows to their ends."""
        self.clock.advance(60 * minutes)
        self.process("quiet").run()
        self.process("quiet").run_workflows()


def new_world() -> World:
    """Make an empty world."""
    store = Store()
    client = Client(store)
    tables = create_tables(cast("Any", store))
    return World(store, client, tables, SettableClock(), ScheduledWorkflow(client=client))


@contextmanager
def deterministic() -> Iterator[None]:
    """Let the services do one thing after another, with tokens that can be told beforehand."""
    tokens = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("billing.storage.dynamo.uuid4", lambda: f"token-{next(tokens)}")
        for name, small in SMALLER.items():
            patch.setattr(name, small)
        for name, module in list(sys.modules.items()):
            if name.startswith("billing.services") and hasattr(module, "ThreadPoolExecutor"):
                patch.setattr(module, "ThreadPoolExecutor", InlineExecutor)
        yield


def is_refusal(outcome: object) -> bool:
    """Tell whether a flow was refused in a way that its caller can understand."""
    return isinstance(outcome, BillingError) and not isinstance(outcome, IntegrityError)


def is_fault(outcome: object) -> bool:
    """Tell whether a flow ended in a way that nobody foresaw."""
    return isinstance(outcome, Exception) and not is_refusal(outcome)


def record_id(text: str) -> RecordId:
    """Read a record's id."""
    return RecordId.parse(text)


# Conditions of storage that the books rest on, each made true of any row that is there, and the
# case in which the search must see what comes of that.
WEAKENED = {
    "billing.storage.wallets.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #version = :seen",
        "funded: charge credit",
    ),
    "billing.storage.customers.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #revision = :seen",
        "broke: settle suspend",
    ),
    "billing.storage.records.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #revision = :seen",
        "exhausted: process give-up",
    ),
    "billing.storage.tabs.STILL_OPEN": (
        "attribute_exists(#pk) OR #number = :number OR size(#openUnits) <= :lines",
        "funded: record settle",
    ),
    "billing.storage.tabs.NOTHING_SEALED_YET": (
        "attribute_exists(#pk) OR attribute_not_exists(#sealedNumber) OR size(#openUnits) > :zero",
        "sealed: settle record",
    ),
    "billing.storage.tabs.SEALED_AS_READ_AND_NOTHING_OPEN": (
        "#sealedNumber = :sealed OR size(#openUnits) = :zero",
        "funded: settle record",
    ),
    "billing.storage.tabs.EMPTY_AS_READ": (
        "attribute_exists(#pk) OR #number = :number OR size(#openUnits) = :zero",
        "empty: delete record",
    ),
    "billing.storage.usage.NOT_RECORDED_YET": (
        "attribute_exists(#pk) OR attribute_not_exists(#pk)",
        "funded: record settle",
    ),
    "billing.storage.ledger.KEY_UNUSED": (
        "attribute_exists(#pk) OR attribute_not_exists(#pk)",
        "funded: credit",
    ),
}
