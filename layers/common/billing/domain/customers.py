"""Customers: who is billed, and how far a charge may take their wallet."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from billing.domain.errors import InvalidInputError
from billing.domain.money import MAX_CENTS
from billing.domain.records import RecordId

RETRY_SCHEDULE_SECONDS_DEFAULT = (1, 2, 4, 8, 16)
RETRIES_MAX = 20

# Whoever goes on with a customer makes the next visit within seconds. After so long somebody else
# looks.
VISIT_GRACE = timedelta(minutes=2)
RETRY_DELAY_SECONDS_MAX = 30 * 24 * 60 * 60

# Words that paths of the API have where the id of a customer may stand: with such an id, one path
# would be two routes.
RESERVED_IDS = frozenset({"events"})


class Mode(StrEnum):
    """How a customer pays: from a funded wallet, or afterwards."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


class Status(StrEnum):
    """Whether charges are taken by themselves; usage is recorded in every status but deleted."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class SuspendedBy(StrEnum):
    """Who suspended a customer; money lifts only what dunning did."""

    OPERATOR = "operator"
    DUNNING = "dunning"


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer; `credit_limit_cents` is only for postpaid, None meaning without limit.

    `retry_schedule_seconds` is None where the deployment's own applies. `dunning_record_id` names
    the record that leads a dunning, while one runs. At `attention_at` the billing run looks at the
    customer, whatever became of the invocation that should have. `revision` counts the changes.
    """

    id: str
    mode: Mode
    status: Status
    created_at: datetime
    name: str | None = None
    email: str | None = None
    credit_limit_cents: int | None = None
    retry_schedule_seconds: tuple[int, ...] | None = None
    suspended_by: SuspendedBy | None = None
    suspended_at: datetime | None = None
    dunning_record_id: RecordId | None = None
    attention_at: datetime | None = None
    deleted_at: datetime | None = None
    revision: int = 0

    @property
    def floor_cents(self) -> int:
        """The least balance that a charge may leave.

        Without a credit limit it is the most negative balance that the system holds, so that
        one comparison serves every mode.
        """
        if self.mode is Mode.PREPAID:
            return 0
        return -MAX_CENTS if self.credit_limit_cents is None else -self.credit_limit_cents

    @property
    def folded_email(self) -> str | None:
        """The e-mail address in the form in which it must be unique."""
        return None if self.email is None else fold_email(self.email)

    @property
    def has_floor(self) -> bool:
        """Whether the balance may not fall without limit."""
        return self.mode is Mode.PREPAID or self.credit_limit_cents is not None

    @property
    def is_charged_at_once(self) -> bool:
        """Whether a new record is tried now; else it waits for the dunning, or for money."""
        return self.status is Status.ACTIVE and self.dunning_record_id is None

    @property
    def is_called_for(self) -> bool:
        """Whether the run is called, and no dunning is why."""
        return self.attention_at is not None and self.dunning_record_id is None

    @property
    def terms(self) -> "Terms":
        """The terms as they are."""
        return Terms(
            self.name,
            self.email,
            self.mode,
            self.credit_limit_cents,
            self.retry_schedule_seconds,
        )

    @classmethod
    def new(cls, customer_id: str, terms: "Terms", *, now: datetime) -> "Customer":
        """Make an active customer; raises InvalidInputError for an id or terms that cannot be."""
        if customer_id in RESERVED_IDS:
            raise InvalidInputError.of_field("id", "is a word that paths of the API have there")
        return cls(customer_id, terms.mode, Status.ACTIVE, now).with_terms(terms)

    def with_terms(self, terms: "Terms") -> "Customer":
        """Change the terms; raises InvalidInputError for terms that cannot be."""
        terms.check()
        return replace(
            self,
            name=terms.name,
            email=terms.email,
            mode=terms.mode,
            credit_limit_cents=terms.credit_limit_cents,
            retry_schedule_seconds=terms.retry_schedule_seconds,
        )

    def suspended(self, by: SuspendedBy, *, now: datetime) -> "Customer":
        """Suspend; an operator's word stands above what dunning did, never the other way."""
        if self.suspended_by is SuspendedBy.OPERATOR or self.suspended_by is by:
            return self
        return replace(self, status=Status.SUSPENDED, suspended_by=by, suspended_at=now)

    def activated(self) -> "Customer":
        """Lift a suspension."""
        return replace(self, status=Status.ACTIVE, suspended_by=None, suspended_at=None)

    def reactivated(self, *, now: datetime) -> "Customer":
        """Lift a suspension by an operator's word, whoever made it; an active customer stays as is.

        What waited is then to be charged. Should the invocation die before that, the run does it.
        """
        if self.status is Status.ACTIVE:
            return self
        return self.activated().needing_attention(self.attention_at or now)

    def needing_attention(self, at: datetime) -> "Customer":
        """Bring the customer before the billing run at an instant."""
        return replace(self, attention_at=at)

    def needing_attention_now(self, *, now: datetime) -> "Customer":
        """Bring the customer before the next billing run; one who is due stays as is."""
        is_due = self.attention_at is not None and self.attention_at <= now
        return self if is_due else self.needing_attention(now)

    def left_to_others(self, *, now: datetime) -> "Customer":
        """Need the run's attention only where whoever goes on with the customer now should die."""
        return self.needing_attention(now + VISIT_GRACE) if self.is_called_for else self

    def attended(self) -> "Customer":
        """Need no more attention, unless a dunning runs, which the run keeps an eye on."""
        return self if self.dunning_record_id is not None else replace(self, attention_at=None)

    def owing_nothing(self) -> "Customer":
        """Be done with everything that was asked: dunning's suspension ends, not an operator's."""
        return self.activated() if self.suspended_by is SuspendedBy.DUNNING else self

    def dunned(self, record_id: RecordId, *, attention_at: datetime) -> "Customer":
        """Let a record lead the customer's dunning."""
        return replace(self, dunning_record_id=record_id, attention_at=attention_at)

    def no_longer_dunned(self, *, attention_at: datetime | None) -> "Customer":
        """End the dunning, whatever came of it."""
        return replace(self, dunning_record_id=None, attention_at=attention_at)

    def deleted(self, *, now: datetime) -> "Customer":
        """Leave a tombstone: the id stays taken, what was personal is forgotten."""
        return replace(
            self,
            status=Status.DELETED,
            deleted_at=now,
            attention_at=None,
            name=None,
            email=None,
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What a caller may say about a customer, when making one and later."""

    name: str | None
    email: str | None
    mode: Mode
    credit_limit_cents: int | None
    retry_schedule_seconds: tuple[int, ...] | None

    def check(self) -> None:
        """Refuse terms that contradict each other; raises InvalidInputError."""
        check_credit_limit(self.mode, self.credit_limit_cents)
        check_retry_schedule(self.retry_schedule_seconds)


def check_credit_limit(mode: Mode, credit_limit_cents: int | None) -> None:
    """Refuse a credit limit for a prepaid customer, whose floor is 0 by definition."""
    if mode is Mode.PREPAID and credit_limit_cents is not None:
        raise InvalidInputError.of_field(
            "credit_limit_cents", "is only for customers with mode postpaid"
        )


def check_retry_schedule(schedule_seconds: tuple[int, ...] | None) -> None:
    """Refuse a schedule without retries, or with delays that are not 1 second to 30 days."""
    if schedule_seconds is None:
        return
    if not 1 <= len(schedule_seconds) <= RETRIES_MAX:
        raise InvalidInputError.of_field("retry_schedule", f"must have 1 to {RETRIES_MAX} delays")
    if not all(1 <= seconds <= RETRY_DELAY_SECONDS_MAX for seconds in schedule_seconds):
        raise InvalidInputError.of_field(
            "retry_schedule", f"must have delays from 1 to {RETRY_DELAY_SECONDS_MAX} seconds"
        )


def fold_email(email: str) -> str:
    """Fold an e-mail address to the form in which it must be unique."""
    return email.strip().casefold()
