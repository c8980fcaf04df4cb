"""What a run takes from wallets, and what waits."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.domain.customers import Mode
from billing.domain.money import MAX_CENTS
from billing.domain.records import RecordStatus
from billing.storage import keys
from tests.services.billing_run.running import run
from tests.support.books import Books
from tests.support.keeper import Keeper


def test_a_prepaid_customer_pays_from_the_wallet(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    books.credit(100, customer_id="prepaid")
    books.use(100, customer_id="prepaid")

    report = run(books)

    assert (report.records_paid, report.records_unpaid) == (1, 0)
    assert books.balance_cents("prepaid") == 0
    books.assert_sound("prepaid")


def test_without_funds_a_record_waits_and_is_counted_as_outstanding_once(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    books.credit(100, customer_id="prepaid")
    books.use(101, customer_id="prepaid")

    report, again = books.bill(), books.bill()

    assert (report.records_paid, report.records_unpaid) == (0, 1)
    assert again.tabs_found == 0
    [record] = books.records("prepaid")
    assert (record.status, record.amount_cents) == (RecordStatus.RETRYING, 101)
    assert (record.paid_at, record.entry_seq) == (None, None)
    wallet = books.stores.wallets.get("prepaid")
    assert wallet is not None
    assert (wallet.balance_cents, wallet.outstanding_cents, wallet.outstanding_records) == (
        100,
        101,
        1,
    )
    books.assert_sound("prepaid")


def test_waiting_records_add_up_and_stand_in_their_index_oldest_first(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    for amount_cents in (5, 3, 4):
        books.charge(amount_cents, customer_id="prepaid")
        books.clock.advance(1)

    wallet = books.stores.wallets.get("prepaid")
    assert wallet is not None
    assert (wallet.outstanding_cents, wallet.outstanding_records) == (12, 3)
    listed = books.stores.dynamo.query(
        books.tables.accounts,
        index=keys.OUTSTANDING_INDEX,
        condition="#outstandingPk = :pk",
        values={":pk": keys.customer_pk("prepaid")},
        limit=10,
    )
    in_order = sorted(books.records("prepaid"), key=lambda record: record.created_at)
    assert [keys.record(record.id)["sk"] for record in in_order] == [
        item["sk"] for item in listed.items
    ]
    assert [record.status for record in in_order] == [
        RecordStatus.RETRYING,
        RecordStatus.PENDING,
        RecordStatus.PENDING,
    ]
    books.assert_sound("prepaid")


def test_a_paid_record_is_no_longer_listed_as_outstanding(books: Books) -> None:
    books.use(1)
    run(books)

    rows = [row for row in books.rows(books.tables.accounts) if "outstandingPk" in row]
    assert rows == []


@pytest.mark.parametrize(
    ("limit", "units", "status"),
    [
        (50, 50, RecordStatus.PAID),
        (50, 51, RecordStatus.RETRYING),
        (0, 1, RecordStatus.RETRYING),
        (None, 10**9, RecordStatus.PAID),
    ],
)
def test_a_charge_goes_to_the_credit_limit_and_no_further(
    books: Books, limit: int | None, units: int, status: RecordStatus
) -> None:
    books.customer("limited", credit_limit_cents=limit)
    books.use(units, customer_id="limited")
    run(books)

    [record] = books.records("limited")
    assert record.status is status
    assert books.balance_cents("limited") == (-units if status is RecordStatus.PAID else 0)
    books.assert_sound("limited")


def test_a_wallet_at_the_bound_of_the_system_stops_charges_and_breaks_nothing(
    books: Books,
) -> None:
    books.client.update_item(
        TableName=books.tables.accounts,
        Key={"pk": {"S": "CUSTOMER#acme"}, "sk": {"S": "WALLET"}},
        UpdateExpression="SET balanceCents = :b",
        ExpressionAttributeValues={":b": {"N": str(-MAX_CENTS + 5)}},
    )
    for units in (5, 1):
        books.use(units)
        assert books.bill().tabs_settled == 1

    assert [record.status for record in books.records()] == [
        RecordStatus.PAID,
        RecordStatus.RETRYING,
    ]
    assert books.balance_cents() == -MAX_CENTS


def test_less_than_a_cent_is_paid_without_an_entry_and_carried(books: Books) -> None:
    books.product("quarter", "0.25")
    for _ in range(3):
        books.use(1, product_id="quarter")
        books.bill()
    assert books.balance_cents() == 0
    assert books.counts()[books.tables.ledger] == 0
    assert {record.status for record in books.records()} == {RecordStatus.PAID}
    assert {record.entry_seq for record in books.records()} == {None}
    books.assert_sound()

    books.use(1, product_id="quarter")
    books.bill()

    assert books.balance_cents() == -1
    books.assert_sound()


usage_between_runs = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["whole", "third", "tiny"]), st.integers(1, 10**6)), max_size=4
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(usage_between_runs)
def test_however_usage_is_cut_into_runs_the_posted_sum_is_within_a_cent(
    keeper: Keeper,
    runs: list[list[tuple[str, int]]],
) -> None:
    prices = {"whole": "7", "third": "0.333333333333", "tiny": "0.000000000001"}
    exact = Decimal(0)
    with keeper.books() as books:
        books.customer("acme")
        for product_id, price in prices.items():
            books.product(product_id, price)
        for used in runs:
            for product_id, units in used:
                books.use(units, product_id=product_id)
                exact += units * Decimal(prices[product_id])
            books.bill()
            books.assert_sound()
            assert 0 <= exact + books.balance_cents() < 1
