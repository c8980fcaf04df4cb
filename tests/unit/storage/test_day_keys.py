"""Days stand among the rows of their customer in order of time, and reports in shards."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from billing.storage import day_keys

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
dates = st.dates(date(2020, 1, 1), date(9998, 1, 1))
parts = st.integers(0, 99)


@given(ids, dates, parts, dates, parts)
def test_parts_of_days_sort_by_date_and_number(
    customer_id: str, one: date, part: int, other: date, other_part: int
) -> None:
    first = day_keys.day(customer_id, one, part)["sk"]
    second = day_keys.day(customer_id, other, other_part)["sk"]

    assert (first < second) == ((one, part) < (other, other_part))


@given(ids, dates, dates, dates, parts)
def test_a_range_of_days_holds_all_parts_of_each(
    customer_id: str, first: date, last: date, day: date, part: int
) -> None:
    values = day_keys.days_between(customer_id, first, last)
    key = day_keys.day(customer_id, day, part)

    assert values[":pk"] == key["pk"]
    assert (values[":first"] <= key["sk"] <= values[":last"]) == (first <= day <= last)


@given(dates, st.integers(0, 15), st.integers(0, 15), parts)
def test_a_part_of_a_report_is_found_by_its_shard_alone(
    day: date, shard: int, other: int, part: int
) -> None:
    key = day_keys.report_part(day, shard, part)

    assert key["pk"] == day_keys.report(day)
    found = key["sk"].startswith(day_keys.report_shard_prefix(other))
    assert found == (shard == other)


def test_customers_spread_over_the_shards_and_move_on_after_a_race() -> None:
    shards = Counter(day_keys.report_shard(f"customer-{number}", 0) for number in range(1600))
    turns = {day_keys.report_shard("acme", turn) for turn in range(day_keys.REPORT_SHARDS)}

    assert set(shards) == turns == set(range(day_keys.REPORT_SHARDS))
    assert max(shards.values()) < 2 * 100
