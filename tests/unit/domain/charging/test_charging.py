"""Charging: what a record does to its customer and their wallet."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.accounts import Account
from billing.domain.charging import (
    DUNNING_GRACE,
    charge,
    charge_or_give_up,
    charge_or_note,
    give_up,
    is_at_rest,
    lead_dunning,
    note_attempt_by_hand,
    note_failed_attempt,
    note_workflow_start,
    raise_record,
)
from billing.domain.customers import Status, SuspendedBy
from billing.domain.errors import IntegrityError
from billing.domain.ledger import EntryKind
from billing.domain.records import (
    ATTEMPTS_KEPT_MAX,
    Attempt,
    AttemptOutcome,
    RecordId,
    RecordStatus,
)
from billing.domain.tabs import TabRef
from tests.support.clock import START
from tests.unit.domain.charging.making import NOW, SCHEDULE, account, raised, record


def test_a_record_that_is_covered_is_paid_at_once_and_leaves_no_trace_but_its_entry() -> None:
    posting = raised(40, account(100))

    assert (posting.record.status, posting.record.paid_at) == (RecordStatus.PAID, NOW)
    assert posting.record.attempts == ()
    assert posting.entry is not None
    assert (posting.record.entry_seq, posting.entry.amount_cents) == (1, -40)
    wallet = posting.account.wallet
    assert (wallet.balance_cents, wallet.outstanding_cents, wallet.outstanding_records) == (
        60,
        0,
        0,
    )


@pytest.mark.parametrize(("manual", "kind"), [(True, EntryKind.CHARGE), (False, EntryKind.USAGE)])
def test_an_entry_says_whether_somebody_asked_for_it(manual: bool, kind: EntryKind) -> None:  # noqa: FBT001
    posting = raise_record(record(manual=manual), account(100), SCHEDULE, now=NOW)

    assert posting.entry is not None
    assert (posting.entry.kind, posting.entry.reference) == (kind, str(posting.record.id))


def test_a_record_of_nothing_is_paid_without_an_entry_whatever_the_customer_s_status() -> None:
    for at in (account(-5), account(status=Status.SUSPENDED)):
        posting = raised(0, at)
        assert (posting.record.status, posting.entry) == (RecordStatus.PAID, None)
        assert posting.account == at


def test_a_record_that_is_not_covered_leads_a_dunning() -> None:
    posting = raised(40, account(39))

    leading, customer = posting.record, posting.account.customer
    assert (leading.status, posting.entry) == (RecordStatus.RETRYING, None)
    assert leading.attempts == (Attempt(0, NOW, AttemptOutcome.INSUFFICIENT_FUNDS, 39),)
    assert leading.retry_schedule_seconds == SCHEDULE
    assert leading.next_attempt_at == NOW + timedelta(seconds=1)
    assert customer.dunning_record_id == leading.id
    assert customer.attention_at == NOW + timedelta(seconds=1) + DUNNING_GRACE
    assert (customer.status, customer.suspended_by) == (Status.ACTIVE, None)
    assert posting.account.wallet.balance_cents == 39
    assert posting.account.wallet.outstanding_cents == 40


@pytest.mark.parametrize(
    "waits_for",
    [
        {"status": Status.SUSPENDED, "suspended_by": SuspendedBy.OPERATOR},
        {"status": Status.SUSPENDED, "suspended_by": SuspendedBy.DUNNING},
        {"dunning_record_id": RecordId.of_tab(TabRef("acme", 0), 7)},
    ],
)
def test_a_record_waits_while_its_customer_is_suspended_or_dunned_even_where_money_is(
    waits_for: dict[str, Any],
) -> None:
    posting = raised(40, account(100, **waits_for))

    assert (posting.record.status, posting.record.attempts) == (RecordStatus.PENDING, ())
    assert (posting.entry, posting.account.wallet.balance_cents) == (None, 100)
    assert posting.account.wallet.outstanding_records == 1
    assert posting.account.customer == account(100, **waits_for).customer


def test_paying_the_leader_ends_the_dunning_and_calls_for_the_next() -> None:
    leading = raised(40, account())
    second = raise_record(record(5, number=2), leading.account, SCHEDULE, now=NOW)
    funded = replace(second.account, wallet=replace(second.account.wallet, balance_cents=40))
    paid = charge(leading.record, funded, now=NOW, number=2)

    assert paid is not None
    assert paid.record.attempts[-1] == Attempt(2, NOW, AttemptOutcome.PAID, 40)
    assert paid.record.next_attempt_at is None
    customer = paid.account.customer
    assert (customer.dunning_record_id, customer.attention_at) == (None, NOW)


@pytest.mark.parametrize(("started", "starts"), [(True, 0), (False, 1)])
def test_a_workflow_that_ended_is_started_under_the_next_name_and_looked_at_again(
    started: bool,  # noqa: FBT001
    starts: int,
) -> None:
    leading = raised(40, account())
    late = NOW + timedelta(hours=1)
    noted = note_workflow_start(leading.record, leading.account, started=started, now=late)

    assert noted.record == replace(leading.record, workflow_starts=starts)
    assert noted.account.customer.attention_at == late + DUNNING_GRACE
    assert noted.account.wallet == leading.account.wallet


def test_a_workflow_that_is_started_before_its_attempt_is_due_is_looked_at_after_that() -> None:
    leading = raised(40, account())
    noted = note_workflow_start(leading.record, leading.account, started=True, now=NOW)

    assert noted.account.customer.attention_at == NOW + timedelta(seconds=1) + DUNNING_GRACE


def test_paying_another_record_leaves_the_dunning_as_it_is() -> None:
    leading = raised(40, account())
    waiting = raise_record(record(5, number=2), leading.account, SCHEDULE, now=NOW)
    funded = replace(waiting.account, wallet=replace(waiting.account.wallet, balance_cents=5))
    paid = charge(waiting.record, funded, now=NOW)

    assert paid is not None
    assert paid.account.customer == leading.account.customer


@pytest.mark.parametrize(
    ("by", "status"),
    [(SuspendedBy.DUNNING, Status.ACTIVE), (SuspendedBy.OPERATOR, Status.SUSPENDED)],
)
def test_the_last_payment_lifts_what_dunning_did_and_nothing_else(
    by: SuspendedBy, status: Status
) -> None:
    owing = raised(40, account(status=Status.SUSPENDED, suspended_by=by, suspended_at=START))
    funded = replace(owing.account, wallet=replace(owing.account.wallet, balance_cents=40))
    paid = charge(owing.record, funded, now=NOW)

    assert paid is not None
    assert paid.account.customer.status is status


def test_a_failed_attempt_says_when_the_next_is_due_and_the_last_one_that_none_is() -> None:
    leading = raised(40, account())
    noted = note_failed_attempt(leading.record, leading.account, number=1, now=NOW)
    assert noted.record.next_attempt_at == NOW + timedelta(seconds=SCHEDULE[1])
    last = note_failed_attempt(noted.record, noted.account, number=3, now=NOW)
    assert last.record.next_attempt_at is None
    # The suspension is due at once, and made up for by the run where it does not come.
    assert last.account.customer.attention_at == NOW + DUNNING_GRACE
    assert [attempt.number for attempt in last.record.attempts] == [0, 1, 3]
    assert last.entry is None


def test_giving_up_suspends_and_a_later_give_up_is_no_move() -> None:
    leading = raised(40, account())
    given_up = give_up(leading.record, leading.account, now=NOW)

    assert (given_up.record.status, given_up.record.failed_at) == (RecordStatus.FAILED, NOW)
    customer = given_up.account.customer
    assert (customer.status, customer.suspended_by, customer.suspended_at) == (
        Status.SUSPENDED,
        SuspendedBy.DUNNING,
        NOW,
    )
    assert (customer.dunning_record_id, customer.attention_at) == (None, None)
    assert given_up.account.wallet == leading.account.wallet
    with pytest.raises(IntegrityError):
        give_up(given_up.record, given_up.account, now=NOW)


def test_giving_up_leaves_an_operators_suspension_in_its_place() -> None:
    leading = raised(40, account())
    held = replace(
        leading.account,
        customer=leading.account.customer.suspended(SuspendedBy.OPERATOR, now=START),
    )
    customer = give_up(leading.record, held, now=NOW).account.customer

    assert (customer.suspended_by, customer.suspended_at) == (SuspendedBy.OPERATOR, START)


def test_attempts_by_hand_are_kept_up_to_a_number_and_those_of_dunning_always() -> None:
    leading = raised(40, account())
    tried = leading.record
    for _ in range(ATTEMPTS_KEPT_MAX + 10):
        tried = note_attempt_by_hand(tried, leading.account, now=NOW)
    assert len(tried.attempts) == ATTEMPTS_KEPT_MAX
    noted = note_failed_attempt(tried, leading.account, number=1, now=NOW).record
    assert len(noted.attempts) == ATTEMPTS_KEPT_MAX + 1
    assert noted.dunning_attempt(1) is not None


def test_a_record_waits_for_older_ones_which_the_run_is_called_for() -> None:
    at = account(100, attention_at=NOW)
    posting = raised(40, replace(at, wallet=at.wallet.owing_more(500)))

    assert (posting.record.status, posting.entry) == (RecordStatus.PENDING, None)
    assert posting.account.customer == at.customer
    assert posting.account.wallet.outstanding_cents == 540


def test_a_record_that_failed_leads_another_dunning_with_all_its_attempts_to_make() -> None:
    leading = raised(40, account())
    noted = note_failed_attempt(leading.record, leading.account, number=1, now=NOW)
    given_up = give_up(noted.record, noted.account, now=NOW)
    active = given_up.account.with_customer(given_up.account.customer.activated())
    again = lead_dunning(given_up.record, active, SCHEDULE, now=NOW).record

    assert (again.status, again.failed_at) == (RecordStatus.RETRYING, None)
    assert [attempt.number for attempt in again.attempts] == [0, 1, 0]
    assert (again.next_dunning_attempt, again.dunning_attempt(1)) == (1, None)
    assert (again.began_anew, again.workflow_starts) == (True, 1)
    assert not leading.record.began_anew


def test_however_often_retries_begin_anew_a_record_keeps_a_bounded_number_of_attempts() -> None:
    failed = replace(
        record(),
        status=RecordStatus.FAILED,
        attempts=(Attempt(0, NOW, AttemptOutcome.INSUFFICIENT_FUNDS, 0),) * 200,
    )
    again = lead_dunning(failed, account(), SCHEDULE, now=NOW).record

    assert len(again.attempts) == ATTEMPTS_KEPT_MAX + 1


def test_where_the_money_is_a_last_attempt_and_giving_up_pay_instead() -> None:
    leading = raised(40, account())
    wallet = replace(leading.account.wallet, balance_cents=40)
    funded = leading.account.with_wallet(wallet)

    attempted = charge_or_note(leading.record, funded, number=1, now=NOW)
    given_up = charge_or_give_up(leading.record, funded, now=NOW)

    for paid in (attempted, given_up):
        assert (paid.record.status, paid.rests_on_account) == (RecordStatus.PAID, False)
        # The run looks for tabs that were held while the dunning ran.
        assert paid.account.customer == account().customer.needing_attention(NOW)
    noted = charge_or_note(leading.record, leading.account, number=1, now=NOW)
    assert (noted.record.status, noted.rests_on_account) == (RecordStatus.RETRYING, True)


@pytest.mark.parametrize(
    ("balance_cents", "others", "is_called"), [(10, 1, True), (0, 1, False), (10, 0, False)]
)
def test_giving_up_calls_the_run_only_where_the_money_may_do_for_another(
    balance_cents: int,
    others: int,
    is_called: bool,  # noqa: FBT001
) -> None:
    leading = raised(40, account(balance_cents))
    wallet = leading.account.wallet.owing_more(5) if others else leading.account.wallet
    given_up = give_up(leading.record, leading.account.with_wallet(wallet), now=NOW)

    assert (given_up.account.customer.attention_at == NOW) == is_called


def owing(balance_cents: int, *, records: int = 2, **customer: Any) -> Account:  # noqa: ANN401  Fields of a customer.
    """Make an account that owes some records of 40 cents."""
    at = account(balance_cents, **customer)
    wallet = at.wallet
    for _ in range(records):
        wallet = wallet.owing_more(40)
    return at.with_wallet(wallet)


SUSPENDED: dict[str, Any] = {"status": Status.SUSPENDED, "suspended_by": SuspendedBy.DUNNING}


@pytest.mark.parametrize(
    ("at", "listed", "rests"),
    [
        (owing(100, records=0), 0, True),
        (owing(0), 2, False),
        (owing(0, **SUSPENDED), 0, True),
        (owing(39, **SUSPENDED), 2, True),
        (owing(39, **SUSPENDED), 1, False),
        (owing(39, **SUSPENDED), 0, False),
        (owing(40, **SUSPENDED), 2, False),
    ],
    ids=[
        "owing-nothing",
        "active",
        "without-a-cent",
        "all-listed",
        "one-missing",
        "none-listed",
        "covered",
    ],
)
def test_who_owes_rests_only_where_the_oldest_record_is_known_and_not_covered(
    at: Account,
    listed: int,
    rests: bool,  # noqa: FBT001
) -> None:
    ids = iter([record(number=number).id for number in range(listed)])
    oldest = record() if next(ids, None) else None

    assert is_at_rest(at, oldest, ids) is rests


@pytest.mark.parametrize("called_at", [None, NOW], ids=["not-called-for", "called-for"])
@pytest.mark.parametrize("suspended", [{}, SUSPENDED], ids=["active", "suspended"])
def test_a_payment_leaves_the_call_for_the_run_as_it_is(
    suspended: dict[str, Any], called_at: datetime | None
) -> None:
    """Whatever brought the money has called it, and only a visit is done with that."""
    for records in (1, 2):
        at = owing(45, records=records, attention_at=called_at, **suspended)
        paid = charge(record(), at, now=NOW)

        assert paid is not None
        assert paid.account.customer.attention_at == called_at


@pytest.mark.parametrize("ended", [RecordStatus.PAID, RecordStatus.VOID])
def test_what_is_paid_or_void_is_never_charged(ended: RecordStatus) -> None:
    with pytest.raises(IntegrityError):
        charge(replace(record(), status=ended), account(100), now=NOW)


@given(st.integers(-1000, 1000), st.integers(-1000, 0), st.integers(1, 1000))
def test_a_charge_leaves_the_floor_or_does_nothing(balance: int, floor: int, cents: int) -> None:
    at = account(balance, floor_cents=floor)
    owing = replace(at, wallet=replace(at.wallet, outstanding_cents=cents, outstanding_records=1))
    posting = charge(record(cents), owing, now=NOW)

    assert (posting is None) == (balance - cents < floor)
    if posting is not None:
        assert posting.account.wallet.balance_cents == balance - cents >= floor
