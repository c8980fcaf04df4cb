"""A set of books for stories: customers, usage and money by the services, and the invariants."""

import itertools
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from billing.domain.customers import Customer, Mode, Terms
from billing.domain.deadline import Deadline
from billing.domain.ids import uuid7
from billing.domain.prices import Price, flat
from billing.domain.records import BillingRecord
from billing.domain.tabs import TabRef
from billing.domain.usage import UsageClaim, UsageEvent
from billing.services.adjust_usage import AdjustmentRequest, UsageAdjuster
from billing.services.catalogue import Catalogue
from billing.services.credit_wallet import CreditReceipt, CreditRequest, credit_wallet
from billing.services.dunning import Dunning, Step, StepOutcome, give_up_dunning
from billing.services.manage_customers import create_customer
from billing.services.manage_products import create_product
from billing.services.manage_records import ChargeRequest, raise_charge
from billing.services.read_usage import BilledEvent
from billing.services.record_usage import Recorded, UsageRecorder, UsageResult
from billing.services.reverse_records import (
    RefundReceipt,
    RefundRequest,
    refund_record,
    void_record,
)
from billing.services.run_billing import BillingRun, RunReport
from billing.services.tab_numbers import TabNumbers
from billing.storage.dynamo import Backoff, Dynamo
from billing.storage.stores import Stores, Tables, open_stores
from tests.support.clock import SettableClock, SettableMonotonic
from tests.support.soundness import assert_sound, records_of
from tests.support.workflow import FakeWorkflow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


def without_waiting(monotonic: SettableMonotonic) -> Backoff:
    """Pause between tries by moving a clock on, not by sleeping."""
    return Backoff(sleep=monotonic.sleep_beside_others, uniform=lambda _low, high: high)


def event_in(result: UsageResult) -> UsageEvent:
    """Give the event of a claim, which must be recorded."""
    assert isinstance(result, Recorded)
    return result.event


@dataclass
class Books:
    """The services over one set of tables, with a clock that stands still."""

    client: "DynamoDBClient"
    tables: Tables
    clock: SettableClock = field(default_factory=SettableClock)
    monotonic: SettableMonotonic = field(default_factory=SettableMonotonic)
    patience_seconds: float = 20.0
    workflow: FakeWorkflow = field(default_factory=FakeWorkflow)

    def __post_init__(self) -> None:
        """Begin as a fresh container does: nothing remembered."""
        self.restart_container()
        self._numbers = itertools.count(1)

    def restart_container(self) -> None:
        """Forget what a container remembers."""
        self.catalogue = Catalogue()
        self.known_codes: dict[str, str] = {}
        self.tab_numbers = TabNumbers(timedelta(seconds=60))

    @property
    def dunning(self) -> Dunning:
        """Dunning as deployed by default, for a new invocation."""
        return Dunning(self.stores, self.clock, self.workflow)

    @property
    def stores(self) -> Stores:
        """The stores of a new invocation."""
        dynamo = Dynamo(self.client, self.deadline(), without_waiting(self.monotonic))
        return open_stores(dynamo, self.tables, self.known_codes)

    def deadline(self) -> Deadline:
        """The deadline of a new invocation."""
        return Deadline.after(self.patience_seconds, self.monotonic)

    def new_id(self) -> str:
        """Make an id as the composition root does."""
        return uuid7(self.clock(), os.urandom(10))

    def customer(
        self,
        customer_id: str = "acme",
        *,
        mode: Mode = Mode.POSTPAID,
        credit_limit_cents: int | None = None,
        email: str | None = None,
        retry_schedule_seconds: tuple[int, ...] | None = None,
    ) -> Customer:
        """Make a customer."""
        terms = Terms(
            name=None,
            email=email,
            mode=mode,
            credit_limit_cents=credit_limit_cents,
            retry_schedule_seconds=retry_schedule_seconds,
        )
        return create_customer(customer_id, terms, stores=self.stores, clock=self.clock)

    def product(
        self, product_id: str = "api-calls", price: str | Price = "1", *, unit_decimals: int = 0
    ) -> None:
        """Make a product at a price, or at one in cents a unit."""
        create_product(
            product_id,
            name=product_id,
            price=price if isinstance(price, Price) else flat(Decimal(price)),
            unit_decimals=unit_decimals,
            stores=self.stores,
            clock=self.clock,
        )

    def claim(
        self,
        units: str | int = 1,
        *,
        customer_id: str = "acme",
        product_id: str = "api-calls",
        event_id: str | None = None,
    ) -> UsageClaim:
        """Say what was used."""
        return UsageClaim(
            customer_id=customer_id,
            event_id=event_id or f"event-{next(self._numbers)}",
            product_id=product_id,
            units=Decimal(units),
        )

    def record(self, claims: Sequence[UsageClaim]) -> list[UsageResult]:
        """Record usage."""
        return self.recorder().record(claims)

    def recorder(self, random_below: Callable[[int], int] = random.randrange) -> UsageRecorder:
        """Make what records usage, for a new invocation of the container."""
        return UsageRecorder(
            self.stores, self.catalogue, self.tab_numbers, self.clock, random_below
        )

    def adjust(
        self,
        event_id: str,
        units: str | int,
        *,
        customer_id: str = "acme",
        reason: str | None = None,
        random_below: Callable[[int], int] = random.randrange,
    ) -> BilledEvent:
        """Let an event count for other units, or for none."""
        adjuster = UsageAdjuster(
            self.stores, self.catalogue, self.clock, timedelta(seconds=60), random_below
        )
        request = AdjustmentRequest(customer_id, event_id, Decimal(units), "key-1", reason)
        return adjuster.adjust(request)

    def void_usage(
        self, event_id: str, *, customer_id: str = "acme", reason: str | None = None
    ) -> BilledEvent:
        """Let an event count for nothing."""
        return self.adjust(event_id, 0, customer_id=customer_id, reason=reason)

    def use(
        self, units: str | int = 1, *, customer_id: str = "acme", product_id: str = "api-calls"
    ) -> UsageResult:
        """Record one event."""
        claim = self.claim(units, customer_id=customer_id, product_id=product_id)
        return self.record([claim])[0]

    def credit(
        self, amount_cents: int, *, key: str = "top-up-1", customer_id: str = "acme"
    ) -> CreditReceipt:
        """Credit a wallet."""
        request = CreditRequest(customer_id, amount_cents, key)
        return credit_wallet(request, dunning=self.dunning)

    def lend(self, amount_cents: int, *, customer_id: str = "acme") -> None:
        """Let a wallet go lower, without charging what that is enough for."""
        wallet = self.stores.wallets.get(customer_id)
        assert wallet is not None
        lower = wallet.with_floor(wallet.floor_cents - amount_cents)
        self.stores.dynamo.transact([self.stores.wallets.changing(wallet, lower)])

    def bill(self, *, owner: str = "run") -> RunReport:
        """Do what the schedule does each minute, and raise what it would alarm about."""
        self.clock.advance(60)
        report = BillingRun(self.dunning, owner, self.deadline()).run()
        for failure in report.failures:
            raise failure.error
        return report

    def charge(
        self,
        amount_cents: int,
        *,
        customer_id: str = "acme",
        key: str | None = None,
        description: str | None = None,
    ) -> BillingRecord:
        """Raise a charge by hand."""
        raised = raise_charge(
            ChargeRequest(customer_id, amount_cents, description, key),
            name=self.new_id(),
            dunning=self.dunning,
        )
        return raised.record

    def void(self, record: BillingRecord, *, reason: str | None = None) -> BillingRecord:
        """Take back a record that is not paid."""
        return void_record(str(record.id), by="key-1", reason=reason, dunning=self.dunning)

    def refund(
        self,
        record: BillingRecord,
        amount_cents: int | None = None,
        *,
        key: str = "refund-1",
        reason: str | None = None,
    ) -> RefundReceipt:
        """Give back a part of a paid record."""
        request = RefundRequest(str(record.id), amount_cents, reason, "key-1", key)
        return refund_record(request, dunning=self.dunning)

    def step(self) -> Step:
        """Let the workflow that waits the shortest make its next attempt, on time."""
        start = self.workflow.next_to_wake()
        self.clock.advance(start.wait_seconds)
        step = self.dunning.attempt(start.record_id, start.attempt)
        if step.outcome is StepOutcome.EXHAUSTED:
            step = give_up_dunning(start.record_id, stores=self.stores, clock=self.clock)
        self.workflow.go_on(start, step)
        return step

    def run_workflows(self) -> list[Step]:
        """Let every workflow run to its end."""
        steps = []
        while self.workflow.waiting:
            steps.append(self.step())
        return steps

    def record_now(self, record: BillingRecord) -> BillingRecord:
        """Read a record again."""
        found = self.stores.records.get(record.id)
        assert found is not None
        return found

    def customer_now(self, customer_id: str = "acme") -> Customer:
        """Read a customer again."""
        found = self.stores.customers.get(customer_id)
        assert found is not None
        return found

    def balance_cents(self, customer_id: str = "acme") -> int:
        """Read the wallet."""
        wallet = self.stores.wallets.get(customer_id)
        assert wallet is not None
        return wallet.balance_cents

    def dirty_tabs(self) -> set[TabRef]:
        """Tell which tabs the index lists as having something to bill."""
        return {tab for page in self.stores.tabs.dirty() for tab, _ in page.found}

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Read a whole table, as only a test may."""
        pages = self.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        for page in pages:
            yield from page["Items"]

    def counts(self) -> dict[str, int]:
        """Count the rows of every table, to show that something wrote nothing."""
        names = (self.tables.accounts, self.tables.ledger, self.tables.usage)
        return {name: sum(1 for _ in self.rows(name)) for name in names}

    def records(self, customer_id: str = "acme") -> list[BillingRecord]:
        """Read all billing records of a customer."""
        return records_of(self.stores, customer_id)

    def assert_sound(self, customer_id: str = "acme") -> None:
        """Check the invariants of a customer's books, from the rows alone."""
        assert_sound(self.stores, customer_id)
