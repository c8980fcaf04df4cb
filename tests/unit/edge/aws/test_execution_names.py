"""Names of executions: what Step Functions takes, and never one name for two starts."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from billing.domain.records import RecordId
from billing.edge.aws.dunning_workflow import NAME_LENGTH_MAX, execution_name, record_of

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


UUID = "0198f0c6-7c1e-7cc4-b4a6-0f3b2c1d4e5f"


@pytest.mark.parametrize(
    ("record_id", "start", "name"),
    [
        (RecordId("acme", "0", "7"), 2, "acme__0__7__2"),
        (RecordId("a_b.c:d-e", "15", "7"), 0, "a_ub_dc_cd-e__15__7__0"),
        (RecordId.manual(UUID, UUID), 1, f"{UUID}__m__{UUID.replace('-', '')}__1"),
    ],
    ids=["short", "every-sign", "charge-by-hand"],
)
def test_a_name_tells_its_record_and_never_changes(
    record_id: RecordId, start: int, name: str
) -> None:
    assert execution_name(record_id, start) == name
    assert record_of(name) == record_id


def test_a_name_that_would_be_too_long_tells_no_record() -> None:
    name = execution_name(RecordId("x" * 64, "0", "1" * 12), 2)

    assert name == f"{'x' * 36}-{name[37:69]}-2"
    assert record_of(name) is None


@given(record_ids, starts)
def test_a_name_tells_the_right_record_or_none(record_id: RecordId, start: int) -> None:
    assert record_of(execution_name(record_id, start)) in {record_id, None}


@given(st.text())
@example("acme__0__7__02")
@example("acme__0__07__2")
@example("acme__m__7__2")
@example("acme_x0__7__2")
@example("by-hand")
def test_a_name_of_somebody_else_tells_no_record(name: str) -> None:
    record_id = record_of(name)

    assert record_id is None or execution_name(record_id, int(name.rpartition("__")[2])) == name
