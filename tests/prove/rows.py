"""The rows of customers in plain values, as they are stored: no code of the services reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from billing.storage.stores import Tables
from tests.prove.store import Store
from tests.prove.values import Row

type Item = Mapping[str, Any]

OUTSTANDING = frozenset({"pending", "retrying", "failed"})

_plain = TypeDeserializer().deserialize
_cache: dict[int, Item] = {}


@dataclass(slots=True)
class Customer:
    """The rows of one customer, by what they are."""

    id: str
    profile: Item = field(default_factory=dict)
    wallet: Item = field(default_factory=dict)
    tabs: list[Item] = field(default_factory=list)
    records: list[Item] = field(default_factory=list)
    entries: list[Item] = field(default_factory=list)
    keys: list[Item] = field(default_factory=list)
    events: list[Item] = field(default_factory=list)
    months: list[Item] = field(default_factory=list)
    days: list[Item] = field(default_factory=list)
    # Of all products, by product and version as lines have them.
    prices: Mapping[str, Item] = field(default_factory=dict)

    @property
    def outstanding(self) -> list[Item]:
        """The records that ask for money, oldest first."""
        asking = [record for record in self.records if record["status"] in OUTSTANDING]
        return sorted(asking, key=lambda record: (record["createdAt"], record["recordId"]))

    @property
    def spendable(self) -> Decimal:
        """How much a charge may take from the wallet."""
        return Decimal(self.wallet["balanceCents"]) - Decimal(self.wallet["floorCents"])


def plain(row: Row) -> Item:
    """Read an item in plain values."""
    if id(row) not in _cache:
        _cache[id(row)] = {name: _plain(value) for name, value in row.item.items()}
    return _cache[id(row)]


def customers_of(store: Store, tables: Tables) -> list[Customer]:
    """Gather the rows of every customer."""
    _cache.clear()
    found: dict[str, Customer] = {}
    for pk, part in store.tables[tables.accounts].rows.items():
        if pk.startswith("CUSTOMER#") and part:
            name = pk.removeprefix("CUSTOMER#")
            customer = found.setdefault(name, Customer(name))
            for row in part.values():
                _file(customer, plain(row))
    prices = _prices(store, tables)
    for customer in found.values():
        customer.prices = prices
        for sk, row in sorted(store.tables[tables.ledger].rows.get(customer.id, {}).items()):
            (customer.entries if sk.startswith("ENTRY#") else customer.keys).append(plain(row))
        events = store.tables[tables.usage].rows.get(customer.id, {})
        customer.events = [plain(row) for row in events.values()]
    return list(found.values())


def _prices(store: Store, tables: Tables) -> Mapping[str, Item]:
    products = map(plain, store.tables[tables.accounts].rows.get("PRODUCT", {}).values())
    return {
        f"{product['productId']}@{version['version']}": version["price"]
        for product in products
        for version in product["prices"]
    }


def _file(customer: Customer, item: Item) -> None:
    kind = item["sk"].partition("#")[0]
    if kind == "PROFILE":
        customer.profile = item
    elif kind == "WALLET":
        customer.wallet = item
    elif kind == "TAB":
        customer.tabs.append(item)
    elif kind == "RECORD":
        customer.records.append(item)
    elif kind == "MONTH":
        customer.months.append(item)
    elif kind == "DAY":
        customer.days.append(item)
