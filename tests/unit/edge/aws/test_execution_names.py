"""Names of executions: what Step Functions takes, and never one name for two starts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.records import RecordId
from billing.edge.aws.dunning_workflow import NAME_LENGTH_MAX, execution_name

customer_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
record_ids = st.one_of(
    st.builds(
        RecordId,
        customer_ids,
        st.integers(0, 15).map(str),
        st.integers(1, 10**12).map(str),
    ),
    st.builds(RecordId.manual, customer_ids, st.uuids().map(str)),
)
starts = st.integers(0, 10**10 - 1)


@given(record_ids, starts)
def test_a_name_is_one_that_step_functions_takes_and_can_log(
    record_id: RecordId, start: int
) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", execution_name(record_id, start))
    assert len(execution_name(record_id, start)) <= NAME_LENGTH_MAX


@given(st.tuples(record_ids, starts), st.tuples(record_ids, starts))
def test_two_starts_never_share_a_name(
    one: tuple[RecordId, int], other: tuple[RecordId, int]
) -> None:
    assert (execution_name(*one) == execution_name(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Alike once the letters that a name cannot have are replaced.
        (RecordId("a.b", "0", "1"), RecordId("a:b", "0", "1")),
        (RecordId("a", "0", "11"), RecordId("a-0", "1", "1")),
        # Alike in everything that fits into a name.
        (RecordId("x" * 64, "0", "1"), RecordId("x" * 64, "0", "2")),
    ],
)
def test_records_that_look_alike_in_a_name_are_kept_apart(one: RecordId, other: RecordId) -> None:
    assert execution_name(one, 0) != execution_name(other, 0)


def test_a_name_can_be_read_and_never_changes() -> None:
    name = execution_name(RecordId("acme", "0", "7"), 2)

    assert name == "acme-0-7-c3c20b2fb56f33133a3736967170f7ad-2"
