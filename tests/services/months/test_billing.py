"""What counts by the month is billed to what the month owes, bill by bill."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.domain.customers import Mode, Status
from billing.domain.ledger import EntryKind
from billing.domain.months import MonthTotal
from billing.domain.prices import Price, flat
from billing.domain.records import RecordStatus
from billing.domain.tabs import HELD_AT_MOST, LineKey
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.manage_customers import delete_customer
from billing.services.manage_products import change_product
from tests.services.months.using import used
from tests.support.books import Books
from tests.support.keeper import Keeper
from tests.support.prices import FREE, GRADUATED, PACKAGE, VOLUME
from tests.support.soundness import months_of

MONTH_END = datetime(2026, 2, 1, tzinfo=UTC)


def billed(books: Books, units: int, product_id: str, *, at: datetime | None = None) -> int:
    """Use something and bill it; tells by how many cents the balance fell."""
    before = books.balance_cents()
    used(books, units, product_id, at=at)
    books.bill()
    books.assert_sound()
    return before - books.balance_cents()


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize(
    ("product_id", "cents"),
    [
        ("graduated", [45, 5 + 100 + 2 * 5, 2 * 5 + 5, 1]),
        ("volume", [45, -45 + 15, 10, 1]),
        ("package", [30, 30, 30, 0]),
        ("free", [0, 2 * 5, 2 * 10, 2]),
    ],
)
def test_each_bill_asks_for_what_the_month_owes_and_was_not_asked(
    books: Books, product_id: str, cents: list[int]
) -> None:
    """9 units, then 6, 10 and 1: 26 in all."""
    assert [billed(books, units, product_id) for units in (9, 6, 10, 1)] == cents
    [(line, month)] = months_of(books.stores, "acme").items()
    assert line == LineKey(product_id, 1, "2026-01")
    assert month == MonthTotal(Decimal(26), Decimal(sum(cents)))


def test_a_record_tells_what_was_billed_of_the_month_before_it(books: Books) -> None:
    billed(books, 9, "graduated")
    used(books, 2, "graduated")
    used(books, 4, "flat")
    event = used(books, 4, "graduated")
    books.bill()

    assert event.unit_price_cents is None
    _, record = books.records()
    graduated = record.lines[LineKey("graduated", 1, "2026-01")]
    assert (graduated.units, graduated.amount_cents) == (Decimal(6), Decimal(115))
    assert graduated.events == 2
    assert graduated.month_before == MonthTotal(Decimal(9), Decimal(45))
    assert graduated.month_after == MonthTotal(Decimal(15), Decimal(160))
    assert record.lines[LineKey("flat", 1, "2026-01")].month_before is None
    assert record.amount_cents == 115 + 12


def test_what_comes_back_is_paid_at_once_by_an_entry_above_0(books: Books) -> None:
    billed(books, 10, "volume")

    assert billed(books, 1, "volume") == -39

    _, record = books.records()
    assert (record.status, record.amount_cents) == (RecordStatus.PAID, -39)
    entry = books.stores.ledger.entry("acme", 2)
    assert entry is not None
    assert (entry.kind, entry.amount_cents, entry.reference) == (
        EntryKind.USAGE,
        39,
        str(record.id),
    )


def test_what_comes_back_pays_what_is_unpaid(books: Books) -> None:
    """Prepaid customers who cannot pay for ten units can for eleven, which come to less.

    Who is suspended is billed once a day.
    """
    books.customer("poor", mode=Mode.PREPAID)
    books.credit(50, customer_id="poor")
    books.use(10, customer_id="poor", product_id="volume")
    books.bill()
    books.charge(20, customer_id="poor")
    books.run_workflows()
    assert books.customer_now("poor").status is Status.SUSPENDED

    books.use(1, customer_id="poor", product_id="volume")
    books.clock.now += HELD_AT_MOST
    books.bill()
    books.bill()

    assert books.customer_now("poor").status is Status.ACTIVE
    assert books.balance_cents("poor") == 50 - 50 + 39 - 20
    assert {record.status for record in books.records("poor")} == {RecordStatus.PAID}
    books.assert_sound("poor")


def test_free_units_post_nothing_and_are_counted_once(books: Books) -> None:
    assert billed(books, 4, "free") == 0
    assert billed(books, 6, "free") == 0
    assert books.counts()[books.tables.ledger] == 0
    assert billed(books, 1, "free") == 2


def test_a_month_that_ends_between_recording_and_billing_is_billed_as_it_was_used(
    books: Books,
) -> None:
    books.clock.now = MONTH_END - timedelta(seconds=1)
    used(books, 9)
    books.clock.now = MONTH_END
    used(books, 9)

    books.bill()

    assert books.balance_cents() == -90
    assert months_of(books.stores, "acme") == {
        LineKey("graduated", 1, "2026-01"): MonthTotal(Decimal(9), Decimal(45)),
        LineKey("graduated", 1, "2026-02"): MonthTotal(Decimal(9), Decimal(45)),
    }
    books.assert_sound()


def test_usage_of_a_month_that_is_over_goes_on_where_that_month_was(books: Books) -> None:
    billed(books, 15, "graduated")
    books.clock.now = MONTH_END + timedelta(days=3)
    billed(books, 15, "graduated")

    assert billed(books, 15, "graduated", at=MONTH_END - timedelta(microseconds=1)) == 5 * 2 + 10


def test_a_price_that_begins_while_a_tab_is_open_counts_from_its_first_instant(
    books: Books,
) -> None:
    """Each version counts its own months; usage that comes late goes to the older one."""
    change_product(
        "graduated",
        price=VOLUME,
        effective_from=MONTH_END,
        stores=books.stores,
        clock=books.clock,
    )
    books.clock.now = MONTH_END - timedelta(seconds=30)
    used(books, 9)
    books.clock.now = MONTH_END + timedelta(seconds=30)
    used(books, 9)
    used(books, 2, at=MONTH_END - timedelta(seconds=1))

    books.bill()

    assert months_of(books.stores, "acme") == {
        LineKey("graduated", 1, "2026-01"): MonthTotal(Decimal(11), Decimal(50 + 100 + 2)),
        LineKey("graduated", 2, "2026-02"): MonthTotal(Decimal(9), Decimal(45)),
    }
    assert books.balance_cents() == -152 - 45
    books.assert_sound()


def test_a_price_may_become_flat_and_flat_prices_may_become_counted(books: Books) -> None:
    for product_id, price in (("graduated", flat(Decimal(7))), ("flat", FREE)):
        change_product(product_id, price=price, stores=books.stores, clock=books.clock)
        used(books, 9, product_id)
    books.clock.now = MONTH_END + timedelta(seconds=PRICE_NOTICE_SECONDS)
    for product_id in ("graduated", "flat"):
        used(books, 11, product_id)

    books.bill()

    assert books.balance_cents() == -(45 + 27) - (77 + 2)
    books.assert_sound()


def test_a_customer_whose_months_are_counted_may_be_deleted(books: Books) -> None:
    billed(books, 3, "free")

    delete_customer("acme", stores=books.stores, clock=books.clock)

    account = books.stores.accounts.get("acme")
    assert account is not None
    assert account.customer.status is Status.DELETED
    assert months_of(books.stores, "acme")[LineKey("free", 1, "2026-01")].units == 3


ANY_PRODUCT = st.sampled_from(["graduated", "volume", "package", "free", "flat"])
bills = st.lists(st.lists(st.tuples(ANY_PRODUCT, st.integers(1, 30)), max_size=4), max_size=5)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bills)
def test_however_usage_is_cut_into_bills_it_comes_to_the_price_of_its_month(
    keeper: Keeper, bills: list[list[tuple[str, int]]]
) -> None:
    prices: dict[str, Price] = {
        "graduated": GRADUATED,
        "volume": VOLUME,
        "package": PACKAGE,
        "free": FREE,
        "flat": flat(Decimal(3)),
    }
    with keeper.books() as books:
        books.customer()
        for product_id, price in prices.items():
            books.product(product_id, price)
        in_all: dict[str, int] = {}
        for lines in bills:
            for product_id, units in lines:
                books.use(units, product_id=product_id)
                in_all[product_id] = in_all.get(product_id, 0) + units
            books.bill()
            books.assert_sound()
        exact = sum(
            prices[product_id].amount(Decimal(units)) for product_id, units in in_all.items()
        )
        assert books.balance_cents() == -exact
