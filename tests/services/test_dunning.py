"""Retry, then suspend: what happens when the money is not there, and when it comes."""

from datetime import timedelta

import pytest

from billing.domain.customers import Mode, Status, SuspendedBy
from billing.domain.errors import UnavailableError
from billing.domain.records import AttemptOutcome, RecordStatus
from billing.services.dunning import StepOutcome, give_up_dunning
from billing.services.manage_customers import activate_customer, suspend_customer
from billing.services.manage_records import ProcessOutcome, process_record
from tests.support.books import Books


@pytest.fixture
def shop(books: Books) -> Books:
    """Give books with a prepaid customer without funds, and a product at 1 cent."""
    books.customer("acme", mode=Mode.PREPAID)
    books.product()
    return books


def statuses(shop: Books) -> list[RecordStatus]:
    """Tell what became of the records, oldest first."""
    records = sorted(shop.records(), key=lambda record: record.created_at)
    return [record.status for record in records]


def test_enough_funds_are_charged_while_settling(shop: Books) -> None:
    shop.credit(100)
    shop.use(40)
    shop.bill()

    [record] = shop.records()
    assert (record.status, record.attempts) == (RecordStatus.PAID, ())
    assert shop.balance_cents() == 60
    assert shop.workflow.names == {}
    shop.assert_sound()


def test_five_retries_on_schedule_then_failed_and_suspended(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    [record] = shop.records()
    raised_at = shop.clock()
    assert record.status is RecordStatus.RETRYING
    assert record.next_attempt_at == raised_at + timedelta(seconds=1)

    steps = shop.run_workflows()

    assert [step.outcome for step in steps] == [StepOutcome.RETRY] * 4 + [StepOutcome.FAILED]
    [record] = shop.records()
    assert record.status is RecordStatus.FAILED
    assert [attempt.number for attempt in record.attempts] == [0, 1, 2, 3, 4, 5]
    waited = [(attempt.at - raised_at).total_seconds() for attempt in record.attempts]
    assert waited == [0, 1, 3, 7, 15, 31]
    customer = shop.customer_now()
    assert (customer.status, customer.suspended_by) == (Status.SUSPENDED, SuspendedBy.DUNNING)
    assert shop.balance_cents() == 0
    shop.assert_sound()


def test_money_reactivates_and_pays_without_any_other_call(shop: Books) -> None:
    shop.charge(40)
    shop.run_workflows()
    shop.clock.advance(1)
    shop.charge(2)
    assert statuses(shop) == [RecordStatus.FAILED, RecordStatus.PENDING]

    shop.credit(50)

    assert set(statuses(shop)) == {RecordStatus.PAID}
    assert shop.balance_cents() == 8
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()


def test_too_little_money_pays_the_oldest_and_the_customer_stays_suspended(shop: Books) -> None:
    shop.charge(40)
    shop.run_workflows()
    shop.clock.advance(1)
    shop.charge(30)

    shop.credit(45)

    assert statuses(shop) == [RecordStatus.PAID, RecordStatus.PENDING]
    assert shop.customer_now().status is Status.SUSPENDED
    assert shop.balance_cents() == 5
    shop.assert_sound()


def test_a_credit_between_two_attempts_ends_the_dunning(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    shop.step()
    shop.credit(100)

    assert [step.outcome for step in shop.run_workflows()] == [StepOutcome.PAID]
    [record] = shop.records()
    assert record.status is RecordStatus.PAID
    assert shop.customer_now().dunning_record_id is None
    assert shop.balance_cents() == 60
    shop.assert_sound()


def test_one_dunning_at_a_time_and_the_rest_waits_for_it(shop: Books) -> None:
    shop.charge(40)
    for _ in range(3):
        shop.clock.advance(1)
        shop.charge(1)

    assert len(shop.workflow.names) == 1
    assert statuses(shop) == [RecordStatus.RETRYING, *[RecordStatus.PENDING] * 3]
    shop.credit(42)
    assert statuses(shop) == [RecordStatus.PAID] * 3 + [RecordStatus.RETRYING]
    leader = max(shop.records(), key=lambda record: record.created_at)
    assert shop.customer_now().dunning_record_id == leader.id
    shop.assert_sound()


@pytest.mark.on_dynamodb_local
def test_a_step_whose_answer_was_lost_is_no_second_attempt(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    [record] = shop.records()
    dunning = shop.dunning

    first = dunning.attempt(record.id, 1)
    again = dunning.attempt(record.id, 1)

    assert first == again
    assert [attempt.number for attempt in shop.record_now(record).attempts] == [0, 1]


def test_giving_up_after_the_money_came_suspends_nobody(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    [record] = shop.records()
    shop.credit(40)

    step = give_up_dunning(record.id, stores=shop.stores, clock=shop.clock)

    assert step.outcome is StepOutcome.PAID
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()


def test_a_lost_start_is_made_up_for_by_the_next_run(shop: Books) -> None:
    shop.workflow.lose_starts = True
    shop.use(40)
    shop.bill()
    assert shop.workflow.waiting == []

    shop.workflow.lose_starts = False
    shop.bill()
    shop.bill()

    assert len(shop.workflow.waiting) == 1
    shop.run_workflows()
    assert shop.records()[0].status is RecordStatus.FAILED


def test_a_workflow_that_died_is_started_anew_under_another_name(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    shop.step()
    shop.workflow.crash()

    shop.bill()
    shop.bill()

    [start] = shop.workflow.waiting
    assert (start.attempt, start.starts) == (2, 1)
    shop.run_workflows()
    [record] = shop.records()
    assert record.status is RecordStatus.FAILED
    assert [attempt.number for attempt in record.attempts] == [0, 1, 2, 3, 4, 5]


def test_money_alone_does_not_lift_an_operators_suspension(shop: Books) -> None:
    shop.use(40)
    shop.bill()
    suspend_customer("acme", stores=shop.stores, clock=shop.clock)
    shop.run_workflows()

    shop.credit(100)

    customer = shop.customer_now()
    assert (customer.status, customer.suspended_by) == (Status.SUSPENDED, SuspendedBy.OPERATOR)
    shop.clock.advance(1)
    shop.charge(10)
    assert statuses(shop) == [RecordStatus.PAID, RecordStatus.PENDING]
    activated = activate_customer("acme", dunning=shop.dunning)
    assert activated.status is Status.ACTIVE
    assert statuses(shop) == [RecordStatus.PAID] * 2
    assert shop.balance_cents() == 50
    shop.assert_sound()


def test_a_customers_own_schedule_is_followed(books: Books) -> None:
    books.customer("acme", mode=Mode.PREPAID, retry_schedule_seconds=(60, 3600))
    books.product()
    books.use(5)
    books.bill()
    raised_at = books.clock()

    books.run_workflows()

    [record] = books.records()
    waited = [(attempt.at - raised_at).total_seconds() for attempt in record.attempts]
    assert waited == [0, 60, 3660]
    assert record.status is RecordStatus.FAILED


def test_a_credit_limit_goes_the_same_way(books: Books) -> None:
    books.customer("acme", credit_limit_cents=100)
    books.product()
    books.use(100)
    books.bill()
    books.use(1)
    books.bill()

    statuses = [record.status for record in books.records()]
    assert statuses == [RecordStatus.PAID, RecordStatus.RETRYING]
    assert books.balance_cents() == -100
    books.run_workflows()
    assert books.customer_now().status is Status.SUSPENDED
    books.assert_sound()


def test_a_fault_of_the_store_is_no_attempt(shop: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.use(40)
    shop.bill()
    [record] = shop.records()
    shop.patience_seconds = 0.0

    def throttled(**_request: object) -> None:
        raise shop.client.exceptions.ProvisionedThroughputExceededException(
            {"Error": {"Code": "ThrottlingException"}}, "GetItem"
        )

    with monkeypatch.context() as patch:
        patch.setattr(shop.client, "get_item", throttled)
        with pytest.raises(UnavailableError):
            shop.dunning.attempt(record.id, 1)

    assert [attempt.number for attempt in shop.record_now(record).attempts] == [0]
    assert shop.customer_now().status is Status.ACTIVE


def test_a_manual_charge_is_tried_at_once_and_replayed_by_its_key(shop: Books) -> None:
    shop.credit(500)

    first = shop.charge(120, key="invoice-7", description="Set-up fee")
    again = shop.charge(120, key="invoice-7", description="Set-up fee")

    assert first == again
    assert (first.status, first.description) == (RecordStatus.PAID, "Set-up fee")
    assert shop.balance_cents() == 380
    shop.assert_sound()


def test_a_failed_record_can_be_processed_by_hand(shop: Books) -> None:
    record = shop.charge(40)
    shop.run_workflows()
    unpaid = process_record(str(record.id), dunning=shop.dunning)
    assert unpaid.outcome is ProcessOutcome.INSUFFICIENT_FUNDS
    assert unpaid.record.attempts[-1].outcome is AttemptOutcome.INSUFFICIENT_FUNDS
    assert unpaid.record.attempts[-1].number is None

    shop.credit(40)
    done = process_record(str(record.id), dunning=shop.dunning)

    assert (done.outcome, done.balance_cents) == (ProcessOutcome.ALREADY_PAID, 0)
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()
