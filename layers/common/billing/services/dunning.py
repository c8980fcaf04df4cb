"""Dunning: charge what is outstanding, again and again on a schedule, then suspend.

One dunning runs for a customer at a time, led by one record; everything else that is outstanding
is charged in its attempts. The workflow only waits and calls; every decision is made here, and a
step that is repeated because its answer was lost returns that answer again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Protocol

from billing.domain.charging import (
    charge,
    charge_or_give_up,
    charge_or_lead,
    charge_or_note,
    is_at_rest,
    note_workflow_start,
)
from billing.domain.customers import RETRY_SCHEDULE_SECONDS_DEFAULT, Customer
from billing.domain.deadline import Deadline
from billing.domain.errors import RecordNotFoundError
from billing.domain.records import BillingRecord, RecordId, RecordStatus
from billing.domain.times import Clock
from billing.services.accounts import read_account
from billing.services.retrying import Retry
from billing.storage.stores import Stores

# Charging goes record by record. A visit ends after so many records, and begins none after so many
# seconds, so that neither a request nor a step of a workflow runs out of time over a thousand small
# records; whoever makes visits one after another comes to the end of them.
RECORDS_PER_VISIT_MAX = 25
VISIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class WorkflowStart:
    """What a dunning workflow begins with: wait, then make attempt `attempt` on the record.

    `starts` tells how often the workflow of this record was started before.
    """

    record_id: RecordId
    attempt: int
    wait_seconds: int
    starts: int


class Workflow(Protocol):
    """Where dunning runs."""

    def until(self, deadline: Deadline) -> "Workflow":
        """Do the same with less time."""

    def start(self, start: WorkflowStart) -> bool:
        """Start a workflow, or do nothing where the same one runs; False where it has ended."""


class StepOutcome(StrEnum):
    """What the workflow does next."""

    PAID = "paid"
    VOID = "void"
    RETRY = "retry"
    EXHAUSTED = "exhausted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of an attempt; `attempt` and `wait_seconds` tell the next one, on a retry."""

    record_id: RecordId
    outcome: StepOutcome
    attempt: int
    wait_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Charged:
    """How far charging what is outstanding came; `more` may be paid by charging on."""

    records_paid: int
    more: bool


@dataclass(frozen=True, slots=True)
class Visit:
    """What one look at a customer came to; with `more`, another one has something to do now."""

    records_paid: int
    more: bool


class ChargeOutcome(Enum):
    """What became of one record that was to be charged."""

    PAID = auto()
    SHORT_OF_FUNDS = auto()
    # Somebody else charged it meanwhile, or it was given up or voided.
    NOTHING_DUE = auto()


_ENDED = {
    RecordStatus.PAID: StepOutcome.PAID,
    RecordStatus.VOID: StepOutcome.VOID,
    RecordStatus.FAILED: StepOutcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class Dunning:
    """Charges what is outstanding, on the schedule of a customer or else of this deployment."""

    stores: Stores
    clock: Clock
    workflow: Workflow
    schedule_seconds: tuple[int, ...] = RETRY_SCHEDULE_SECONDS_DEFAULT

    def until(self, deadline: Deadline) -> "Dunning":
        """Do the same with less time."""
        workflow = self.workflow.until(deadline)
        return Dunning(self.stores.until(deadline), self.clock, workflow, self.schedule_seconds)

    def schedule_of(self, customer: Customer) -> tuple[int, ...]:
        """Return the schedule that applies to a customer."""
        return customer.retry_schedule_seconds or self.schedule_seconds

    def start(self, record: BillingRecord, *, now: datetime) -> bool:
        """Start the workflow of a record that leads a dunning, where it stands now.

        False where the workflow of its name has ended.
        """
        start = WorkflowStart(
            record_id=record.id,
            attempt=record.next_dunning_attempt,
            wait_seconds=record.seconds_to_next_attempt(now=now),
            starts=record.workflow_starts,
        )
        return self.workflow.start(start)

    def attempt(self, record_id: RecordId, number: int) -> Step:
        """Make attempt `number` of the dunning that a record leads.

        Raises RecordNotFoundError; faults of the store pass through, and count as no attempt.
        """
        retry = Retry(self.stores)
        while True:
            record = _record(record_id, self.stores)
            known = _step_without_attempt(record, number, now=self.clock())
            if known is not None:
                return known
            charged = self.charge_outstanding(record_id.customer_id, leader_attempt=number)
            record = _record(record_id, self.stores)
            if record.status in _ENDED:
                self.go_on(record_id.customer_id)
                return Step(record_id, _ENDED[record.status], number)
            if charged.more:
                # Older records come first; the money has not met its end yet.
                retry.wait()
                continue
            account = read_account(record_id.customer_id, self.stores)
            posting = charge_or_note(record, account, number=number, now=self.clock())
            if not self.stores.postings.write(record, account, posting):
                retry.wait()
            elif posting.record.status is RecordStatus.PAID:
                self.go_on(record_id.customer_id)
                return Step(record_id, StepOutcome.PAID, number)
            else:
                return _next_step(posting.record, number)

    def attend(self, customer_id: str) -> Visit:
        """Charge what a customer owes, and see that a dunning runs where it must, in one bounded
        step: at most `RECORDS_PER_VISIT_MAX` records are charged in `VISIT_SECONDS`, and one more
        begins a dunning or is paid.

        Called when money arrived or a suspension was lifted, and by the billing run for customers
        whose invocation may have died before it was done, or left something to be done.
        """
        charged = self.charge_outstanding(customer_id)
        customer = read_account(customer_id, self.stores).customer
        if customer.dunning_record_id is not None:
            if customer.attention_at is None or customer.attention_at <= self.clock():
                self._restart(customer.dunning_record_id)
            return Visit(charged.records_paid, charged.more)
        if charged.more:
            return Visit(charged.records_paid, more=True)
        paid_one = self.go_on(customer_id)
        return Visit(charged.records_paid + paid_one, more=paid_one)

    def leave_to_others(self, customer_id: str) -> None:
        """Let the run look at a customer only after some time, because somebody goes on with them
        now; whoever changes the customer at the same moment has the last word.
        """
        customer = self.stores.customers.get(customer_id)
        if customer is not None:
            self.stores.customers.change(customer, customer.left_to_others(now=self.clock()))

    def charge_outstanding(self, customer_id: str, *, leader_attempt: int | None = None) -> Charged:
        """Charge a customer's unpaid records, oldest first, as far as money and one visit go.

        `leader_attempt` is the number of the dunning attempt that this is part of, if it is.
        """
        until = self.stores.deadline.within(VISIT_SECONDS)
        listed = self._oldest_first(customer_id)
        paid = 0
        for record_id in listed[:RECORDS_PER_VISIT_MAX]:
            if paid and until.passed():
                return Charged(paid, more=True)
            match self._charge(record_id, leader_attempt):
                case ChargeOutcome.PAID:
                    paid += 1
                case ChargeOutcome.SHORT_OF_FUNDS:
                    return Charged(paid, more=False)
                case ChargeOutcome.NOTHING_DUE:
                    pass
        # A list of which nothing was due lags behind: charging on would only read it again.
        return Charged(paid, more=paid > 0 and len(listed) > RECORDS_PER_VISIT_MAX)

    def go_on(self, customer_id: str) -> bool:
        """See to what is unpaid where no dunning runs: the oldest record, also a failed one, begins
        one, or is paid where money came; a customer with whom that cannot be is left at rest.

        Tells whether it was paid: the next one is then to be seen to, by whoever goes on.
        """
        retry = Retry(self.stores)
        while True:
            account = read_account(customer_id, self.stores)
            if account.customer.dunning_record_id is not None:
                return False
            listed = self.stores.records.outstanding(customer_id)
            record = self._first_unpaid(listed)
            if is_at_rest(account, record, listed):
                # Who can be charged may have tabs that were held: the run releases them first.
                # Where anything has changed meanwhile, it looks again, at little cost.
                if not account.customer.is_charged_at_once:
                    self.stores.accounts.attend(account, account.customer.attended())
                return False
            if record is None or not account.customer.is_charged_at_once:
                # The list lags: the run is still called.
                return False
            if record.status is RecordStatus.RETRYING:
                # Somebody let it lead since the account was read.
                retry.wait()
                continue
            schedule = self.schedule_of(account.customer)
            posting = charge_or_lead(record, account, schedule, now=self.clock())
            if not self.stores.postings.write(record, account, posting):
                retry.wait()
                continue
            if posting.record.status is RecordStatus.RETRYING:
                self.start(posting.record, now=self.clock())
                return False
            return True

    def _oldest_first(self, customer_id: str) -> list[RecordId]:
        """List what is outstanding, as much as a visit charges and one more if there is more.

        The index may lag, but the dunning's leader is known for sure.
        """
        listed: list[RecordId] = []
        for record_id in self.stores.records.outstanding(customer_id):
            listed.append(record_id)
            if len(listed) > RECORDS_PER_VISIT_MAX:
                return listed
        leader = read_account(customer_id, self.stores).customer.dunning_record_id
        return listed if leader is None or leader in listed else [*listed, leader]

    def _first_unpaid(self, listed: Iterator[RecordId]) -> BillingRecord | None:
        for record_id in listed:
            record = self.stores.records.get(record_id)
            if record is not None and record.is_outstanding:
                return record
        return None

    def _charge(self, record_id: RecordId, leader_attempt: int | None) -> ChargeOutcome:
        retry = Retry(self.stores)
        while True:
            record = self.stores.records.get(record_id)
            if record is None or not record.is_outstanding:
                return ChargeOutcome.NOTHING_DUE
            account = read_account(record_id.customer_id, self.stores)
            leads = account.customer.dunning_record_id == record_id
            number = leader_attempt if leads else None
            posting = charge(record, account, now=self.clock(), number=number)
            if posting is None:
                return ChargeOutcome.SHORT_OF_FUNDS
            if self.stores.postings.write(record, account, posting):
                return ChargeOutcome.PAID
            retry.wait()

    def _restart(self, record_id: RecordId) -> None:
        """Start a record's workflow again, under the next name where the last one has ended."""
        retry = Retry(self.stores)
        while True:
            record = _record(record_id, self.stores)
            account = read_account(record_id.customer_id, self.stores)
            if account.customer.dunning_record_id != record_id:
                return
            now = self.clock()
            started = self.start(record, now=now)
            posting = note_workflow_start(record, account, started=started, now=now)
            if self.stores.postings.write(record, account, posting) and started:
                return
            retry.wait()


def give_up_dunning(record_id: RecordId, *, stores: Stores, clock: Clock) -> Step:
    """Suspend the customer and mark the leading record failed, unless it is paid, now or before.

    That starts and waits for nothing, so that it needs neither a workflow nor a schedule: where it
    pays the record, the next run goes on with what else is outstanding.
    """
    retry = Retry(stores)
    while True:
        record = _record(record_id, stores)
        if record.status in _ENDED:
            return Step(record_id, _ENDED[record.status], record.retries)
        if record.began_anew:
            return _go_on_with(record, now=clock())
        account = read_account(record_id.customer_id, stores)
        posting = charge_or_give_up(record, account, now=clock())
        if stores.postings.write(record, account, posting):
            return Step(record_id, _ENDED[posting.record.status], record.retries)
        retry.wait()


def _step_without_attempt(record: BillingRecord, number: int, *, now: datetime) -> Step | None:
    """Answer where an attempt was made before, or is not to be made; None where it is."""
    if record.status in _ENDED:
        return Step(record.id, _ENDED[record.status], number)
    if record.dunning_attempt(number) is not None:
        return _next_step(record, number)
    if record.began_anew and number > record.next_dunning_attempt:
        return _go_on_with(record, now=now)
    return Step(record.id, StepOutcome.EXHAUSTED, number) if number > record.retries else None


def _next_step(record: BillingRecord, number: int) -> Step:
    """Tell what follows an attempt that met too little money."""
    delay = record.delay_after(number)
    if delay is None:
        return Step(record.id, StepOutcome.EXHAUSTED, number)
    return Step(record.id, StepOutcome.RETRY, number + 1, delay)


def _go_on_with(record: BillingRecord, *, now: datetime) -> Step:
    """Let the workflow of a dunning that has ended go on with the one that began since.

    Making one attempt twice gives the same answer, so that two workflows do no more than one.
    """
    wait_seconds = record.seconds_to_next_attempt(now=now)
    return Step(record.id, StepOutcome.RETRY, record.next_dunning_attempt, wait_seconds)


def _record(record_id: RecordId, stores: Stores) -> BillingRecord:
    record = stores.records.get(record_id)
    if record is None:
        raise RecordNotFoundError(str(record_id))
    return record
