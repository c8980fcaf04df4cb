"""Who owes is looked at until they are at rest, whoever meets whom and whoever dies on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from billing.domain.customers import Mode, Status, SuspendedBy, Terms
from billing.domain.errors import ConcurrentChangeError
from billing.domain.records import AttemptOutcome, BillingRecord, RecordStatus
from billing.domain.tabs import TabRef
from billing.services.dunning import RECORDS_PER_VISIT_MAX, StepOutcome, give_up_dunning
from billing.services.manage_customers import (
    activate_customer,
    change_customer,
    delete_customer,
    suspend_customer,
)
from billing.services.manage_records import process_record
from billing.services.run_billing import BillingRun, charge_everybody
from billing.services.settle_tab import settle_tab
from tests.support.books import Books
from tests.support.faults import (
    KILLED_AFTER,
    Call,
    Fault,
    Faults,
    ProcessKilledError,
    meanwhile,
    on,
)

# They check profile, wallet and shards without changing them, each as it was read and not.
pytestmark = pytest.mark.on_dynamodb_local


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


def suspended_by_an_operator(shop: Books) -> None:
    """Let an operator suspend a customer who has money."""
    shop.credit(20, key="funds")
    suspend_customer("acme", stores=shop.stores, clock=shop.clock)


def activate(shop: Books) -> None:
    """Lift a suspension, as an operator does."""
    activate_customer("acme", dunning=shop.dunning)


def test_a_charge_does_not_wait_for_a_suspension_that_was_lifted_meanwhile(
    shop: Books, faults: Faults
) -> None:
    suspended_by_an_operator(shop)

    with faults.planned(on("TransactWriteItems", meanwhile(lambda: activate(shop)))):
        charged = shop.charge(5)

    assert charged.status is RecordStatus.PAID
    shop.assert_sound()


def test_a_tab_does_not_wait_for_a_suspension_that_was_lifted_meanwhile(
    shop: Books, faults: Faults
) -> None:
    suspended_by_an_operator(shop)
    shop.use(7)
    # The first transaction of a run holds the tab.
    with faults.planned(on("TransactWriteItems", meanwhile(lambda: activate(shop)))):
        shop.bill()

    shop.bill()
    assert statuses(shop) == [RecordStatus.PAID]
    shop.assert_sound()


def test_a_shard_made_beside_a_deletion_keeps_the_customer(shop: Books, faults: Faults) -> None:
    """Else it would take usage for ever, which nobody could bill."""

    def delete() -> None:
        delete_customer("acme", stores=shop.stores, clock=shop.clock)

    def make_shard() -> None:
        assert shop.stores.tabs.make_shard(TabRef("acme", 3))

    made = meanwhile(make_shard)
    with faults.planned(on("TransactWriteItems", made)), pytest.raises(ConcurrentChangeError):
        delete()

    assert shop.customer_now().deleted_at is None
    delete()
    assert shop.stores.tabs.of_customer("acme") == []
    assert not shop.stores.tabs.make_shard(TabRef("acme", 3))


def last_attempt_made(shop: Books) -> BillingRecord:
    """Raise a charge that nobody can pay, and make all its retries but not the suspension."""
    charged = shop.charge(40)
    for number in range(1, 6):
        shop.dunning.attempt(charged.id, number)
    return charged


@contextmanager
def dying(faults: Faults) -> Iterator[None]:
    """Let a process die right after its first transaction."""
    killed = faults.planned(on("TransactWriteItems", KILLED_AFTER))
    with killed, pytest.raises(ProcessKilledError):
        yield


def credit_and_die(shop: Books, faults: Faults, amount_cents: int, *, key: str = "late") -> None:
    """Let a credit die right after its transaction."""
    with dying(faults):
        shop.credit(amount_cents, key=key)


def test_giving_up_charges_what_a_credit_left_when_it_died(shop: Books, faults: Faults) -> None:
    charged = last_attempt_made(shop)
    credit_and_die(shop, faults, 100)

    step = give_up_dunning(charged.id, stores=shop.stores, clock=shop.clock)

    assert step.outcome is StepOutcome.PAID
    assert (shop.customer_now().status, shop.balance_cents()) == (Status.ACTIVE, 60)
    shop.assert_sound()


def test_money_that_comes_while_giving_up_suspends_nobody(shop: Books, faults: Faults) -> None:
    charged = last_attempt_made(shop)

    died = meanwhile(lambda: credit_and_die(shop, Faults(shop.client), 100))
    with faults.planned(on("TransactWriteItems", died)):
        step = give_up_dunning(charged.id, stores=shop.stores, clock=shop.clock)

    assert step.outcome is StepOutcome.PAID
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()


def test_giving_up_calls_the_run_for_what_else_the_money_may_do_for(shop: Books) -> None:
    shop.credit(10, key="too-little")
    charged = last_attempt_made(shop)
    shop.clock.advance(1)
    shop.charge(3)

    give_up_dunning(charged.id, stores=shop.stores, clock=shop.clock)

    assert shop.customer_now().attention_at == shop.clock()


def test_an_attempt_pays_with_money_that_comes_before_it_is_noted(
    shop: Books, faults: Faults
) -> None:
    charged = shop.charge(40)

    died = meanwhile(lambda: credit_and_die(shop, Faults(shop.client), 100))
    with faults.planned(on("TransactWriteItems", died)):
        step = shop.dunning.attempt(charged.id, 1)

    assert step.outcome is StepOutcome.PAID
    paid = shop.record_now(charged)
    assert [attempt.outcome for attempt in paid.attempts] == [
        AttemptOutcome.INSUFFICIENT_FUNDS,
        AttemptOutcome.PAID,
    ]
    shop.assert_sound()


def failed_and_waiting(shop: Books) -> tuple[BillingRecord, BillingRecord]:
    """Let a record of 50 cents fail, and one of 3 wait for it, with 10 cents in the wallet."""
    failed = shop.charge(50)
    shop.run_workflows()
    shop.clock.advance(1)
    waiting = shop.charge(3)
    shop.credit(10, key="too-little")
    assert statuses(shop) == [RecordStatus.FAILED, RecordStatus.PENDING]
    return failed, waiting


def test_retries_begin_anew_with_the_oldest_record_that_failed(shop: Books) -> None:
    failed, _ = failed_and_waiting(shop)

    activate(shop)

    assert statuses(shop) == [RecordStatus.RETRYING, RecordStatus.PENDING]
    assert shop.customer_now().dunning_record_id == failed.id
    steps = shop.run_workflows()
    assert [step.outcome for step in steps] == [StepOutcome.RETRY] * 4 + [StepOutcome.FAILED]
    assert statuses(shop) == [RecordStatus.FAILED, RecordStatus.PENDING]
    assert [attempt.number for attempt in shop.record_now(failed).attempts] == [*range(6)] * 2
    assert (shop.balance_cents(), shop.customer_now().status) == (10, Status.SUSPENDED)


def test_two_activations_at_once_begin_one_dunning(shop: Books, faults: Faults) -> None:
    failed_and_waiting(shop)
    twin = meanwhile(lambda: activate(shop))

    # The first one has read the account, and is about to read the record that is to lead.
    with faults.planned(on("Query", twin, occurrence=2)):
        activate(shop)

    assert statuses(shop) == [RecordStatus.RETRYING, RecordStatus.PENDING]
    assert len(shop.workflow.waiting) == 1


def test_money_ends_retries_that_began_anew(shop: Books) -> None:
    failed_and_waiting(shop)
    activate(shop)

    shop.credit(100, key="enough")

    assert statuses(shop) == [RecordStatus.PAID] * 2
    assert [step.outcome for step in shop.run_workflows()] == [StepOutcome.PAID]
    assert shop.customer_now().status is Status.ACTIVE
    shop.assert_sound()


def test_a_repeated_step_of_the_dunning_before_is_no_step_of_the_one_that_began_anew(
    shop: Books,
) -> None:
    """Else an answer that was lost would make attempts before their time, or suspend."""
    failed, _ = failed_and_waiting(shop)
    activate(shop)

    given_up = give_up_dunning(failed.id, stores=shop.stores, clock=shop.clock)
    attempted = shop.dunning.attempt(failed.id, 5)

    assert given_up == attempted
    assert (attempted.outcome, attempted.attempt) == (StepOutcome.RETRY, 1)
    assert shop.customer_now().status is Status.ACTIVE
    assert statuses(shop) == [RecordStatus.RETRYING, RecordStatus.PENDING]


def test_a_new_charge_never_overtakes_what_nobody_has_charged_yet(
    shop: Books, faults: Faults
) -> None:
    leader = shop.charge(40)
    shop.clock.advance(1)
    shop.charge(60)
    credit_and_die(shop, faults, 50)
    with dying(faults):
        process_record(str(leader.id), dunning=shop.dunning)
    assert statuses(shop) == [RecordStatus.PAID, RecordStatus.PENDING]
    shop.clock.advance(1)

    shop.charge(3)

    assert statuses(shop) == [RecordStatus.PAID, RecordStatus.PENDING, RecordStatus.PENDING]
    shop.bill()
    assert statuses(shop)[1:] == [RecordStatus.RETRYING, RecordStatus.PENDING]
    assert shop.balance_cents() == 10
    shop.assert_sound()


def assert_nothing_is_owed(shop: Books) -> None:
    """Check that everything is paid, and that nobody waits for anything once a run has been."""
    shop.bill()
    assert set(statuses(shop)) == {RecordStatus.PAID}
    customer = shop.customer_now()
    assert (customer.status, customer.attention_at) == (Status.ACTIVE, None)
    shop.assert_sound()


def test_a_tab_that_is_settled_while_a_credit_charges_older_records_is_paid_too(
    shop: Books, faults: Faults
) -> None:
    failed_and_waiting(shop)
    shop.use(7)
    shop.clock.advance(1)
    settled = meanwhile(lambda: settle_tab(TabRef("acme", 0), dunning=shop.dunning))

    # The second transaction of the credit pays the first record that it listed.
    with faults.planned(on("TransactWriteItems", settled, occurrence=2)):
        shop.credit(200, key="enough")

    assert_nothing_is_owed(shop)


@pytest.mark.parametrize("other", ["credit", "run", "retries"])
def test_more_records_than_a_list_is_cut_at_are_paid_by_the_next_runs(
    shop: Books, faults: Faults, other: str
) -> None:
    shop.charge(20)
    shop.run_workflows()
    for _ in range(2 * RECORDS_PER_VISIT_MAX):
        shop.clock.advance(1)
        shop.charge(1)
    others = {
        "credit": lambda: shop.credit(1, key="other"),
        "run": lambda: BillingRun(shop.dunning, "other", shop.deadline()).run(),
        "retries": lambda: charge_everybody(shop.dunning, "other", shop.deadline()),
    }

    # The other one comes between the credit and the payments that it makes possible.
    meeting = meanwhile(others[other])
    with faults.planned(on("TransactWriteItems", meeting, occurrence=2)):
        shop.credit(200, key="enough")
    shop.bill()

    assert_nothing_is_owed(shop)


def test_a_visit_that_ends_leaves_the_mark_of_a_credit_that_came_meanwhile(
    shop: Books, faults: Faults
) -> None:
    failed_and_waiting(shop)
    shop.clock.advance(1)
    died = meanwhile(lambda: credit_and_die(shop, Faults(shop.client), 200))

    # The second transaction of a credit that is too small ends its visit.
    with faults.planned(on("TransactWriteItems", died, occurrence=2)):
        shop.credit(5, key="small")
    assert shop.customer_now().attention_at is not None

    assert_nothing_is_owed(shop)


def test_a_credit_does_not_trust_a_mark_that_a_visit_takes_away_meanwhile(
    shop: Books, faults: Faults
) -> None:
    failed_and_waiting(shop)
    credit_and_die(shop, faults, 1, key="tiny")
    assert shop.customer_now().attention_at is not None
    visited = meanwhile(lambda: shop.dunning.attend("acme"))

    def plan(call: Call) -> Fault | None:
        if call.operation != "TransactWriteItems":
            return None
        return visited if call.occurrence == 1 else KILLED_AFTER

    with faults.planned(plan), pytest.raises(ProcessKilledError):
        shop.credit(200, key="enough")
    assert shop.customer_now().attention_at is not None

    assert_nothing_is_owed(shop)


def test_who_cannot_pay_is_not_looked_at_every_minute(shop: Books) -> None:
    failed_and_waiting(shop)
    assert shop.customer_now().attention_at is None

    shop.use(2)
    shop.bill()

    assert shop.customer_now().attention_at is None
    assert not any(page.found for page in shop.stores.customers.due(by=shop.clock()))


def lower_the_floor(shop: Books) -> None:
    """Agree on a credit limit with a customer who was prepaid."""

    def agreed(terms: Terms) -> Terms:
        return replace(terms, mode=Mode.POSTPAID, credit_limit_cents=100)

    change_customer("acme", agreed, dunning=shop.dunning)


def test_a_limit_that_covers_what_failed_charges_it(shop: Books) -> None:
    failed_and_waiting(shop)

    lower_the_floor(shop)

    assert_nothing_is_owed(shop)
    assert shop.balance_cents() == 10 - 50 - 3


def test_a_limit_that_died_is_gone_on_with_by_the_next_run(shop: Books, faults: Faults) -> None:
    failed_and_waiting(shop)
    with dying(faults):
        lower_the_floor(shop)

    assert_nothing_is_owed(shop)


def test_a_limit_lifts_no_operators_suspension(shop: Books) -> None:
    failed_and_waiting(shop)
    suspend_customer("acme", stores=shop.stores, clock=shop.clock)

    lower_the_floor(shop)

    assert set(statuses(shop)) == {RecordStatus.PAID}
    assert shop.customer_now().suspended_by is SuspendedBy.OPERATOR
    shop.assert_sound()
