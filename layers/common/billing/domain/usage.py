"""Usage events: what was used, by whom, when, and at which price."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from billing.domain.errors import InvalidInputError
from billing.domain.money import decimal_places
from billing.domain.pricing import Product
from billing.domain.records import Decision, RecordId

# With what one event may cost (money.py), this keeps any single request from making a customer
# unbillable.
UNITS_MAX = 10**12

# A device's clock may run ahead; a day covers a wrong time zone, and no more.
OCCURRED_AHEAD_MAX = timedelta(days=1)
OCCURRED_AT_MIN = datetime(2000, 1, 1, tzinfo=UTC)

# An event keeps each of its adjustments.
ADJUSTMENTS_MAX = 20

# No id that a caller chooses has it: what stands behind it counts adjustments of the event before.
ADJUSTMENT_SEPARATOR = "~"


@dataclass(frozen=True, slots=True)
class LogSource:
    """The line of a log file that an event was read from; `upload` counts how often the file was
    put under its key, beginning with 1.
    """

    file_id: str
    line: int
    upload: int


@dataclass(frozen=True, slots=True)
class UsageClaim:
    """What a caller says was used; `occurred_at` is None where the caller left it to us."""

    customer_id: str
    event_id: str
    product_id: str
    units: Decimal
    occurred_at: datetime | None = None
    source: LogSource | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """How many units of an event counted before somebody decided otherwise, and after.

    The difference is a row of its own, billed by `record_id`.
    """

    units_before: Decimal
    units_after: Decimal
    record_id: RecordId
    decision: Decision


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """A recorded event: the claim, priced, and stamped with the record that will bill it.

    `unit_price_cents` is None where the price counts by the month. `units` are those that were
    recorded, for ever: what was adjusted since stands in `adjustments`, oldest first, and each
    difference in a row like this one, whose units may be below 0 and whose id has a tilde.
    """

    customer_id: str
    event_id: str
    product_id: str
    units: Decimal
    unit_price_cents: Decimal | None
    price_version: int
    occurred_at: datetime
    recorded_at: datetime
    record_id: RecordId
    source: LogSource | None = None
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def present_units(self) -> Decimal:
        """What counts of the event now."""
        return self.adjustments[-1].units_after if self.adjustments else self.units

    @property
    def last_record_id(self) -> RecordId:
        """The record that bills the youngest row of the event: its own, or its last difference."""
        return self.adjustments[-1].record_id if self.adjustments else self.record_id

    @property
    def adjusts(self) -> str | None:
        """The id of the event whose difference this row carries; None for an event itself."""
        event_id, tilde, _ = self.event_id.partition(ADJUSTMENT_SEPARATOR)
        return event_id if tilde else None

    def repeats(self, claim: UsageClaim) -> bool:
        """Tell whether a claim says the same as this event.

        A claim without `occurred_at` repeats an event at any time: the first answer told when.
        Where either was read from is no part of what it says, nor what was adjusted since.
        """
        return (
            self.product_id == claim.product_id
            and self.units == claim.units
            and claim.occurred_at in {None, self.occurred_at}
        )


def check_units(units: Decimal, product: Product) -> None:
    """Refuse units that nobody can use of a product."""
    if units <= 0:
        raise InvalidInputError.of_field("units", "must be greater than 0")
    if units > UNITS_MAX:
        raise InvalidInputError.of_field("units", f"must not be greater than {UNITS_MAX}")
    if decimal_places(units) > product.unit_decimals:
        raise InvalidInputError.of_field("units", _decimals_message(product))


def check_occurred_at(occurred_at: datetime | None, *, now: datetime) -> None:
    """Refuse a time before the year 2000 or more than a day ahead."""
    if occurred_at is None:
        return
    if occurred_at < OCCURRED_AT_MIN:
        raise InvalidInputError.of_field("occurred_at", "must not be before the year 2000")
    if occurred_at > now + OCCURRED_AHEAD_MAX:
        raise InvalidInputError.of_field("occurred_at", "must not be more than a day ahead")


def _decimals_message(product: Product) -> str:
    if product.unit_decimals == 0:
        return "must be a whole number"
    return f"must not have more than {product.unit_decimals} decimal places"
