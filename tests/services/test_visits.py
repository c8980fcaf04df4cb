"""However much a customer owes, a visit is one bounded step, and others go on where it ended."""

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.records import RecordStatus
from billing.services.dunning import RECORDS_PER_VISIT_MAX, VISIT_SECONDS, Dunning, Visit
from billing.services.manage_customers import activate_customer, suspend_customer
from billing.services.manage_records import process_record
from tests.support.books import Books
from tests.support.faults import Call, Fault, Faults, meanwhile

# Small numbers show the same as large ones, in fewer calls.
A_FEW = 3
MANY = 4 * A_FEW


@pytest.fixture
def shop(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """Give books with a prepaid customer without funds, of whom a visit charges a few records."""
    monkeypatch.setattr("billing.services.dunning.RECORDS_PER_VISIT_MAX", A_FEW)
    books.customer("acme", mode=Mode.PREPAID, retry_schedule_seconds=(86_400,))
    return books


def owe(shop: Books, records: int = MANY) -> None:
    """Raise charges of a cent, one a second."""
    for _ in range(records):
        shop.clock.advance(1)
        shop.charge(1)


def owe_and_fail(shop: Books, records: int = MANY) -> None:
    """Let the oldest of some charges fail, so that dunning suspends."""
    owe(shop, 1)
    shop.run_workflows()
    owe(shop, records - 1)


def paid(shop: Books) -> list[bool]:
    """Tell which records are paid, oldest first."""
    records = sorted(shop.records(), key=lambda record: record.created_at)
    return [record.status is RecordStatus.PAID for record in records]


def first(count: int) -> list[bool]:
    """Expect that the oldest records are paid and no others."""
    return [number < count for number in range(MANY)]


def test_a_credit_charges_what_a_visit_holds_and_the_next_run_the_rest(shop: Books) -> None:
    owe_and_fail(shop)

    shop.credit(MANY)

    assert paid(shop) == first(A_FEW)
    assert shop.customer_now().status is Status.SUSPENDED
    report = shop.bill()
    assert (report.records_paid, report.remaining) == (MANY - A_FEW, 0)
    assert paid(shop) == first(MANY)
    assert (shop.customer_now().status, shop.customer_now().attention_at) == (Status.ACTIVE, None)
    shop.assert_sound()


def test_a_credit_of_an_active_customer_is_as_bounded(shop: Books) -> None:
    """Elsewhere one record led to the next until the request was cut off, with the money booked."""
    owe(shop)

    shop.credit(MANY)

    assert paid(shop) == first(A_FEW)
    assert shop.bill().records_paid == MANY - A_FEW
    assert shop.customer_now().attention_at is None
    shop.assert_sound()


def test_an_activation_is_as_bounded(shop: Books) -> None:
    shop.credit(MANY)
    suspend_customer("acme", stores=shop.stores, clock=shop.clock)
    owe(shop)

    activate_customer("acme", dunning=shop.dunning)

    assert paid(shop) == first(A_FEW)
    shop.bill()
    assert paid(shop) == first(MANY)


def test_a_charge_by_hand_that_ends_a_dunning_is_as_bounded(shop: Books) -> None:
    owe(shop)
    leader = min(shop.records(), key=lambda record: record.created_at)
    shop.lend(MANY)

    process_record(str(leader.id), dunning=shop.dunning)

    assert paid(shop) == first(1 + A_FEW)
    shop.bill()
    assert paid(shop) == first(MANY)


def test_an_attempt_is_as_bounded_and_the_next_run_does_the_rest(shop: Books) -> None:
    owe(shop)
    shop.lend(MANY)

    shop.step()

    assert paid(shop) == first(A_FEW + 1)
    shop.bill()
    assert paid(shop) == first(MANY)
    shop.assert_sound()


def test_a_visit_begins_no_record_after_its_time(
    shop: Books, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.services.dunning.RECORDS_PER_VISIT_MAX", RECORDS_PER_VISIT_MAX)
    owe_and_fail(shop)
    slow = meanwhile(lambda: shop.monotonic.sleep(VISIT_SECONDS / 2))

    def each_payment_is_slow(call: Call) -> Fault | None:
        return slow if call.operation == "TransactWriteItems" else None

    shop.lend(MANY)
    with faults.planned(each_payment_is_slow):
        visit = shop.dunning.attend("acme")

    assert visit == Visit(records_paid=2, more=True)
    assert paid(shop) == first(2)


def test_who_has_too_little_money_has_nothing_more_to_be_done_now(shop: Books) -> None:
    owe_and_fail(shop)
    shop.lend(1)

    assert shop.dunning.attend("acme") == Visit(records_paid=1, more=False)


def test_a_run_comes_to_everybody_before_it_visits_anybody_twice(
    shop: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(shop)
    shop.customer("globex", mode=Mode.PREPAID)
    shop.charge(1, customer_id="globex")
    for name in ("acme", "globex"):
        shop.lend(MANY, customer_id=name)
    shop.clock.advance(2 * 86_400)
    visited: list[str] = []
    attend = Dunning.attend

    def attend_and_tell(dunning: Dunning, customer_id: str) -> Visit:
        visited.append(customer_id)
        return attend(dunning, customer_id)

    monkeypatch.setattr(Dunning, "attend", attend_and_tell)

    assert shop.bill().records_paid == MANY + 1

    assert set(visited[:2]) == {"acme", "globex"}
    assert visited.count("acme") > 1
