"""What must always be true of days and reports, read from the rows alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from billing.storage.stores import Tables
from tests.prove.rows import Customer, Item, plain
from tests.prove.store import Store

DEBITS = {"usage", "charge"}

type Numbers = dict[str, list[Decimal]]


def _days_are_entries(customer: Customer) -> Iterator[str]:
    """Each day holds the entries of its date, behind those of the day before, and no others."""
    seq, cents = 0, Decimal(0)
    for day in sorted(customer.days, key=lambda day: str(day["sk"])):
        first, last = int(day["firstSeq"]), int(day["lastSeq"])
        entries = customer.entries[first - 1 : last]
        if (first, day["openingCents"]) != (seq + 1, cents) or not entries:
            yield f"{day['sk']} does not begin where the day before it ended"
            return
        if {entry["postedAt"][:10] for entry in entries} != {day["date"]}:
            yield f"{day['sk']} has entries of other dates"
        if day["headHash"] != entries[-1]["hash"]:
            yield f"{day['sk']} does not end at its last entry"
        if (day["kinds"], day["products"]) != (_kinds(entries), _products(customer, entries)):
            yield f"{day['sk']} is not the sum of its entries"
        seq, cents = last, cents + sum(entry["amountCents"] for entry in entries)
        if day["closingCents"] != cents:
            yield f"{day['sk']} has a balance that is not the sum"
    wallet = customer.wallet
    if (wallet.get("checkpointSeq", 0), wallet.get("checkpointCents", 0)) != (seq, cents):
        yield "the checkpoint does not stand where the days end"
    if seq and wallet["checkpointHash"] != customer.entries[seq - 1]["hash"]:
        yield "the checkpoint has another hash than its entry"


def _closed_days_stay_closed(customer: Customer) -> Iterator[str]:
    """Nothing is posted to a day that is closed, and what is not closed is in the list."""
    wallet = customer.wallet
    behind = customer.entries[int(wallet.get("checkpointSeq", 0)) :]
    closed_before = wallet.get("closedBefore", "")
    if any(entry["postedAt"][:10] < closed_before for entry in behind):
        yield f"something was posted before {closed_before}, which is closed"
    if behind and not wallet.get("dirtyPk", "").startswith("CLOSING#"):
        yield "entries are not closed, and stand in no list"
    if "fault" in wallet and not wallet.get("dirtyPk", "").startswith("CLOSING#"):
        yield "the wallet stands under an imbalance, and nobody will look at it again"


OF_DAYS = (_days_are_entries, _closed_days_stay_closed)


def reports_are_days(store: Store, tables: Tables, customers: Iterable[Customer]) -> Iterator[str]:
    """The shards of a report add up to the days of all customers."""
    days: dict[str, list[Item]] = defaultdict(list)
    for customer in customers:
        for day in customer.days:
            days[day["date"]].append(day)
    reports: dict[str, list[Item]] = defaultdict(list)
    for pk, part in store.tables[tables.accounts].rows.items():
        if pk.startswith("REPORT#"):
            reports[pk.removeprefix("REPORT#")] += [plain(row) for row in part.values()]
    for date in {*days, *reports}:
        if _sums(days[date]) != _sums(reports[date]):
            yield f"the report of {date} is not the sum of its days"


def _sums(items: Sequence[Item]) -> tuple[dict[str, Decimal], Numbers]:
    kinds: dict[str, Decimal] = defaultdict(Decimal)
    products: Numbers = {}
    for item in items:
        for kind, cents in item["kinds"].items():
            kinds[kind] += cents
        for product, numbers in item["products"].items():
            _add(products, product, numbers)
    return dict(kinds), products


def _kinds(entries: Iterable[Item]) -> dict[str, Decimal]:
    kinds: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        kinds[entry["kind"]] += entry["amountCents"]
    return dict(kinds)


def _products(customer: Customer, entries: Iterable[Item]) -> Numbers:
    records = {record["recordId"]: record for record in customer.records}
    products: Numbers = {}
    for entry in entries:
        if entry["kind"] in DEBITS:
            for name, line in records[entry["reference"]]["lines"].items():
                numbers = [line["units"], line["amountCents"], line["events"]]
                _add(products, name.partition("@")[0], numbers)
    return products


def _add(products: Numbers, product: str, numbers: Sequence[Decimal]) -> None:
    before = products.get(product, [Decimal(0)] * len(numbers))
    products[product] = [one + other for one, other in zip(before, numbers, strict=True)]
