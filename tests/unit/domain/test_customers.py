"""Customers: how far a charge may take a wallet, and when two addresses are one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from billing.domain.customers import (
    RETRIES_MAX,
    RETRY_DELAY_SECONDS_MAX,
    RETRY_SCHEDULE_SECONDS_DEFAULT,
    Customer,
    Mode,
    Status,
    SuspendedBy,
    Terms,
    check_credit_limit,
    check_retry_schedule,
    fold_email,
)
from billing.domain.errors import InvalidInputError
from billing.domain.money import MAX_CENTS
from billing.domain.records import RecordId
from billing.domain.tabs import TabRef
from tests.support.clock import START


def customer(mode: Mode, credit_limit_cents: int | None = None) -> Customer:
    """Make a customer who pays in this way."""
    return Customer("acme", mode, Status.ACTIVE, START, credit_limit_cents=credit_limit_cents)


def test_a_prepaid_wallet_never_falls_below_zero() -> None:
    assert customer(Mode.PREPAID).floor_cents == 0


def test_a_credit_limit_is_the_floor_below_zero() -> None:
    assert customer(Mode.POSTPAID, 5000).floor_cents == -5000
    assert customer(Mode.POSTPAID, 0).floor_cents == 0


def test_without_a_limit_the_floor_is_the_bound_of_the_system() -> None:
    assert customer(Mode.POSTPAID).floor_cents == -MAX_CENTS


def test_only_postpaid_without_a_limit_has_no_floor() -> None:
    assert customer(Mode.PREPAID).has_floor
    assert customer(Mode.POSTPAID, 0).has_floor
    assert not customer(Mode.POSTPAID).has_floor


def test_a_prepaid_customer_has_no_credit_limit() -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_credit_limit(Mode.PREPAID, 100)

    assert refused.value.errors[0].field == "credit_limit_cents"


@pytest.mark.parametrize(
    ("mode", "limit"), [(Mode.PREPAID, None), (Mode.POSTPAID, None), (Mode.POSTPAID, 0)]
)
def test_every_other_pair_of_mode_and_limit_stands(mode: Mode, limit: int | None) -> None:
    check_credit_limit(mode, limit)

    assert customer(mode, limit).floor_cents <= 0


@pytest.mark.parametrize("same", ["ann@example.com", "ANN@Example.COM", "  ann@example.com "])
def test_case_and_padding_do_not_make_another_address(same: str) -> None:
    assert fold_email(same) == "ann@example.com"


def test_another_address_is_another_address() -> None:
    assert fold_email("ann+1@example.com") != fold_email("ann@example.com")


@pytest.mark.parametrize(
    "schedule",
    [None, RETRY_SCHEDULE_SECONDS_DEFAULT, (RETRY_DELAY_SECONDS_MAX,), (1,) * RETRIES_MAX],
)
def test_a_schedule_of_some_delays_stands(schedule: tuple[int, ...] | None) -> None:
    check_retry_schedule(schedule)
    assert schedule is None or len(schedule) <= RETRIES_MAX


@pytest.mark.parametrize(
    "schedule", [(), (1,) * (RETRIES_MAX + 1), (0,), (1, -1), (1, RETRY_DELAY_SECONDS_MAX + 1)]
)
def test_a_schedule_without_retries_or_with_delays_out_of_bounds_is_refused(
    schedule: tuple[int, ...],
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        check_retry_schedule(schedule)

    assert refused.value.errors[0].field == "retry_schedule"


def test_an_operators_word_stands_above_what_dunning_did_and_never_the_other_way() -> None:
    later = START + timedelta(days=1)
    dunned = customer(Mode.PREPAID).suspended(SuspendedBy.DUNNING, now=START)
    held = dunned.suspended(SuspendedBy.OPERATOR, now=later)

    assert (dunned.status, dunned.suspended_by) == (Status.SUSPENDED, SuspendedBy.DUNNING)
    assert (held.suspended_by, held.suspended_at) == (SuspendedBy.OPERATOR, later)
    assert held.suspended(SuspendedBy.DUNNING, now=later) == held


@pytest.mark.parametrize("by", SuspendedBy)
def test_suspending_again_keeps_the_time_and_activating_takes_all_of_it_back(
    by: SuspendedBy,
) -> None:
    active = customer(Mode.PREPAID)
    suspended = active.suspended(by, now=START)

    assert suspended.suspended(by, now=START + timedelta(days=1)) == suspended
    assert suspended.activated() == active
    assert active.activated() == active


def test_only_an_active_customer_without_a_dunning_is_charged_at_once() -> None:
    active = customer(Mode.PREPAID)
    leader = RecordId.of_tab(TabRef("acme", 0), 1)

    assert active.is_charged_at_once
    assert not replace(active, dunning_record_id=leader).is_charged_at_once
    assert not active.suspended(SuspendedBy.DUNNING, now=START).is_charged_at_once
    assert not replace(active, status=Status.DELETED).is_charged_at_once


TERMS = Terms("Ann", "Ann@example.com", Mode.POSTPAID, 500, (1, 2))
LATER = START + timedelta(days=1)
RECORD_ID = RecordId.of_tab(TabRef("acme", 0), 1)


def test_a_new_customer_has_the_terms_that_were_given_and_is_active() -> None:
    made = Customer.new("acme", TERMS, now=START)

    assert (made.terms, made.status, made.created_at) == (TERMS, Status.ACTIVE, START)
    assert made.folded_email == "ann@example.com"
    assert customer(Mode.PREPAID).folded_email is None


def test_terms_that_contradict_each_other_make_no_customer() -> None:
    with pytest.raises(InvalidInputError):
        Customer.new("acme", replace(TERMS, mode=Mode.PREPAID), now=START)


def test_who_is_reactivated_comes_before_the_run_no_later_than_before() -> None:
    suspended = customer(Mode.PREPAID).suspended(SuspendedBy.DUNNING, now=START)

    assert suspended.reactivated(now=LATER).attention_at == LATER
    assert suspended.needing_attention(START).reactivated(now=LATER).attention_at == START
    assert suspended.reactivated(now=LATER).activated() == suspended.reactivated(now=LATER)


def test_reactivating_who_is_active_changes_nothing() -> None:
    assert customer(Mode.PREPAID).reactivated(now=LATER) == customer(Mode.PREPAID)


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, LATER), (START, START), (LATER, LATER), (LATER + timedelta(seconds=1), LATER)],
    ids=["never", "overdue", "just-due", "later"],
)
def test_who_needs_attention_now_is_due_now_unless_due_before(
    before: datetime | None, after: datetime
) -> None:
    due = replace(customer(Mode.PREPAID), attention_at=before)

    assert due.needing_attention_now(now=LATER).attention_at == after


def test_who_was_attended_to_needs_no_attention_unless_a_dunning_runs() -> None:
    due = customer(Mode.PREPAID).needing_attention(START)
    dunned = due.dunned(RECORD_ID, attention_at=LATER)

    assert due.attended() == customer(Mode.PREPAID)
    assert dunned.attended() == dunned
    assert (dunned.dunning_record_id, dunned.attention_at) == (RECORD_ID, LATER)
    assert dunned.no_longer_dunned(attention_at=None) == customer(Mode.PREPAID)
