"""What must be true of the books of a customer whatever happened, checked on the rows alone."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from billing.domain.ledger import ChainState, Wallet, verify_chain
from billing.domain.money import ZERO
from billing.domain.months import MonthTotal
from billing.domain.rating import amount_of, lines_of
from billing.domain.records import BilledLine, BillingRecord, RecordStatus
from billing.domain.tabs import LineKey, Lines
from billing.storage import keys
from billing.storage.records import record_of
from billing.storage.stores import Stores
from billing.storage.usage import event_of

if TYPE_CHECKING:
    from decimal import Decimal

    from billing.domain.usage import UsageEvent

# Of each line: units, exact cents where it has a price of its own, and number of events.
type Content = Mapping[LineKey, tuple[Decimal, Decimal | None, int]]


def assert_sound(stores: Stores, customer_id: str) -> None:
    """Check the invariants of a customer's books."""
    wallet = stores.wallets.get(customer_id)
    assert wallet is not None
    records = records_of(stores, customer_id)
    _assert_ledger_proves(wallet, stores)
    _assert_usage_is_billed_once(records, stores, customer_id)
    _assert_posted_within_a_cent(records, wallet)
    _assert_months_come_to_their_price(records, stores, customer_id)


def records_of(stores: Stores, customer_id: str) -> list[BillingRecord]:
    """Read all billing records of a customer."""
    found = stores.dynamo.query_all(
        stores.tables.accounts,
        condition="#pk = :pk AND begins_with(#sk, :prefix)",
        values={":pk": keys.customer_pk(customer_id), ":prefix": "RECORD#"},
        page_size=1000,
    )
    return [record_of(item) for item in found]


def months_of(stores: Stores, customer_id: str) -> dict[LineKey, MonthTotal]:
    """Read what is billed of all months of a customer."""
    found = stores.dynamo.query_all(
        stores.tables.accounts,
        condition="#pk = :pk AND begins_with(#sk, :prefix)",
        values={":pk": keys.customer_pk(customer_id), ":prefix": "MONTH#"},
        page_size=1000,
    )
    return {
        LineKey.parse(f"{name}/{item['sk'].split('#')[1]}"): MonthTotal(*total)
        for item in found
        for name, total in item["lines"].items()
    }


def _assert_ledger_proves(wallet: Wallet, stores: Stores) -> None:
    entries = list(stores.ledger.oldest_first(wallet.customer_id, first_seq=1, last_seq=10**14))
    state, fault = verify_chain(entries, ChainState())
    assert fault is None
    assert (state.seq, state.sum_cents, state.head_hash) == (
        wallet.seq,
        wallet.balance_cents,
        wallet.head_hash,
    )
    assert sum(entry.amount_cents for entry in entries) == wallet.balance_cents


def _assert_usage_is_billed_once(
    records: Iterable[BillingRecord], stores: Stores, customer_id: str
) -> None:
    """Every event counts in exactly the record, or the tab, that it names."""
    found = stores.dynamo.query_all(
        stores.tables.usage, condition="#pk = :pk", values={":pk": customer_id}, page_size=1000
    )
    by_record: dict[str, list[UsageEvent]] = {}
    for item in found:
        event = event_of(item)
        by_record.setdefault(str(event.record_id), []).append(event)
    billed = {str(record.id): _billed(record.lines) for record in records if not record.is_manual}
    waiting: dict[str, Content] = {}
    for tab in stores.tabs.of_customer(customer_id):
        prefix = f"{customer_id}~{tab.ref.shard}"
        if tab.lines:
            waiting[f"{prefix}~{tab.number}"] = _accrued(tab.lines)
        if tab.sealed is not None:
            waiting[f"{prefix}~{tab.sealed.number}"] = _accrued(tab.sealed.lines)
    assert not billed.keys() & waiting.keys()
    used = {name: _accrued(lines_of(events)) for name, events in by_record.items()}
    assert used == billed | waiting


def _accrued(lines: Lines) -> Content:
    return {key: (line.units, amount_of(line), line.events) for key, line in lines.items()}


def _billed(lines: Mapping[LineKey, BilledLine]) -> Content:
    """Tell what lines of a record had when they were lines of a tab."""
    return {
        key: (line.units, line.amount_cents if line.month_before is None else None, line.events)
        for key, line in lines.items()
    }


def _assert_posted_within_a_cent(records: Iterable[BillingRecord], wallet: Wallet) -> None:
    of_usage = [record for record in records if not record.is_manual]
    exact = sum((record.exact_cents for record in of_usage), ZERO)
    asked = sum(record.amount_cents for record in of_usage)
    assert exact - asked == wallet.carry_cents
    assert 0 <= wallet.carry_cents < 1
    unpaid = [r for r in records if r.status not in {RecordStatus.PAID, RecordStatus.VOID}]
    assert wallet.outstanding_records == len(unpaid)
    assert wallet.outstanding_cents == sum(record.amount_cents for record in unpaid)
    paid = [r.entry_seq for r in records if r.entry_seq is not None]
    assert len(set(paid)) == len(paid)


def _assert_months_come_to_their_price(
    records: Iterable[BillingRecord], stores: Stores, customer_id: str
) -> None:
    """What was debited of a month, bill by bill, is the price of all that was billed of it."""
    billed: dict[LineKey, tuple[Decimal, Decimal]] = {}
    for record in records:
        for key, line in record.lines.items():
            if line.month_before is not None:
                units, cents = billed.get(key, (ZERO, ZERO))
                billed[key] = (units + line.units, cents + line.amount_cents)
    months = months_of(stores, customer_id)
    assert {key: (month.units, month.debited_cents) for key, month in months.items()} == billed
    for key, month in months.items():
        product = stores.products.get(key.product_id)
        assert product is not None
        assert month.debited_cents == product.price_of(key.price_version).amount(month.units)
