"""All contact with the services: what flows do, in the words of the proof.

Whoever moves or renames a service changes this module, and `taken_back`; no other of the proof.
"""

import copy
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from billing.domain.customers import Mode, Terms
from billing.domain.errors import BillingError, IntegrityError, UnavailableError
from billing.domain.prices import Price, flat
from billing.domain.records import BillingRecord, RecordId
from billing.domain.tabs import TabRef
from billing.domain.times import to_text
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.close_days import close_days, keep_imbalance
from billing.services.closing_work import Closer
from billing.services.dunning import Step, WorkflowStart, give_up_dunning
from billing.services.handing_out import do_handed_out
from billing.services.manage_customers import (
    activate_customer,
    change_customer,
    delete_customer,
    suspend_customer,
)
from billing.services.manage_products import change_product
from billing.services.manage_records import process_record
from billing.services.read_balance import read_balance
from billing.services.record_usage import Refused
from billing.services.reverse_records import RefundRequest, refund_record, void_record
from billing.services.run_billing import BillingRun, charge_everybody
from billing.services.run_closing import ClosingRun
from billing.services.settle_tab import settle_tab
from billing.services.work import Biller
from billing.storage.stores import Tables
from tests.prove.client import Client, answer_from
from tests.prove.fates import DONE, GO_ON, START, TRANSACT, Call, Fate
from tests.prove.stand_ins import InlineExecutor, LosingQueue
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
    "billing.storage.keys.MONTH_PARTS": 1,
    "billing.services.close_days.ENTRIES_PER_PAGE": 2,
    "billing.storage.day_keys.REPORT_SHARDS": 1,
    "billing.services.dunning.RECORDS_PER_VISIT_MAX": 2,
}


class ProcessDiedError(BaseException):
    """The process of a flow is gone; none of its code may catch this and run on."""


@dataclass
class AskingWorkflow(FakeWorkflow):
    """The workflow as a process sees it: what the process does to it is a call like others."""

    client: Client = field(kw_only=True)

    def start(self, start: WorkflowStart) -> bool:
        """Start once per name, when it is our turn."""
        try:
            return bool(self.client.ask(Call(START, {"start": start})))
        except (ClientError, ReadTimeoutError) as error:
            # Step Functions was asked again and again, for as long as there was time.
            raise UnavailableError("Step Functions is busy; try again") from error

    def go_on(self, start: WorkflowStart, step: Step) -> None:
        """Go where the state machine goes."""
        self.client.ask(Call(GO_ON, {"start": start, "step": step}))


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

    def meter(
        self, *units: int, product_id: str = "api-calls", at: datetime | None = None
    ) -> object:
        """Record an event of so many units each, named after the process; returns the events.

        Moving to another shard takes the next one. The first error is raised, as to a caller of
        one event.
        """
        claims = [
            replace(
                self.claim(each, event_id=f"{self.name}-{each}", product_id=product_id),
                occurred_at=at,
            )
            for each in units
        ]
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

    def reprice(self, product_id: str, price: Price) -> None:
        """Set the next price of a product, as early as it may begin."""
        change_product(product_id, price=price, stores=self.stores, clock=self.clock)

    def move_to(self, shard: int) -> None:
        """Record on another shard of the tab from now on."""
        ref = TabRef(CUSTOMER, shard)
        self.stores.tabs.make_shard(ref)
        tab = self.stores.tabs.look(ref, consistent=True)
        if tab is not None:
            self.tab_numbers.remember(tab, now=self.clock())

    def seal(self) -> None:
        """Seal the tab and leave it so, as a crash would."""
        self.stores.tabs.seal(TabRef(CUSTOMER, 0), now=self.clock())

    def run(self) -> object:
        """Do what the schedule does each minute, and raise what it would alarm about."""
        report = BillingRun(self.dunning, self.name, self.deadline()).run()
        for failure in report.failures:
            raise failure.error
        return report

    def close(self) -> object:
        """Do what the closing run does each hour, and raise what it would alarm about."""
        closer = Closer(self.stores, self.clock)
        report = ClosingRun(closer, self.name, self.deadline()).run()
        for failure in report.failures:
            raise failure.error
        assert report.imbalances == ()
        return report

    def close_days(self, customer_id: str = CUSTOMER) -> object:
        """Close the days of a customer, as the queue asks, beside any run."""
        closed = close_days(customer_id, stores=self.stores, clock=self.clock)
        assert closed.fault is None
        return closed

    def find_imbalance(self) -> object:
        """Find that an entry is missing, as who looked before it was put back; nobody else says it
        so, and it is written.
        """
        fault = f"entry 2 is missing, says {self.name}"
        return keep_imbalance(CUSTOMER, fault, stores=self.stores, clock=self.clock)

    def visit(self) -> object:
        """Visit the customer, as the queue asks, and raise what would be told."""
        done = do_handed_out(
            {"message": (CUSTOMER,)}, worker=Biller(self.dunning), queue=LosingQueue()
        )
        for failure in done.failures:
            raise failure.error
        return done.outcomes

    def retry_all(self) -> object:
        """Do what `process-retries` does."""
        return charge_everybody(self.dunning, self.name, self.deadline())

    def attempt(self, start: WorkflowStart) -> Step:
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

    def suspend(self, customer_id: str = CUSTOMER) -> object:
        """Suspend by an operator's word."""
        return suspend_customer(customer_id, stores=self.stores, clock=self.clock)

    def activate(self, customer_id: str = CUSTOMER) -> object:
        """Lift the suspension."""
        return activate_customer(customer_id, dunning=self.dunning)

    def delete(self, customer_id: str = CUSTOMER) -> object:
        """Delete the customer."""
        delete_customer(customer_id, stores=self.stores, clock=self.clock)
        return "deleted"

    def set_price(self, product_id: str, price: str) -> object:
        """Set another price, in force as soon as every container knows it."""
        return change_product(
            product_id,
            price=flat(Decimal(price)),
            effective_from=self.clock() + timedelta(seconds=PRICE_NOTICE_SECONDS),
            stores=self.stores,
            clock=self.clock,
        )

    def pending_cents(self, customer_id: str) -> int:
        """Read what a customer has still to pay."""
        return read_balance(customer_id, limit=1, cursor=None, stores=self.stores).pending_cents

    def process(self, record_id: str) -> object:
        """Charge a record by hand."""
        return process_record(record_id, dunning=self.dunning)

    def take_back(self, record_id: str) -> object:
        """Void a record, which says the same about it whoever did it."""
        return str(void_record(record_id, by=self.name, reason=None, dunning=self.dunning).status)

    def give_back(self, record_id: str, amount_cents: int) -> object:
        """Refund a part of a record under a key of the process; returns what replays return."""
        key = f"{self.name}-refund"
        request = RefundRequest(record_id, amount_cents, None, self.name, key)
        receipt = refund_record(request, dunning=self.dunning)
        return receipt.entry_id, receipt.amount_cents, receipt.balance_cents

    def adjust_usage(self, event_id: str, units: int) -> object:
        """Let an event count for other units; says the same about it whoever did it."""
        adjusted = self.adjust(event_id, units, random_below=lambda _below: 0)
        return str(adjusted.event.present_units)

    def limit(self, credit_limit_cents: int, customer_id: str = CUSTOMER) -> object:
        """Agree on a credit limit, which moves the floor."""

        def changed(terms: Terms) -> Terms:
            return replace(terms, mode=Mode.POSTPAID, credit_limit_cents=credit_limit_cents)

        return change_customer(customer_id, changed, dunning=self.dunning)


@dataclass(frozen=True, slots=True)
class Shared:
    """What processes share beside the tables, as it was at a moment."""

    now: datetime
    waiting: tuple[WorkflowStart, ...]
    names: tuple[tuple[tuple[str, int], bool], ...]
    digest: int


@dataclass(slots=True)
class World:
    """The tables, the clock and the workflow that all processes share."""

    store: Store
    tables: Tables
    clock: SettableClock
    workflow: FakeWorkflow
    client: Client = field(init=False)
    setup: Process = field(init=False)

    def __post_init__(self) -> None:
        """Start the process that prepares the beginning of schedules."""
        self.client = Client(self.answer)
        self.setup = self.process("setup")

    def interrupt(self, act: Callable[[Process], object]) -> None:
        """Let a process die right after the first transaction that it commits."""
        is_done = False

        def until_a_transaction(call: Call) -> Any:  # noqa: ANN401 - as boto3 answers
            nonlocal is_done
            if is_done:
                raise ProcessDiedError
            answer = self.answer(call)
            is_done = call.operation == TRANSACT
            return answer

        with suppress(ProcessDiedError):
            act(self.process("interrupted", Client(until_a_transaction)))

    def answer(self, call: Call, fate: Fate = DONE) -> Any:  # noqa: ANN401 - as boto3 answers
        """Carry out a call, now."""
        if call.operation == START:
            return self.workflow.start(call.request["start"])
        if call.operation == GO_ON:
            # Unless another execution of the record went on before.
            if call.request["start"] in self.workflow.waiting:
                self.workflow.go_on(call.request["start"], call.request["step"])
            return None
        return answer_from(self.store, call, fate)

    def process(self, name: str, client: Client | None = None) -> Process:
        """Start a process, whose calls are carried out at once where no client is given."""
        client = client or self.client
        workflow = AskingWorkflow(self.workflow.waiting, client=client)
        return Process(cast("Any", client), self.tables, self.clock, workflow=workflow, name=name)

    def shared(self) -> Shared:
        """Tell what processes share beside the tables."""
        parts = (self.clock.now, tuple(self.workflow.waiting), tuple(self.workflow.names.items()))
        return Shared(*parts, digest=hash(parts))

    def share(self, shared: Shared) -> None:
        """Go back to what processes shared at a moment."""
        self.clock.now = shared.now
        self.workflow.waiting[:] = shared.waiting
        self.workflow.names = dict(shared.names)

    def first_outstanding(self) -> str:
        """Name the oldest record that is not paid."""
        return self._first(lambda record: record.is_outstanding)

    def first_paid(self) -> str:
        """Name the oldest record that took money."""
        return self._first(lambda record: record.entry_seq is not None)

    def first_event(self) -> str:
        """Name the event that was recorded first."""
        rows = self.store.tables[self.tables.usage].rows[CUSTOMER]
        first = min(str(row.item["recordedAtEvent"]["S"]) for row in rows.values())
        return first.partition("#")[2]

    def _first(self, chosen: Callable[[BillingRecord], bool]) -> str:
        records = [it for it in self.process("reader").records(CUSTOMER) if chosen(it)]
        return str(min(records, key=lambda record: record.created_at).id)

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
    return World(store, create_tables(cast("Any", store)), SettableClock(), FakeWorkflow())


@contextmanager
def deterministic() -> Iterator[None]:
    """Let the services do one thing after another."""
    with pytest.MonkeyPatch.context() as patch:
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
