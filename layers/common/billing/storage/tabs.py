"""Tabs as items: accrue in place, seal in place, settle inside the billing transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from itertools import chain
from typing import Any

from billing.domain.money import ZERO
from billing.domain.tabs import (
    COUNTED_MONTHS_MAX,
    LINES_MAX,
    Lines,
    OpenTab,
    SealedTab,
    Tab,
    TabRef,
    counted_by_month,
)
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.product_codes import ProductCodes
from billing.storage.tab_lines import code_in, read_lines, stored_lines
from billing.storage.walks import BEGINNING, Position, Walk, WalkPage
from billing.storage.writes import (
    Check,
    ConditionFailedError,
    Delete,
    Put,
    TransactionCancelledError,
    Update,
)

# The events of the transaction carry the id of the record that tab number n becomes: they may only
# be added while it is the open one, and while it has not so many lines that each event is dear.
STILL_OPEN = "attribute_exists(#pk) AND #number = :number AND size(#lines) <= :most"

# The same of usage that counts by the month: settling it changes items of each of its months, and a
# transaction has room for so many.
STILL_OPEN_WITH_MONTHS_LEFT = f"{STILL_OPEN} AND size(#months) <= :months"

# Sealing never buries what is sealed already: that content waits for its own record.
NOTHING_SEALED_YET = (
    "attribute_exists(#pk) AND attribute_not_exists(#sealedNumber) AND size(#lines) > :zero"
)

# What is sealed is settled at once, and what is empty is nothing to wait for.
AS_READ_AND_OPEN = (
    "#number = :number AND attribute_exists(#openedAt) AND attribute_not_exists(#sealedNumber)"
)

# A tab that was billed since it was read is in no list any more, and belongs in none.
LISTED = "attribute_exists(#dirtyPk)"

# Whoever settles a sealed tab first takes it away; nobody settles it twice.
SEALED_AS_READ = "#sealedNumber = :sealed"

# Only a tab without any content may leave the dirty index, else its usage would never be billed.
SEALED_AS_READ_AND_NOTHING_OPEN = f"{SEALED_AS_READ} AND size(#lines) = :zero"
EMPTY = "attribute_not_exists(#sealedNumber) AND size(#lines) = :zero"

# A tab goes with its customer only as it was read: number and content unchanged since.
EMPTY_AS_READ = f"#number = :number AND {EMPTY}"

# A shard is made once, and only for a customer that exists.
NOT_MADE_YET = "attribute_not_exists(#pk)"
CUSTOMER_EXISTS = "attribute_exists(#pk) AND attribute_not_exists(#deletedAt)"

BEGINS = "#pk = :pk AND begins_with(#sk, :prefix)"

_SEAL = (
    "SET #sealedLines = #lines, #sealedNumber = #number, #sealedOpenedAt = #openedAt,"
    " #sealedAt = :now, #lines = :none, #months = :noMonths, #number = #number + :one,"
    " #dirtyPk = :dirtyPk, #dirtySk = :dirtySk"
    " REMOVE #openedAt"
)
# When it was sealed stays: containers go by it.
_UNSEAL = "REMOVE #sealedLines, #sealedNumber, #sealedOpenedAt"
_UNSEAL_AND_CLEAN = f"{_UNSEAL}, #dirtyPk, #dirtySk"
_CLEAN = "REMOVE #dirtyPk, #dirtySk"
_LIST = "SET #dirtyPk = :dirtyPk, #dirtySk = :dirtySk"

# What an accrual does to each line, without a blank to spare: DynamoDB takes an expression of 4 KB,
# and there may be a line for each of the 99 events of a transaction.
_LINES = "#l"
_ACCRUE_LINE = f"{_LINES}.#{{0}}=if_not_exists({_LINES}.#{{0}},:z)+:{{0}}"
_MONTHS = "#m"
_NOTE_MONTH = f"{_MONTHS}.#{{0}}=:z"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sealed of a tab now; a leftover was so before: the run that sealed it died."""

    content: SealedTab
    is_leftover: bool


class NothingToSeal(Enum):
    """Why nothing of a tab is sealed: it is empty, or gone together with its customer."""

    EMPTY = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Tabs:
    """Reads and writes tabs."""

    dynamo: Dynamo
    table: str
    codes: ProductCodes

    def look(self, ref: TabRef, *, consistent: bool) -> OpenTab | None:
        """Read which number is open; None where the shard does not exist."""
        key = keys.tab(ref.customer_id, ref.shard)
        item = self.dynamo.get(self.table, key, consistent=consistent)
        return None if item is None else open_tab_of(item)

    def get(self, ref: TabRef) -> Tab | None:
        """Read a tab, strongly consistent."""
        item = self.dynamo.get(self.table, keys.tab(ref.customer_id, ref.shard))
        return None if item is None else self._tabs([item])[0]

    def of_customer(self, customer_id: str) -> list[Tab]:
        """Read all tab shards of a customer, strongly consistent, in order of shard."""
        return self._tabs(list(self._shards(customer_id)))

    def _shards(self, customer_id: str) -> Iterator[Item]:
        return self.dynamo.query_all(
            self.table,
            condition=BEGINS,
            values={":pk": keys.customer_pk(customer_id), ":prefix": keys.TAB_PREFIX},
            page_size=100,
        )

    def _tabs(self, items: Sequence[Item]) -> list[Tab]:
        names = chain.from_iterable(
            (*item["lines"], *item.get("sealedLines", {})) for item in items
        )
        product_ids = self.codes.product_ids(map(code_in, names))
        return [_tab(item, product_ids) for item in items]

    def _sealed(self, item: Item) -> SealedTab:
        return _sealed(item, self.codes.product_ids(map(code_in, item["sealedLines"])))

    def dirty(self, start: Position = BEGINNING) -> Iterator[WalkPage[TabRef]]:
        """Read which tabs have something to bill, from a position round to it again."""
        return Walk(self.dynamo, self.table, keys.dirty_partition, _ref_of).pages(start)

    def make_shard(self, ref: TabRef) -> bool:
        """Make a tab shard; False where the customer does not exist.

        Somebody else making it at the same time is as good.
        """
        customer = Check(self.table, keys.profile(ref.customer_id), CUSTOMER_EXISTS)
        shard = Put(self.table, new_tab(ref.customer_id, ref.shard), NOT_MADE_YET)
        try:
            self.dynamo.transact([customer, shard])
        except TransactionCancelledError as cancelled:
            return cancelled.failure_of(customer) is None
        return True

    def accrual(self, ref: TabRef, number: int, lines: Lines, *, now: datetime) -> Update:
        """Return the write that adds lines to the open content of tab `number`."""
        added = stored_lines(lines)
        months = sorted({key.month for key in counted_by_month(lines)})
        steps = [
            "#openedAt = if_not_exists(#openedAt, :now)",
            # A tab that is held stays so.
            "#dirtyPk = if_not_exists(#dirtyPk, :dirtyPk)",
            "#dirtySk = if_not_exists(#dirtySk, :dirtySk)",
            *(_ACCRUE_LINE.format(position) for position in range(len(added))),
            *(_NOTE_MONTH.format(len(added) + position) for position in range(len(months))),
        ]
        values: dict[str, Any] = {
            ":number": number,
            ":most": LINES_MAX,
            ":z": ZERO,
            ":now": to_text(now),
            **_as_values(keys.dirty(ref.customer_id, ref.shard)),
            **{f":{position}": value for position, value in enumerate(added.values())},
        }
        names = {f"#{position}": name for position, name in enumerate([*added, *months])}
        names |= {_LINES: "lines"}
        condition = STILL_OPEN
        if months:
            condition = STILL_OPEN_WITH_MONTHS_LEFT
            values |= {":months": COUNTED_MONTHS_MAX}
            names |= {_MONTHS: "months"}
        key = keys.tab(ref.customer_id, ref.shard)
        return Update(self.table, key, "SET " + ", ".join(steps), condition, values, names)

    def seal(self, ref: TabRef, *, now: datetime) -> Sealed | NothingToSeal:
        """Set the open content of a tab aside and open the next number, in one write.

        Content that is sealed already stays so.
        """
        sealing = Update(
            self.table,
            keys.tab(ref.customer_id, ref.shard),
            _SEAL,
            NOTHING_SEALED_YET,
            {
                ":now": to_text(now),
                ":none": {},
                ":noMonths": {},
                ":one": 1,
                ":zero": 0,
                # One that was held is now to be settled.
                **_as_values(keys.dirty(ref.customer_id, ref.shard)),
            },
        )
        try:
            after = self.dynamo.update(sealing)
        except ConditionFailedError as refused:
            if refused.item is None:
                return NothingToSeal.GONE
            if sealed_number_of(refused.item) is None:
                return NothingToSeal.EMPTY
            return Sealed(self._sealed(refused.item), is_leftover=True)
        return Sealed(self._sealed(after), is_leftover=False)

    def unsealing(self, ref: TabRef, sealed_number: int, *, clean: bool) -> Update:
        """Return the write that takes the sealed content away, once it is in a record.

        With `clean` the tab leaves the dirty index too, under the condition that nothing is open.
        """
        values: dict[str, Any] = {":sealed": sealed_number}
        return Update(
            self.table,
            keys.tab(ref.customer_id, ref.shard),
            _UNSEAL_AND_CLEAN if clean else _UNSEAL,
            SEALED_AS_READ_AND_NOTHING_OPEN if clean else SEALED_AS_READ,
            {**values, ":zero": 0} if clean else values,
        )

    def holding(self, tab: OpenTab, until: datetime) -> Update:
        """Return the write that leaves a tab open as read, and lets the run look at it then."""
        customer_id, shard = tab.ref.customer_id, tab.ref.shard
        values = {":number": tab.number, **_as_values(keys.held(customer_id, shard, until))}
        return Update(self.table, keys.tab(customer_id, shard), _LIST, AS_READ_AND_OPEN, values)

    def release(self, ref: TabRef) -> None:
        """Put a tab that was held back among the dirty ones, which the run settles."""
        values = _as_values(keys.dirty(ref.customer_id, ref.shard))
        releasing = Update(self.table, keys.tab(ref.customer_id, ref.shard), _LIST, LISTED, values)
        with suppress(ConditionFailedError):
            self.dynamo.update(releasing)

    def held(self, customer_id: str) -> list[TabRef]:
        """Read which tabs of a customer are held, strongly consistent, in order of shard."""
        return [_ref_of(item) for item in self._shards(customer_id) if keys.is_held(item)]

    def removing(self, tab: Tab) -> Delete:
        """Return the write that removes an empty tab, together with its customer."""
        key = keys.tab(tab.ref.customer_id, tab.ref.shard)
        return Delete(self.table, key, EMPTY_AS_READ, {":number": tab.number, ":zero": 0})

    def still_missing(self, ref: TabRef) -> Check:
        """Return the condition that nobody has made a tab shard."""
        return Check(self.table, keys.tab(ref.customer_id, ref.shard), NOT_MADE_YET)

    def leave_dirty_index(self, ref: TabRef) -> None:
        """Take a tab without content out of the dirty index; one with content stays."""
        cleaning = Update(
            self.table, keys.tab(ref.customer_id, ref.shard), _CLEAN, EMPTY, {":zero": 0}
        )
        try:
            self.dynamo.update(cleaning)
        except ConditionFailedError:
            # Usage arrived meanwhile, or another run sealed it: the tab belongs in the index.
            return


def new_tab(customer_id: str, shard: int) -> Item:
    """Write an empty tab as an item."""
    return {**keys.tab(customer_id, shard), "number": 1, "lines": {}, "months": {}}


def open_tab_of(item: Item) -> OpenTab:
    """Read which number of a tab is open from its item."""
    return OpenTab(
        ref=TabRef(*keys.tab_reference(item)),
        number=whole(item["number"]),
        opened_at=from_text(item["openedAt"]) if "openedAt" in item else None,
        sealed_at=from_text(item["sealedAt"]) if "sealedAt" in item else None,
        is_full=len(item["lines"]) > LINES_MAX or len(item["months"]) > COUNTED_MONTHS_MAX,
        waits_for_settling="sealedNumber" in item,
        is_held=keys.is_held(item),
    )


def sealed_number_of(item: Item) -> int | None:
    """Read which number of a tab is sealed from its item, None where none is."""
    return whole(item["sealedNumber"]) if "sealedNumber" in item else None


def _tab(item: Item, product_ids: Mapping[str, str]) -> Tab:
    return Tab(
        ref=_ref_of(item),
        number=whole(item["number"]),
        lines=read_lines(item["lines"], product_ids),
        sealed=_sealed(item, product_ids) if "sealedNumber" in item else None,
    )


def _as_values(attributes: Mapping[str, str]) -> dict[str, str]:
    return {f":{name}": value for name, value in attributes.items()}


def _ref_of(entry: Item) -> TabRef:
    return TabRef(*keys.tab_reference(entry))


def _sealed(item: Item, product_ids: Mapping[str, str]) -> SealedTab:
    return SealedTab(
        number=whole(item["sealedNumber"]),
        lines=read_lines(item["sealedLines"], product_ids),
        opened_at=from_text(item["sealedOpenedAt"]),
        sealed_at=from_text(item["sealedAt"]),
    )
