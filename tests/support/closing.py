"""Closings as the stories run them, and what must be true of days whatever happened."""

from datetime import date, timedelta

from billing.domain.days import NOTHING, Day, Totals
from billing.domain.deadline import Deadline
from billing.domain.ledger import Wallet
from billing.services.closing_work import Closer, ClosingReport
from billing.services.handing_out import WorkQueue
from billing.services.rebuild_days import rebuild_days
from billing.services.run_closing import ClosingRun
from billing.storage.stores import Stores
from tests.support.books import Books

# Whenever a test is run, it posts neither earlier nor later.
FIRST, LAST = date(2000, 1, 1), date(9999, 12, 31)


def close(
    books: Books,
    *,
    owner: str = "closing",
    queue: WorkQueue[str] | None = None,
    deadline: Deadline | None = None,
) -> ClosingReport:
    """Close what is over now, and report what failed instead of raising it."""
    closer = Closer(books.stores, books.clock)
    return ClosingRun(closer, owner, deadline or books.deadline(), queue).run()


def days_of(books: Books, customer_id: str = "acme") -> list[Day]:
    """Read all days of a customer."""
    return list(books.stores.days.between(customer_id, FIRST, LAST))


def wallet_of(stores: Stores, customer_id: str = "acme") -> Wallet:
    """Read a wallet."""
    wallet = stores.wallets.get(customer_id)
    assert wallet is not None
    return wallet


def to_close(books: Books) -> set[str]:
    """Tell whom the index lists for the closing run."""
    return {each for page in books.stores.wallets.to_close() for each, _ in page.found}


def assert_days_add_up(stores: Stores, *customer_ids: str) -> None:
    """Check that days are what their entries come to, and reports what the days of all come to."""
    for customer_id in customer_ids:
        rebuilt = list(rebuild_days(customer_id, write=False, stores=stores))
        assert [each for each in rebuilt if each.differs] == []
    days = [
        day for customer_id in customer_ids for day in stores.days.between(customer_id, FIRST, LAST)
    ]
    if not days:
        return
    by_date: dict[date, Totals] = {}
    for day in sorted(days, key=lambda each: each.date):
        by_date[day.date] = by_date.get(day.date, NOTHING).plus(day.totals)
    # A report is looked for date by date, and one of a day beside these would be too many.
    first, last = min(by_date) - timedelta(days=1), max(by_date) + timedelta(days=1)
    reports = {report.date: report.totals for report in stores.reports.between(first, last)}
    assert reports == by_date
