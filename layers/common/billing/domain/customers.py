"""Customers: who is billed, and how far a charge may take their wallet."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from billing.domain.errors import InvalidInputError
from billing.domain.money import MAX_CENTS
from billing.domain.records import RecordId

RETRY_SCHEDULE_SECONDS_DEFAULT = (1, 2, 4, 8, 16)
RETRIES_MAX = 20
RETRY_DELAY_SECONDS_MAX = 30 * 24 * 60 * 60


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
    def has_floor(self) -> bool:
        """Whether the balance may not fall without limit."""
        return self.mode is Mode.PREPAID or self.credit_limit_cents is not None

    @property
    def is_charged_at_once(self) -> bool:
        """Whether a new record is tried now; else it waits for the dunning, or for money."""
        return self.status is Status.ACTIVE and self.dunning_record_id is None

    def suspended(self, by: SuspendedBy, *, now: datetime) -> "Customer":
        """Suspend; an operator's word stands above what dunning did, never the other way."""
        if self.suspended_by is SuspendedBy.OPERATOR or self.suspended_by is by:
            return self
        return replace(self, status=Status.SUSPENDED, suspended_by=by, suspended_at=now)

    def activated(self) -> "Customer":
        """Lift a suspension."""
        return replace(self, status=Status.ACTIVE, suspended_by=None, suspended_at=None)


def check_credit_limit(mode: Mode, credit_limit_cents: int | None) -> None:
    """Refuse a credit limit for a prepaid customer, whose floor is 0 by definition."""
    if mode is Mode.PREPAID and credit_limit_cents is not None:
        raise InvalidInputError.of_field(
            "creditLimitCents", "is only for customers with mode postpaid"
        )


def check_retry_schedule(schedule_seconds: tuple[int, ...] | None) -> None:
    """Refuse a schedule without retries, or with delays that are not 1 second to 30 days."""
    if schedule_seconds is None:
        return
    if not 1 <= len(schedule_seconds) <= RETRIES_MAX:
        raise InvalidInputError.of_field("retrySchedule", f"must have 1 to {RETRIES_MAX} delays")
    if not all(1 <= seconds <= RETRY_DELAY_SECONDS_MAX for seconds in schedule_seconds):
        raise InvalidInputError.of_field(
            "retrySchedule", f"must have delays from 1 to {RETRY_DELAY_SECONDS_MAX} seconds"
        )


def fold_email(email: str) -> str:
    """Fold an e-mail address to the form in which it must be unique."""
    return email.strip().casefold()
