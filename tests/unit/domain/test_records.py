"""Billing records: their names, and the moves that their status may make."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.records import (
    MOVES,
    RECORD_ID_PATTERN,
    Attempt,
    AttemptOutcome,
    BillingRecord,
    RecordId,
    RecordStatus,
)
from billing.domain.tabs import TabRef
from tests.support.clock import START

customer_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
tabs = st.builds(TabRef, customer_ids, st.integers(0, 15))
record_ids = st.builds(RecordId.of_tab, tabs, st.integers(1, 10**12)) | st.builds(
    RecordId.manual, customer_ids, st.uuids(version=4).map(str)
)


@given(record_ids)
def test_a_record_id_reads_back_from_its_text(record_id: RecordId) -> None:
    assert RecordId.parse(str(record_id)) == record_id


@given(record_ids)
def test_a_record_id_looks_as_it_is_published(record_id: RecordId) -> None:
    assert re.search(RECORD_ID_PATTERN, str(record_id))


@given(tabs, st.integers(1, 10**12))
def test_a_record_of_usage_knows_its_tab_and_a_manual_one_has_none(
    tab: TabRef, number: int
) -> None:
    assert RecordId.of_tab(tab, number).tab == tab
    with pytest.raises(ValueError, match="manual"):
        _ = RecordId.manual(tab.customer_id, str(number)).tab


@given(record_ids, record_ids)
def test_two_records_never_share_a_name(one: RecordId, other: RecordId) -> None:
    assert (str(one) == str(other)) == (one == other)


@given(st.text(st.sampled_from("acme~01-+ _x"), max_size=12))
def test_any_other_text_is_no_record_id(text: str) -> None:
    try:
        record_id = RecordId.parse(text)
    except ValueError:
        return
    assert str(record_id) == text


@pytest.mark.parametrize(
    "text", ["", "acme", "acme~0", "acme~00~1", "acme~0~+1", "acme~0~1~2", "acme~manual~", "~0~1"]
)
def test_a_second_spelling_of_a_record_id_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which part is wrong does not matter
        RecordId.parse(text)


def reachable(start: RecordStatus) -> set[RecordStatus]:
    """Follow every move from a status, and those that follow it."""
    found: set[RecordStatus] = set()
    ahead = set(MOVES[start])
    while ahead:
        status = ahead.pop()
        if status not in found:
            found.add(status)
            ahead |= MOVES[status]
    return found


def test_every_status_says_where_it_may_go() -> None:
    assert set(MOVES) == set(RecordStatus)


def test_a_record_is_paid_once_and_void_once() -> None:
    assert MOVES[RecordStatus.PAID] == frozenset()
    assert MOVES[RecordStatus.VOID] == frozenset()


def test_no_record_returns_to_a_status_it_left_but_one_whose_retries_begin_anew() -> None:
    returning = {status for status in RecordStatus if status in reachable(status)}

    assert returning == {RecordStatus.RETRYING, RecordStatus.FAILED}


def test_whatever_is_not_settled_may_still_be_paid_or_void() -> None:
    for status in RecordStatus:
        if status not in {RecordStatus.PAID, RecordStatus.VOID}:
            assert {RecordStatus.PAID, RecordStatus.VOID} <= MOVES[status]


def test_only_dunning_that_was_tried_can_fail() -> None:
    to_failed = {status for status, moves in MOVES.items() if RecordStatus.FAILED in moves}

    assert to_failed == {RecordStatus.RETRYING}


RETRYING = BillingRecord(
    RecordId.of_tab(TabRef("acme", 0), 1),
    RecordStatus.RETRYING,
    40,
    START,
    attempts=(
        Attempt(0, START, AttemptOutcome.INSUFFICIENT_FUNDS, 0),
        Attempt(None, START, AttemptOutcome.INSUFFICIENT_FUNDS, 0),
    ),
    retry_schedule_seconds=(1, 2, 4),
    next_attempt_at=START + timedelta(seconds=1.6),
)


def test_a_schedule_tells_the_delay_after_each_attempt_and_none_after_the_last() -> None:
    assert RETRYING.retries == 3
    assert [RETRYING.delay_after(number) for number in range(5)] == [1, 2, 4, None, None]


def test_attempts_by_hand_do_not_count_towards_the_next_of_dunning() -> None:
    assert RETRYING.next_dunning_attempt == 1


@pytest.mark.parametrize(
    ("late_seconds", "wait_seconds"),
    [(0, 2), (0.2, 1), (1.6, 0), (100, 0)],
    ids=["rounded-up", "rounded-down", "due", "overdue"],
)
def test_a_record_waits_whole_seconds_for_its_next_attempt(
    late_seconds: float, wait_seconds: int
) -> None:
    now = START + timedelta(seconds=late_seconds)

    assert RETRYING.seconds_to_next_attempt(now=now) == wait_seconds
