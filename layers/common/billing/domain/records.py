"""Billing records: what a sealed tab, or a manual charge, asks the customer to pay."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from billing.domain.errors import IntegrityError
from billing.domain.ids import ID_PATTERN, is_id
from billing.domain.money import total
from billing.domain.months import MonthTotal
from billing.domain.tabs import LineKey, TabRef

_SEPARATOR = "~"
MANUAL_SERIES = "manual"

# A customer, then a tab's shard and number, or a manual charge and its name.
RECORD_ID_PATTERN = _SEPARATOR.join([ID_PATTERN[:-1], "[A-Za-z0-9]+", "[A-Za-z0-9-]+$"])

# A record keeps its dunning attempts and the first few made by hand; nobody reads the hundredth.
ATTEMPTS_KEPT_MAX = 50


class RecordStatus(StrEnum):
    """Where a billing record stands."""

    PENDING = "pending"
    RETRYING = "retrying"
    PAID = "paid"
    FAILED = "failed"
    VOID = "void"


# Every move that a record may make.
MOVES: Mapping[RecordStatus, frozenset[RecordStatus]] = {
    RecordStatus.PENDING: frozenset({RecordStatus.PAID, RecordStatus.RETRYING, RecordStatus.VOID}),
    RecordStatus.RETRYING: frozenset({RecordStatus.PAID, RecordStatus.FAILED, RecordStatus.VOID}),
    # Retries begin anew where an operator activates the customer.
    RecordStatus.FAILED: frozenset({RecordStatus.PAID, RecordStatus.RETRYING, RecordStatus.VOID}),
    RecordStatus.PAID: frozenset(),
    RecordStatus.VOID: frozenset(),
}

# Statuses in which a record still asks for money.
OUTSTANDING = frozenset({RecordStatus.PENDING, RecordStatus.RETRYING, RecordStatus.FAILED})


# A record keeps each of its refunds.
REFUNDS_MAX = 50


class AttemptOutcome(StrEnum):
    """How an attempt to charge a record ended."""

    PAID = "paid"
    INSUFFICIENT_FUNDS = "insufficient_funds"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to charge a record.

    `number` counts the attempts of dunning, 0 being the one made at once; it is None for an
    attempt made by hand or because money arrived. `balance_cents` is the balance that it met.
    """

    number: int | None
    at: datetime
    outcome: AttemptOutcome
    balance_cents: int


@dataclass(frozen=True, slots=True)
class Decision:
    """When somebody took something back, who, and why: `by` is the id of their API key."""

    at: datetime
    by: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """A part of a paid record that was given back, by the ledger entry of this number."""

    entry_seq: int
    amount_cents: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class RecordId:
    """Names a record by what it bills, so that the id alone addresses its row.

    A record of usage is named by its tab: `<customer>~<shard>~<number>`. A manual one is named
    `<customer>~manual~<UUID>`.
    """

    customer_id: str
    series: str
    name: str

    def __str__(self) -> str:
        return _SEPARATOR.join((self.customer_id, self.series, self.name))

    @classmethod
    def of_tab(cls, ref: TabRef, number: int) -> "RecordId":
        """Name the record that tab `number` becomes."""
        return cls(ref.customer_id, str(ref.shard), str(number))

    @classmethod
    def manual(cls, customer_id: str, name: str) -> "RecordId":
        """Name a manual charge."""
        return cls(customer_id, MANUAL_SERIES, name)

    @classmethod
    def parse(cls, text: str) -> "RecordId":
        """Read what `str` wrote; raises ValueError for anything else."""
        customer_id, series, name = text.split(_SEPARATOR)
        # Callers write record ids into paths: what comes of it must fit into a key.
        written = all(map(is_id, (customer_id, series, name)))
        of_tab = written and series != MANUAL_SERIES
        if not written or (of_tab and f"{int(series)}~{int(name)}" != f"{series}~{name}"):
            raise ValueError(f"{text!r} is not a record id")
        return cls(customer_id, series, name)

    @property
    def tab(self) -> TabRef:
        """The tab shard that a record of usage bills; raises ValueError for a manual one."""
        return TabRef(self.customer_id, int(self.series))


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What a record bills on one line: units, exact cents, number of events.

    `month_before` is what was billed of the month before, where the price counts by the month; the
    cents are then what the month came to with these units, less what was debited of it already.
    """

    units: Decimal
    amount_cents: Decimal
    events: int
    month_before: MonthTotal | None = None

    @property
    def month_after(self) -> MonthTotal | None:
        """What is billed of the month with this line."""
        if self.month_before is None:
            return None
        return self.month_before.plus(self.units, self.amount_cents)


@dataclass(frozen=True, slots=True)
class BillingRecord:
    """One record, and the whole cents that it asks for.

    A record of usage has the lines of its tab, and `opened_at` and `sealed_at`, between which its
    events were recorded; a manual one has a description instead. `entry_seq` stays None where the
    lines came to less than a cent, so that there was nothing to post. While a record leads a
    dunning it has the schedule of that and `next_attempt_at`. `attempts_before` counts those of
    the attempts that were kept before that dunning began, where the record had failed in one.
    `workflow_starts` counts how often its workflow had to be started anew. `voided` tells who took
    the record back before it was paid, `refunds` what was given back since. `revision` counts the
    changes.
    """

    id: RecordId
    status: RecordStatus
    amount_cents: int
    created_at: datetime
    lines: Mapping[LineKey, BilledLine] = field(default_factory=dict)
    description: str | None = None
    opened_at: datetime | None = None
    sealed_at: datetime | None = None
    paid_at: datetime | None = None
    failed_at: datetime | None = None
    entry_seq: int | None = None
    attempts: tuple[Attempt, ...] = ()
    attempts_before: int = 0
    retry_schedule_seconds: tuple[int, ...] = ()
    next_attempt_at: datetime | None = None
    workflow_starts: int = 0
    voided: Decision | None = None
    refunds: tuple[Refund, ...] = ()
    revision: int = 0

    @property
    def exact_cents(self) -> Decimal:
        """What the lines come to, before whole cents are made of it."""
        return total(line.amount_cents for line in self.lines.values())

    @property
    def months_after(self) -> dict[LineKey, MonthTotal]:
        """How far the months are billed that lines of this record are counted by."""
        after = {key: line.month_after for key, line in self.lines.items()}
        return {key: month for key, month in after.items() if month is not None}

    @property
    def is_outstanding(self) -> bool:
        """Whether the record still asks for money."""
        return self.status in OUTSTANDING

    @property
    def is_manual(self) -> bool:
        """Whether somebody asked for this charge by hand."""
        return self.id.series == MANUAL_SERIES

    @property
    def refunded_cents(self) -> int:
        """How much of what was paid was given back."""
        return sum(refund.amount_cents for refund in self.refunds)

    @property
    def retries(self) -> int:
        """How many attempts a dunning that this record leads makes after the first one."""
        return len(self.retry_schedule_seconds)

    @property
    def next_dunning_attempt(self) -> int:
        """The number of the dunning attempt that comes next."""
        made = (attempt.number for attempt in self._of_this_dunning if attempt.number is not None)
        return max(made) + 1

    @property
    def began_anew(self) -> bool:
        """Whether the dunning that this record leads is not its first, and has attempts to make.

        A step of an earlier one, which Step Functions repeats, is then no step of this one.
        """
        return self.attempts_before > 0 and self.next_dunning_attempt <= self.retries

    @property
    def _of_this_dunning(self) -> tuple[Attempt, ...]:
        return self.attempts[self.attempts_before :]

    def seconds_to_next_attempt(self, *, now: datetime) -> int:
        """Tell the whole seconds until the next dunning attempt is due, 0 where it is."""
        if self.next_attempt_at is None:
            return 0
        return max(0, round((self.next_attempt_at - now).total_seconds()))

    def delay_after(self, number: int) -> int | None:
        """Tell the seconds from dunning attempt `number` to the next one; None after the last."""
        return self.retry_schedule_seconds[number] if number < self.retries else None

    def restarted(self) -> "BillingRecord":
        """Count one more start of the workflow."""
        return replace(self, workflow_starts=self.workflow_starts + 1)

    def retried(self) -> "BillingRecord":
        """Lead a dunning: the first one, or another after the record had failed in one."""
        leading = self.moved_to(RecordStatus.RETRYING)
        if self.status is not RecordStatus.FAILED:
            return leading
        # The execution of the dunning that failed has ended, and no name starts twice.
        kept = self.attempts[-ATTEMPTS_KEPT_MAX:]
        anew = replace(leading, failed_at=None, attempts=kept, attempts_before=len(kept))
        return anew.restarted()

    def taken_back(self, decision: Decision) -> "BillingRecord":
        """Ask for nothing any more."""
        return replace(self.moved_to(RecordStatus.VOID), voided=decision, next_attempt_at=None)

    def with_refund(self, refund: Refund) -> "BillingRecord":
        """Keep a refund."""
        return replace(self, refunds=(*self.refunds, refund))

    def moved_to(self, status: RecordStatus) -> "BillingRecord":
        """Change the status; raises IntegrityError for a move that does not exist."""
        if status not in MOVES[self.status]:
            raise IntegrityError(f"Record {self.id} cannot go from {self.status} to {status}")
        return replace(self, status=status)

    def with_attempt(self, attempt: Attempt) -> "BillingRecord":
        """Keep an attempt; beyond `ATTEMPTS_KEPT_MAX` only those of dunning."""
        if attempt.number is None and len(self.attempts) >= ATTEMPTS_KEPT_MAX:
            return self
        return replace(self, attempts=(*self.attempts, attempt))

    def dunning_attempt(self, number: int) -> Attempt | None:
        """Find the attempt of a number, where it was made already in this dunning."""
        return next((made for made in self._of_this_dunning if made.number == number), None)
