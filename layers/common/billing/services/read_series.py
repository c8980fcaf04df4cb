"""Read what was billed day by day: of a customer, or of all."""

from collections.abc import Sequence
from datetime import date

from billing.domain.days import Day, DayReport
from billing.domain.errors import InvalidInputError, LimitReachedError
from billing.services.read_days import read_span
from billing.storage.stores import Stores

# A quarter; and so many rows, each of some 130 bytes, that the answer fits into one of Lambda's.
SERIES_DAYS_MAX = 92
SERIES_ROWS_MAX = 20_000


def read_series(customer_id: str, first: date, last: date, *, stores: Stores) -> Sequence[Day]:
    """Read the days of a customer from one date to another, both included, oldest first.

    Raises CustomerNotFoundError, InvalidInputError for a range that is too long or ends before it
    begins, LimitReachedError for more rows than one answer has room for, and ClosingBehindError.
    """
    _check_range(first, last)
    _, span = read_span(customer_id, first, last, stores)
    _check_rows(span.days)
    return span.days


def read_reports(first: date, last: date, *, stores: Stores) -> Sequence[DayReport]:
    """Read what all customers' days come to, likewise, as far as the closing run has come."""
    _check_range(first, last)
    reports = list(stores.reports.between(first, last))
    _check_rows(reports)
    return reports


def _check_range(first: date, last: date) -> None:
    if last < first:
        raise InvalidInputError.of_field("to", "must not be before from")
    if (last - first).days >= SERIES_DAYS_MAX:
        raise InvalidInputError.of_field(
            "to", f"must be less than {SERIES_DAYS_MAX} days after from"
        )


def _check_rows(days: Sequence[Day] | Sequence[DayReport]) -> None:
    if sum(len(day.totals.by_product) for day in days) > SERIES_ROWS_MAX:
        raise LimitReachedError(
            f"These days have more than {SERIES_ROWS_MAX:,} products in all; ask for fewer days"
        )
