"""All stores of one invocation, over one gateway."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from billing.domain.deadline import Deadline
from billing.storage.dynamo import Dynamo

if TYPE_CHECKING:
    from billing.storage.accounts import Accounts
    from billing.storage.api_keys import ApiKeys
    from billing.storage.closings import Closings
    from billing.storage.customers import Customers
    from billing.storage.days import Days
    from billing.storage.leases import Leases
    from billing.storage.ledger import Ledger
    from billing.storage.logfiles import LogFiles
    from billing.storage.months import Months
    from billing.storage.postings import Postings
    from billing.storage.product_codes import ProductCodes
    from billing.storage.products import Products
    from billing.storage.records import Records
    from billing.storage.reports import Reports
    from billing.storage.tabs import Tabs
    from billing.storage.take_backs import TakeBacks
    from billing.storage.usage import Usage
    from billing.storage.wallets import Wallets


class TableNames(Protocol):
    """The names of the three tables; one that its function was not told of may raise."""

    @property
    def accounts(self) -> str:
        """The table of everything that changes."""

    @property
    def ledger(self) -> str:
        """The table of ledger entries."""

    @property
    def usage(self) -> str:
        """The table of usage events."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the three tables, all known."""

    accounts: str
    ledger: str
    usage: str


@dataclass(frozen=True)
class Stores:
    """One store per aggregate, and two that write several of them in one transaction.

    A store is loaded and opened when it is first asked for: a function need neither know the tables
    that it never uses, nor load what writes them.
    """

    dynamo: Dynamo
    tables: TableNames
    known_codes: dict[str, str]

    @cached_property
    def accounts(self) -> "Accounts":
        """A customer, their wallet and their tabs, made and changed together."""
        from billing.storage.accounts import Accounts

        return Accounts(self.dynamo, self.tables.accounts, self.customers, self.wallets, self.tabs)

    @cached_property
    def api_keys(self) -> "ApiKeys":
        """Keys of callers."""
        from billing.storage.api_keys import ApiKeys

        return ApiKeys(self.dynamo, self.tables.accounts)

    @cached_property
    def closings(self) -> "Closings":
        """What the closing run changes: days, reports and the checkpoint."""
        from billing.storage.closings import Closings

        return Closings(self.dynamo, self.wallets, self.days, self.reports)

    @cached_property
    def customers(self) -> "Customers":
        """Who is billed."""
        from billing.storage.customers import Customers

        return Customers(self.dynamo, self.tables.accounts)

    @cached_property
    def days(self) -> "Days":
        """What customers' entries come to, day by day."""
        from billing.storage.days import Days

        return Days(self.dynamo, self.tables.accounts)

    @cached_property
    def leases(self) -> "Leases":
        """Which run is at work."""
        from billing.storage.leases import Leases

        return Leases(self.dynamo, self.tables.accounts)

    @cached_property
    def ledger(self) -> "Ledger":
        """Postings, for ever."""
        from billing.storage.ledger import Ledger

        return Ledger(self.dynamo, self.tables.ledger)

    @cached_property
    def log_files(self) -> "LogFiles":
        """What became of log files."""
        from billing.storage.logfiles import LogFiles

        return LogFiles(self.dynamo, self.tables.accounts)

    @cached_property
    def months(self) -> "Months":
        """What is billed of each calendar month."""
        from billing.storage.months import Months

        return Months(self.dynamo, self.tables.accounts)

    @cached_property
    def postings(self) -> "Postings":
        """What a posting changes: record, wallet, profile, months and ledger."""
        from billing.storage.postings import Postings

        return Postings(
            self.dynamo,
            self.accounts,
            lambda: self.ledger,
            self.records,
            self.tabs,
            lambda: self.months,
            lambda: self.take_backs,
        )

    @cached_property
    def products(self) -> "Products":
        """What is metered, and its prices."""
        from billing.storage.products import Products

        return Products(self.dynamo, self.tables.accounts, self.product_codes)

    @cached_property
    def product_codes(self) -> "ProductCodes":
        """The short names of products."""
        from billing.storage.product_codes import ProductCodes

        return ProductCodes(self.dynamo, self.tables.accounts, self.known_codes)

    @cached_property
    def records(self) -> "Records":
        """What customers are asked to pay."""
        from billing.storage.records import Records

        return Records(self.dynamo, self.tables.accounts)

    @cached_property
    def reports(self) -> "Reports":
        """What the entries of all customers come to, day by day."""
        from billing.storage.reports import Reports

        return Reports(self.dynamo, self.tables.accounts)

    @cached_property
    def tabs(self) -> "Tabs":
        """What is recorded and not yet billed."""
        from billing.storage.tabs import Tabs

        return Tabs(self.dynamo, self.tables.accounts, self.product_codes)

    @cached_property
    def take_backs(self) -> "TakeBacks":
        """How records are taken back."""
        from billing.storage.take_backs import TakeBacks

        return TakeBacks(self.dynamo, self.tables.accounts)

    @cached_property
    def usage(self) -> "Usage":
        """Usage events, for ever."""
        from billing.storage.usage import Usage

        return Usage(self.dynamo, self.tables.usage, self.tabs, lambda: self.take_backs)

    @cached_property
    def wallets(self) -> "Wallets":
        """What customers have."""
        from billing.storage.wallets import Wallets

        return Wallets(self.dynamo, self.tables.accounts)

    @property
    def deadline(self) -> Deadline:
        """When the invocation must be done."""
        return self.dynamo.deadline

    def until(self, deadline: Deadline) -> "Stores":
        """Open the same stores with less time."""
        return Stores(replace(self.dynamo, deadline=deadline), self.tables, self.known_codes)

    def pause(self, attempt: int) -> bool:
        """Wait for the store to recover; False, without waiting, where time runs out."""
        return self.dynamo.backoff.pause(attempt, self.dynamo.deadline)

    def pause_up_to(self, bound_seconds: float) -> bool:
        """Wait anything up to a bound; False, without waiting, where time runs out."""
        return self.dynamo.backoff.pause_up_to(bound_seconds, self.dynamo.deadline)


def open_stores(
    dynamo: Dynamo, tables: TableNames, known_codes: dict[str, str] | None = None
) -> Stores:
    """Open the stores over a gateway; nothing is read.

    `known_codes` is what a container remembers of the codes of products, and learns more of.
    """
    return Stores(dynamo, tables, {} if known_codes is None else known_codes)
