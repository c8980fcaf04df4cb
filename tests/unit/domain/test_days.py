"""Days add up to what their entries do, however they are read, and close when all is in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.days import (
    NOTHING,
    Day,
    ProductTotals,
    SettledRecords,
    by_day,
    month_days,
    settled_records,
    settling_their_records,
    totals_of,
    verified,
    verify_days,
)
from billing.domain.ledger import ChainState, Entry, EntryKind, Wallet, post
from billing.domain.records import BilledLine, BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import LineKey, TabRef

MIDNIGHT = datetime(2026, 2, 1, tzinfo=UTC)
LAST_OF_JANUARY = date(2026, 1, 31)
FIRST_OF_FEBRUARY = date(2026, 2, 1)

# Where an entry is posted, before and after a month's end.
moments = st.lists(st.integers(-2 * 86_400, 2 * 86_400), min_size=1, max_size=12).map(sorted)


def usage_record(number: int, units: dict[str, int], entry_seq: int) -> BillingRecord:
    """Make a settled record of some units at a cent each."""
    return BillingRecord(
        id=RecordId.of_tab(TabRef("acme", 0), number),
        status=RecordStatus.PAID,
        amount_cents=sum(units.values()),
        created_at=MIDNIGHT,
        lines={
            LineKey(product, 1, "2026-01"): BilledLine(Decimal(n), Decimal(n), 1)
            for product, n in units.items()
        },
        entry_seq=entry_seq,
    )


def posted(
    *steps: tuple[datetime, EntryKind, int | dict[str, int]],
) -> tuple[list[Entry], SettledRecords, Wallet]:
    """Post cents, or records of units, each at its time."""
    wallet, entries, records = Wallet("acme"), [], {}
    for number, (at, kind, what) in enumerate(steps, start=1):
        cents, reference = (what, f"key-{number}") if isinstance(what, int) else (0, "")
        if not isinstance(what, int):
            record = usage_record(number, what, number)
            cents, reference = -record.amount_cents, str(record.id)
            records[reference] = record
        entry, wallet = post(wallet, kind=kind, amount_cents=cents, reference=reference, now=at)
        entries.append(entry)
    return entries, records, wallet


def added_up(
    entries: Sequence[Entry], records: SettledRecords, *, page: int = 100
) -> dict[date, Day]:
    """Add entries up, in pages."""
    days: dict[date, Day] = {}
    for first in range(0, len(entries), page):
        for some in by_day(entries[first : first + page], records):
            days[some.date] = some.added_to(days.get(some.date))
    return days


def test_a_day_has_what_its_entries_come_to() -> None:
    entries, records, _ = posted(
        (MIDNIGHT, EntryKind.CREDIT, 100),
        (MIDNIGHT, EntryKind.USAGE, {"calls": 7, "storage": 2}),
        (MIDNIGHT, EntryKind.USAGE, {"calls": 3}),
        (MIDNIGHT, EntryKind.REFUND, 4),
    )

    [day] = added_up(entries, records).values()

    assert (day.date, day.opening_cents, day.closing_cents) == (FIRST_OF_FEBRUARY, 0, 92)
    assert (day.first_seq, day.last_seq, day.head_hash) == (1, 4, entries[-1].hash)
    assert day.totals.by_kind == {
        EntryKind.CREDIT: 100,
        EntryKind.USAGE: -12,
        EntryKind.REFUND: 4,
    }
    assert day.totals.by_product == {
        "calls": ProductTotals(Decimal(10), Decimal(10), 2),
        "storage": ProductTotals(Decimal(2), Decimal(2), 1),
    }


def test_a_record_below_nothing_takes_units_back_and_a_refund_takes_none() -> None:
    entries, records, _ = posted(
        (MIDNIGHT, EntryKind.USAGE, {"calls": 7}),
        (MIDNIGHT, EntryKind.REFUND, 7),
        (MIDNIGHT, EntryKind.USAGE, {"calls": -5}),
    )

    totals = totals_of(entries, records)

    back = ProductTotals(Decimal(-5), Decimal(-5), 1)
    assert totals.by_product == {"calls": ProductTotals(Decimal(2), Decimal(2), 2, back)}
    assert totals.by_kind == {EntryKind.USAGE: -2, EntryKind.REFUND: 7}


def test_what_was_taken_back_is_told_apart_however_days_are_added_up() -> None:
    used = ProductTotals(Decimal(7), Decimal("1.75"), 2)
    back = replace(
        ProductTotals(Decimal(-3), Decimal("-0.75"), 1),
        taken_back=ProductTotals(Decimal(-3), Decimal("-0.75"), 1),
    )

    assert used.plus(back) == back.plus(used)
    assert used.plus(back).before_corrections == used
    assert back.plus(back).taken_back == ProductTotals(Decimal(-6), Decimal("-1.5"), 2)
    assert back.before_corrections == ProductTotals()


def test_a_charge_by_hand_has_no_product() -> None:
    entries, _, _ = posted((MIDNIGHT, EntryKind.CHARGE, -30))
    record = BillingRecord(
        RecordId.manual("acme", "1"), RecordStatus.PAID, 30, MIDNIGHT, entry_seq=1
    )

    totals = totals_of(entries, {entries[0].reference: record})

    assert totals.by_kind == {EntryKind.CHARGE: -30}
    assert totals.by_product == {}


@pytest.mark.parametrize(
    ("at", "day"),
    [
        pytest.param(MIDNIGHT - timedelta(microseconds=1), LAST_OF_JANUARY, id="last-microsecond"),
        pytest.param(MIDNIGHT, FIRST_OF_FEBRUARY, id="midnight"),
    ],
)
def test_an_entry_belongs_to_the_date_of_its_instant_in_utc(at: datetime, day: date) -> None:
    entries, records, _ = posted((at, EntryKind.CREDIT, 5))

    assert added_up(entries, records).keys() == {day}


@given(moments, st.integers(1, 5))
def test_days_are_the_same_however_entries_are_cut_into_pages(
    seconds: list[int], page: int
) -> None:
    entries, records, wallet = posted(
        *(
            (MIDNIGHT + timedelta(seconds=at), EntryKind.USAGE, {f"p{number % 3}": number})
            for number, at in enumerate(seconds, start=1)
        )
    )

    days = added_up(entries, records, page=page)

    assert days == added_up(entries, records)
    assert verify_days(days.values(), ChainState()) == (
        ChainState(wallet.seq, wallet.balance_cents, wallet.head_hash),
        None,
    )


def test_a_day_that_leaves_entries_out_is_found() -> None:
    entries, records, _ = posted(
        *((MIDNIGHT + timedelta(days=number), EntryKind.CREDIT, 5) for number in range(3))
    )
    first, second, third = added_up(entries, records).values()

    missing = verify_days([first, third], ChainState())
    wrong = verify_days([first, replace(second, totals=NOTHING)], ChainState())

    assert missing == (first.after, "day 2026-02-03 does not begin where the day before it ended")
    assert wrong == (
        first.after,
        "day 2026-02-02 has a balance that is not the sum of its entries",
    )


def test_entries_are_taken_up_to_the_first_that_does_not_verify() -> None:
    entries, _, _ = posted(*((MIDNIGHT, EntryKind.CREDIT, 5) for _ in range(3)))
    forged = replace(entries[1], amount_cents=6)

    good, fault = verified([entries[0], forged, entries[2]], ChainState(), None)

    assert good == entries[:1]
    assert fault == "entry 2 has a balance that is not the sum of the entries"


def test_an_entry_of_a_day_that_is_closed_does_not_verify() -> None:
    entries, _, _ = posted((MIDNIGHT, EntryKind.CREDIT, 5))

    assert verified(entries, ChainState(), FIRST_OF_FEBRUARY) == (entries, None)
    assert verified(entries, ChainState(), date(2026, 2, 2)) == (
        [],
        "entry 1 is dated before the day that is open",
    )


def test_an_entry_that_its_record_does_not_know_is_found() -> None:
    entries, records, _ = posted(
        (MIDNIGHT, EntryKind.CREDIT, 20), (MIDNIGHT, EntryKind.USAGE, {"calls": 7})
    )
    [(name, record)] = records.items()

    def fault_with(found: SettledRecords) -> str | None:
        return settling_their_records(entries, found)[1]

    assert settled_records(entries) == [record.id]
    assert settling_their_records(entries, records) == (entries, None)
    assert settling_their_records(entries, {})[0] == entries[:1]
    assert fault_with({}) == f"entry 2 settles record {name}, which is missing"
    other = f"entry 2 is not what record {name} was settled by"
    assert fault_with({name: replace(record, amount_cents=8)}) == other
    assert fault_with({name: replace(record, entry_seq=1)}) == other


def test_a_reference_that_names_no_record_is_read_as_none() -> None:
    entries, records, _ = posted((MIDNIGHT, EntryKind.USAGE, 5))

    assert settled_records(entries) == []
    assert settling_their_records(entries, records)[1] is not None


def test_a_month_ends_on_its_last_date() -> None:
    assert month_days("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))
    assert month_days("2026-12") == (date(2026, 12, 1), date(2026, 12, 31))
    with pytest.raises(ValueError, match="month"):
        month_days("2026-13")


class TestClosing:
    """A wallet waits from its first posting of a day until that day is over and all in."""

    def wallet(self, *at: datetime) -> Wallet:
        """Post a cent at each of some instants."""
        return posted(*((each, EntryKind.CREDIT, 1) for each in at))[2]

    def added_up(self, wallet: Wallet, day: date, today: date) -> Wallet:
        """Add all entries up."""
        state = ChainState(wallet.seq, wallet.balance_cents, wallet.head_hash)
        return wallet.added_up_to(state, day, today=today)

    def test_the_first_posting_of_a_day_lists_the_wallet_under_that_day(self) -> None:
        wallet = self.wallet(MIDNIGHT - timedelta(hours=1), MIDNIGHT)

        assert Wallet("acme").closing_from is None
        assert wallet.closing_from == LAST_OF_JANUARY
        assert not wallet.has_closed(LAST_OF_JANUARY, today=FIRST_OF_FEBRUARY)

    def test_a_day_that_goes_on_stays_open_with_all_of_its_entries_in(self) -> None:
        wallet = self.added_up(self.wallet(MIDNIGHT), FIRST_OF_FEBRUARY, FIRST_OF_FEBRUARY)

        assert wallet.is_added_up
        assert wallet.closing_from == FIRST_OF_FEBRUARY
        assert wallet.has_closed(LAST_OF_JANUARY, today=FIRST_OF_FEBRUARY)
        assert not wallet.has_closed(FIRST_OF_FEBRUARY, today=FIRST_OF_FEBRUARY)

    def test_a_day_that_is_over_closes_with_its_last_entry(self) -> None:
        wallet = self.added_up(self.wallet(MIDNIGHT), FIRST_OF_FEBRUARY, date(2026, 2, 2))

        assert wallet.closing_from is None
        assert wallet.has_closed(FIRST_OF_FEBRUARY, today=FIRST_OF_FEBRUARY)

    def test_what_a_clock_that_is_behind_posts_goes_to_the_day_that_is_open(self) -> None:
        closed = self.added_up(self.wallet(MIDNIGHT), FIRST_OF_FEBRUARY, date(2026, 2, 2))

        entry, wallet = post(
            closed, kind=EntryKind.CREDIT, amount_cents=1, reference="late", now=MIDNIGHT
        )

        assert entry.posted_at == MIDNIGHT + timedelta(days=1)
        assert wallet.closing_from == date(2026, 2, 2)

    def test_a_day_with_entries_to_come_stays_open_though_it_is_over(self) -> None:
        wallet = self.wallet(MIDNIGHT, MIDNIGHT)
        first = wallet.added_up_to(ChainState(1, 1, "hash"), FIRST_OF_FEBRUARY, today=date.max)

        assert first.closing_from == FIRST_OF_FEBRUARY
        assert not first.has_closed(FIRST_OF_FEBRUARY, today=date.max)

    def test_a_clock_that_goes_back_opens_nothing_again(self) -> None:
        closed = self.added_up(self.wallet(MIDNIGHT), FIRST_OF_FEBRUARY, date(2026, 2, 2))

        assert closed.has_closed(FIRST_OF_FEBRUARY, today=LAST_OF_JANUARY)
