"""Keys: different things never share one, and nobody can spell the key of somebody else's thing."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.records import RecordId
from billing.domain.tabs import TabRef
from billing.storage import keys
from tests.support.clock import START

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
event_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", fullmatch=True)
shards = st.integers(0, 15)
numbers = st.integers(1, 10**12 - 1)
tabs = st.builds(TabRef, ids, shards)
record_ids = st.builds(RecordId.of_tab, tabs, numbers) | st.builds(
    RecordId.manual, ids, st.uuids(version=4).map(str)
)


@given(ids, event_ids)
def test_an_event_id_reads_back_from_its_key(customer_id: str, event_id: str) -> None:
    key = keys.usage_event(customer_id, event_id)

    assert key["pk"] == customer_id
    assert keys.event_id_of(key["sk"]) == event_id


@given(ids, event_ids, ids, event_ids)
def test_two_events_never_share_a_key(one: str, event: str, other: str, other_event: str) -> None:
    same = keys.usage_event(one, event) == keys.usage_event(other, other_event)

    assert same == ((one, event) == (other, other_event))


@given(ids, shards)
def test_a_tab_reads_back_from_its_key(customer_id: str, shard: int) -> None:
    assert keys.tab_reference(keys.tab(customer_id, shard)) == (customer_id, shard)


@given(record_ids, record_ids)
def test_two_records_never_share_a_key(one: RecordId, other: RecordId) -> None:
    assert (keys.record(one) == keys.record(other)) == (one == other)
    assert (keys.debit_key(one) == keys.debit_key(other)) == (one == other)


@given(ids, st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=255))
def test_no_idempotency_key_spells_the_key_of_a_debit_or_an_entry(customer: str, key: str) -> None:
    claimed = keys.credit_key(customer, key)["sk"]

    assert claimed.startswith("KEY#credit:")
    assert len(claimed.encode()) <= 1024


@given(numbers, numbers)
def test_entries_and_records_sort_as_their_numbers(one: int, other: int) -> None:
    entries = [keys.entry("acme", number)["sk"] for number in (one, other)]
    records = [keys.record(RecordId("acme", "0", str(number)))["sk"] for number in (one, other)]

    assert (entries[0] < entries[1]) == (one < other)
    assert (records[0] < records[1]) == (one < other)


def test_usage_of_a_tab_sorts_by_time_and_then_by_id() -> None:
    positions = [
        keys.recorded_at_event(START, "b"),
        keys.recorded_at_event(START, "a"),
        keys.recorded_at_event(START - timedelta(microseconds=1), "z"),
    ]

    assert sorted(positions) == positions[::-1]


def test_ids_that_grow_with_time_are_spread_over_the_partition() -> None:
    firsts = Counter(keys.usage_event("acme", f"event-{n}")["sk"][0] for n in range(1600))

    assert len(firsts) == 16
    assert max(firsts.values()) < 2 * 100


def test_dirty_tabs_are_spread_over_all_partitions_of_their_index() -> None:
    partitions = Counter(keys.dirty(f"customer-{n}", 0)["dirtyPk"] for n in range(1600))

    assert set(partitions) == {keys.dirty_partition(n) for n in range(keys.PARTITIONS)}
    assert max(partitions.values()) < 2 * 100


def test_a_tab_stays_where_it_is_in_the_dirty_index() -> None:
    assert keys.dirty("acme", 3) == keys.dirty("acme", 3)
    assert keys.dirty("acme", 3) != keys.dirty("acme", 4)


@pytest.mark.parametrize("shard", [0, 9, 15])
def test_shards_sort_as_their_numbers(shard: int) -> None:
    assert keys.tab("acme", shard)["sk"] == f"TAB#{shard:02d}"
