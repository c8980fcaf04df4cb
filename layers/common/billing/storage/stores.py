"""All stores of one invocation, over one gateway."""

from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.storage.accounts import Accounts
from billing.storage.api_keys import ApiKeys
from billing.storage.customers import Customers
from billing.storage.dynamo import Dynamo
from billing.storage.leases import Leases
from billing.storage.ledger import Ledger
from billing.storage.logfiles import LogFiles
from billing.storage.postings import Postings
from billing.storage.products import Products
from billing.storage.records import Records
from billing.storage.tabs import Tabs
from billing.storage.usage import Usage
from billing.storage.wallets import Wallets


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the three tables."""

    accounts: str
    ledger: str
    usage: str


@dataclass(frozen=True, slots=True)
class Stores:
    """One store per aggregate, and two that write several of them in one transaction."""

    dynamo: Dynamo
    accounts: Accounts
    api_keys: ApiKeys
    customers: Customers
    leases: Leases
    ledger: Ledger
    log_files: LogFiles
    postings: Postings
    products: Products
    records: Records
    tabs: Tabs
    usage: Usage
    wallets: Wallets

    @property
    def deadline(self) -> Deadline:
        """When the invocation must be done."""
        return self.dynamo.deadline

    def pause(self, attempt: int) -> bool:
        """Wait before the try after `attempt`; False, without waiting, where time runs out."""
        return self.dynamo.backoff.pause(attempt, self.dynamo.deadline)


def open_stores(dynamo: Dynamo, tables: Tables) -> Stores:
    """Open the stores over a gateway; nothing is read."""
    customers = Customers(dynamo, tables.accounts)
    ledger = Ledger(dynamo, tables.ledger)
    records = Records(dynamo, tables.accounts)
    tabs = Tabs(dynamo, tables.accounts)
    wallets = Wallets(dynamo, tables.accounts)
    accounts = Accounts(dynamo, tables.accounts, customers, wallets, tabs)
    return Stores(
        dynamo=dynamo,
        accounts=accounts,
        api_keys=ApiKeys(dynamo, tables.accounts),
        customers=customers,
        leases=Leases(dynamo, tables.accounts),
        ledger=ledger,
        log_files=LogFiles(dynamo, tables.accounts),
        postings=Postings(dynamo, accounts, ledger, records, tabs),
        products=Products(dynamo, tables.accounts),
        records=records,
        tabs=tabs,
        usage=Usage(dynamo, tables.usage, tabs),
        wallets=wallets,
    )
