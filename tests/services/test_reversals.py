"""What went wrong is taken back: a record voided before it is paid, refunded after that."""

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    RecordNotFoundError,
    RecordNotPaidError,
    RecordPaidError,
    RefundTooLargeError,
)
from billing.domain.ledger import EntryKind
from billing.domain.records import BillingRecord, RecordStatus
from billing.services.dunning import StepOutcome
from billing.services.manage_customers import delete_customer
from billing.services.reverse_records import RefundReceipt, void_record
from tests.support.books import Books
from tests.support.faults import ANSWER_LOST, Faults, meanwhile, on


@pytest.fixture
def shop(books: Books) -> Books:
    """Give books with a prepaid customer without funds, and a product at 1 cent."""
    books.customer("acme", mode=Mode.PREPAID)
    books.product()
    return books


@pytest.fixture
def paid(shop: Books) -> BillingRecord:
    """Give a record of 40 cents that is paid."""
    shop.credit(40)
    return shop.charge(40)


@pytest.mark.on_dynamodb_local
def test_a_void_in_the_middle_of_the_retries_ends_the_workflow_well(shop: Books) -> None:
    record = shop.charge(40)
    shop.step()

    voided = shop.void(record, reason="Charged to the wrong customer")

    assert shop.record_now(record).status is RecordStatus.VOID
    assert voided.voided is not None
    assert (voided.voided.by, voided.voided.reason) == ("key-1", "Charged to the wrong customer")
    assert [step.outcome for step in shop.run_workflows()] == [StepOutcome.VOID]
    assert shop.customer_now().status is Status.ACTIVE
    assert shop.customer_now().dunning_record_id is None
    assert shop.balance_cents() == 0
    shop.assert_sound()


def test_when_the_leader_is_void_the_next_record_leads_at_once(shop: Books) -> None:
    leader = shop.charge(40)
    shop.clock.advance(1)
    next_one = shop.charge(3)

    shop.void(leader)

    assert shop.record_now(next_one).status is RecordStatus.RETRYING
    assert shop.customer_now().dunning_record_id == next_one.id
    shop.assert_sound()


def test_when_the_leader_is_void_money_that_it_held_up_pays_the_next(shop: Books) -> None:
    leader = shop.charge(40)
    shop.clock.advance(1)
    next_one = shop.charge(3)
    shop.credit(5)
    assert shop.balance_cents() == 5

    shop.void(leader)

    assert shop.record_now(next_one).status is RecordStatus.PAID
    assert shop.balance_cents() == 2
    shop.assert_sound()


def test_a_void_of_all_that_failed_lifts_the_suspension(shop: Books) -> None:
    record = shop.charge(40)
    shop.run_workflows()
    assert shop.customer_now().status is Status.SUSPENDED

    shop.void(record)

    assert shop.customer_now().status is Status.ACTIVE


def test_usage_that_was_billed_to_a_void_record_is_not_billed_again(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    [record] = shop.records()

    shop.void(record)
    shop.bill()

    assert [it.status for it in shop.records()] == [RecordStatus.VOID]
    shop.assert_sound()


def test_a_void_record_stays_as_it_is(shop: Books) -> None:
    record = shop.charge(40)
    first = shop.void(record, reason="First")

    assert shop.void(record, reason="Second").voided == first.voided


def test_what_was_paid_meanwhile_is_not_voided(shop: Books, faults: Faults) -> None:
    record = shop.charge(40)
    money_comes = meanwhile(lambda: shop.credit(40))

    with (
        faults.planned(on("TransactWriteItems", money_comes)),
        pytest.raises(RecordPaidError),
    ):
        shop.void(record)

    assert shop.record_now(record).status is RecordStatus.PAID
    shop.assert_sound()


def test_giving_up_meanwhile_keeps_no_void_from_lifting_the_suspension(
    shop: Books, faults: Faults
) -> None:
    record = shop.charge(40)
    gives_up = meanwhile(lambda: shop.run_workflows() and None)

    with faults.planned(on("TransactWriteItems", gives_up)):
        shop.void(record)

    assert shop.record_now(record).status is RecordStatus.VOID
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()


def test_no_record_of_that_id(shop: Books) -> None:
    with pytest.raises(RecordNotFoundError):
        void_record("acme~manual~none", by="key-1", reason=None, dunning=shop.dunning)


@pytest.mark.on_dynamodb_local
def test_a_refund_gives_the_money_back_and_the_ledger_names_the_record(
    shop: Books, paid: BillingRecord
) -> None:
    receipt = shop.refund(paid, 15, reason="Outage")

    assert receipt == RefundReceipt("acme~3", 15, 15, replayed=False)
    assert shop.balance_cents() == 15
    entry = shop.stores.ledger.entry("acme", 3)
    assert entry is not None
    assert (entry.kind, entry.amount_cents, entry.reference) == (
        EntryKind.REFUND,
        15,
        str(paid.id),
    )
    [refund] = shop.record_now(paid).refunds
    assert (refund.entry_seq, refund.amount_cents, refund.decision.reason) == (3, 15, "Outage")
    shop.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_repeated_refund_is_answered_as_the_first_time(shop: Books, paid: BillingRecord) -> None:
    first = shop.refund(paid)
    again = shop.refund(paid)

    assert (again.entry_id, again.amount_cents, again.balance_cents) == ("acme~3", 40, 40)
    assert (first.replayed, again.replayed) == (False, True)
    assert shop.balance_cents() == 40


@pytest.mark.on_dynamodb_local
def test_two_who_send_the_same_refund_at_once_refund_once(
    shop: Books, faults: Faults, paid: BillingRecord
) -> None:
    twin = meanwhile(lambda: shop.refund(paid, 15))

    with faults.planned(on("TransactWriteItems", twin)):
        receipt = shop.refund(paid, 15)

    assert receipt.replayed
    assert shop.record_now(paid).refunded_cents == 15
    assert shop.balance_cents() == 15


def test_a_refund_whose_answer_was_lost_is_answered_by_its_key(
    shop: Books, faults: Faults, paid: BillingRecord
) -> None:
    with faults.planned(on("TransactWriteItems", ANSWER_LOST)):
        receipt = shop.refund(paid, 15)

    assert (receipt.entry_id, receipt.balance_cents, shop.balance_cents()) == ("acme~3", 15, 15)


def test_another_refund_under_the_same_key_is_refused(shop: Books, paid: BillingRecord) -> None:
    shop.refund(paid, 15)
    with pytest.raises(IdempotencyKeyReusedError):
        shop.refund(paid, 16)


def test_refunds_never_exceed_the_record_also_side_by_side(
    shop: Books, faults: Faults, paid: BillingRecord
) -> None:
    another = meanwhile(lambda: shop.refund(paid, 30, key="another"))

    with (
        faults.planned(on("TransactWriteItems", another)),
        pytest.raises(RefundTooLargeError, match="10 cents"),
    ):
        shop.refund(paid, 30)

    assert shop.record_now(paid).refunded_cents == 30
    shop.assert_sound()


def test_what_is_not_paid_is_not_refunded(shop: Books) -> None:
    owed = shop.charge(40)
    with pytest.raises(RecordNotPaidError, match="retrying"):
        shop.refund(owed)


def test_a_refund_pays_what_is_outstanding_and_lifts_the_suspension(
    shop: Books, paid: BillingRecord
) -> None:
    owed = shop.charge(30)
    shop.run_workflows()
    assert shop.customer_now().status is Status.SUSPENDED

    receipt = shop.refund(paid)

    assert receipt.balance_cents == 40
    assert shop.balance_cents() == 10
    assert shop.record_now(owed).status is RecordStatus.PAID
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()


def test_a_deleted_customer_gets_nothing_back_but_the_same_answer(
    shop: Books, paid: BillingRecord
) -> None:
    first = shop.refund(paid, 40)
    shop.charge(40)
    delete_customer("acme", stores=shop.stores, clock=shop.clock)

    assert shop.refund(paid, 40).entry_id == first.entry_id
    with pytest.raises(CustomerNotFoundError):
        shop.refund(shop.records()[1], key="refund-2")
