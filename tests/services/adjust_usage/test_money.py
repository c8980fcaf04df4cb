"""A wrong event is taken back, to the cent: before it is billed, and after."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.errors import RecordVoidError
from billing.domain.ledger import EntryKind
from billing.domain.records import RecordStatus
from billing.domain.tabs import LineKey
from billing.services.explain_record import explain_record
from billing.services.manage_customers import delete_customer, suspend_customer
from billing.services.read_balance import read_balance
from tests.services.adjust_usage.adjusting import amounts, behind, used
from tests.support.books import Books

LAST_DAY = datetime(2025, 12, 31, 12, tzinfo=UTC)


def pending_cents(books: Books) -> int:
    return read_balance("acme", limit=10, cursor=None, stores=books.stores).pending_cents


@pytest.mark.on_dynamodb_local
def test_an_event_that_is_void_before_it_is_billed_costs_nothing(books: Books) -> None:
    used(books, 40)
    books.void_usage("wrong")

    assert pending_cents(books) == 0
    books.bill()

    [record] = books.records()
    assert (record.status, record.amount_cents, record.entry_seq) == (RecordStatus.PAID, 0, None)
    assert behind(books, record) == {"wrong": 40, "wrong~1": -40}
    assert books.balance_cents() == 0
    assert books.dirty_tabs() == set()
    books.assert_sound()


@pytest.mark.on_dynamodb_local
def test_an_event_that_is_void_after_it_was_billed_gives_its_money_back(books: Books) -> None:
    used(books, 40)
    used(books, 2, event_id="right")
    books.bill()
    assert books.balance_cents() == -126

    books.void_usage("wrong")
    assert (books.balance_cents(), pending_cents(books)) == (-126, -120)
    books.bill()

    first, second = books.records()
    assert behind(books, first) == {"wrong": 40, "right": 2}
    assert behind(books, second) == {"wrong~1": -40}
    assert (second.status, second.amount_cents) == (RecordStatus.PAID, -120)
    entry = books.stores.ledger.entry("acme", 2)
    assert entry is not None
    assert (entry.kind, entry.amount_cents) == (EntryKind.USAGE, 120)
    assert (books.balance_cents(), pending_cents(books)) == (-6, 0)
    books.assert_sound()


@pytest.mark.parametrize(
    ("product_id", "recorded", "targets", "cents"),
    [
        pytest.param("flat", 10, [4, 9, 10, 0], [30, -18, 15, 3, -30], id="flat"),
        pytest.param("graduated", 12, [8, 25, 0], [154, -114, 135, -175], id="graduated"),
        pytest.param("volume", 11, [10, 11, 0], [11, 39, -39, -11], id="volume"),
        pytest.param("package", 11, [10, 31, 0], [60, -30, 90, -120], id="package"),
    ],
)
def test_a_corrected_event_costs_what_the_right_one_would_have(
    books: Books, product_id: str, recorded: int, targets: list[int], cents: list[int]
) -> None:
    used(books, recorded, product_id)
    books.bill()
    for units in targets:
        books.adjust("wrong", units)
        books.bill()
        books.assert_sound()

    assert amounts(books) == cents
    assert books.balance_cents() == 0


def test_a_void_event_can_be_brought_back(books: Books) -> None:
    used(books, 40)
    books.void_usage("wrong")
    books.bill()

    books.adjust("wrong", 40)
    books.bill()

    assert books.balance_cents() == -120
    books.assert_sound()


def test_a_volume_price_falls_back_when_the_event_that_lowered_it_is_void(books: Books) -> None:
    """10 units at 5 cents; the eleventh made all of them cost 1."""
    used(books, 10, "volume", event_id="right")
    books.bill()
    used(books, 1, "volume")
    books.bill()
    assert books.balance_cents() == -11

    books.void_usage("wrong")
    books.bill()

    assert amounts(books) == [50, -39, 39]
    assert books.balance_cents() == -50
    books.assert_sound()


def test_last_months_event_changes_last_month(books: Books) -> None:
    used(books, 12, "graduated", at=LAST_DAY)
    used(books, 12, "graduated", event_id="of-this-month")
    books.bill()
    assert books.balance_cents() == -2 * 154

    books.void_usage("wrong")
    books.bill()

    record = books.records()[-1]
    assert record.amount_cents == -154
    assert list(record.lines) == [LineKey("graduated", 1, "2025-12")]
    books.assert_sound()


def test_parts_of_a_cent_come_back_too(books: Books) -> None:
    for number in range(3):
        used(books, 1, "parts", event_id=f"event-{number}")
        books.bill()
    for number in range(3):
        books.void_usage(f"event-{number}")
        books.bill()
        books.assert_sound()

    wallet = books.stores.wallets.get("acme")
    assert wallet is not None
    assert (wallet.balance_cents, wallet.carry_cents) == (0, Decimal(0))


def test_a_record_below_0_explains_itself(books: Books) -> None:
    used(books, 40)
    used(books, 25, "graduated", event_id="counted")
    books.bill()
    books.void_usage("wrong")
    books.adjust("counted", 12)
    books.bill()

    record = books.records()[-1]
    explained = explain_record(record, stores=books.stores)
    for key, line in record.lines.items():
        before = line.month_before.debited_cents if line.month_before is not None else Decimal(0)
        in_parts = sum(part.amount_cents for part in explained[key])
        assert in_parts == before + line.amount_cents


def test_money_that_comes_back_pays_what_the_wrong_event_left_unpaid(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    claim = books.claim(40, customer_id="prepaid", product_id="flat", event_id="wrong")
    books.record([claim])
    books.bill()
    assert [record.status for record in books.records("prepaid")] == [RecordStatus.RETRYING]

    books.void_usage("wrong", customer_id="prepaid")
    books.clock.advance(86_400)
    books.run_workflows()
    books.bill()
    books.bill()

    assert {record.status for record in books.records("prepaid")} == {RecordStatus.PAID}
    assert books.customer_now("prepaid").status is Status.ACTIVE
    assert books.balance_cents("prepaid") == 0
    books.assert_sound("prepaid")


def test_usage_of_who_is_suspended_is_adjusted_too(books: Books) -> None:
    used(books, 40)
    suspend_customer("acme", stores=books.stores, clock=books.clock)

    books.void_usage("wrong")

    assert pending_cents(books) == 0
    books.assert_sound()


def test_what_went_with_a_void_record_is_not_taken_back_twice(books: Books) -> None:
    books.customer("prepaid", mode=Mode.PREPAID)
    claim = books.claim(40, customer_id="prepaid", product_id="flat", event_id="wrong")
    books.record([claim])
    books.bill()
    [record] = books.records("prepaid")
    books.void(record)

    with pytest.raises(RecordVoidError, match=str(record.id)):
        books.void_usage("wrong", customer_id="prepaid")


def test_a_customer_can_be_deleted_once_the_money_is_back(books: Books) -> None:
    used(books, 40)
    books.bill()
    books.void_usage("wrong")
    books.bill()

    delete_customer("acme", stores=books.stores, clock=books.clock)

    assert books.void_usage("wrong").event.present_units == 0
