"""Accounts: a customer and their wallet, made, changed and deleted in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from billing.domain.accounts import Account
from billing.domain.customers import Customer
from billing.domain.ledger import Wallet
from billing.domain.tabs import SHARDS_MAX, OpenTab, Tab, TabRef
from billing.storage import keys
from billing.storage.customers import Customers, customer_of
from billing.storage.dynamo import Dynamo
from billing.storage.tabs import Tabs, new_tab
from billing.storage.wallets import Wallets, wallet_of
from billing.storage.writes import Put, TransactionCancelledError, Write

# An id belongs to the first that claims it; nothing is ever overwritten.
UNCLAIMED = "attribute_not_exists(#pk)"


class Created(Enum):
    """What became of a new account."""

    DONE = auto()
    ID_TAKEN = auto()
    EMAIL_TAKEN = auto()


class Changed(Enum):
    """What became of a change of terms."""

    DONE = auto()
    OUTDATED = auto()
    EMAIL_TAKEN = auto()


@dataclass(frozen=True, slots=True)
class Accounts:
    """Reads and writes accounts."""

    dynamo: Dynamo
    table: str
    customers: Customers
    wallets: Wallets
    tabs: Tabs

    def get(self, customer_id: str) -> Account | None:
        """Read a customer and their wallet, deleted or not, each strongly consistent."""
        wanted = [keys.profile(customer_id), keys.wallet(customer_id)]
        found = {item["sk"]: item for item in self.dynamo.get_many(self.table, wanted)}
        if len(found) < len(wanted):
            return None
        return Account(customer_of(found["PROFILE"]), wallet_of(found["WALLET"]))

    def create(self, customer: Customer) -> Created:
        """Make a customer, an empty wallet and an empty tab, and claim the e-mail address."""
        wallet = Wallet(customer_id=customer.id, floor_cents=customer.floor_cents)
        of_id: list[Write] = [
            self.customers.inserting(customer),
            self.wallets.inserting(wallet),
            Put(self.table, new_tab(customer.id, 0), UNCLAIMED),
        ]
        of_email: list[Write] = []
        if customer.email is not None:
            of_email.append(self.customers.claiming(customer.id, customer.email))
        try:
            self.dynamo.transact([*of_id, *of_email])
        except TransactionCancelledError as cancelled:
            # Where the id is taken, any of its items may say so: another may still be held.
            id_taken = any(cancelled.failure_of(write) is not None for write in of_id)
            return Created.ID_TAKEN if id_taken or not of_email else Created.EMAIL_TAKEN
        return Created.DONE

    def change(self, before: Account, after: Account) -> Changed:
        """Take an account to new terms; what did not change is not written."""
        if after == before:
            return Changed.DONE
        writes: list[Write] = [self.customers.changing(before.customer, after.customer)]
        if after.wallet != before.wallet:
            writes.append(self.wallets.changing(before.wallet, after.wallet))
        claim = None
        if after.customer.folded_email != before.customer.folded_email:
            if after.customer.email is not None:
                claim = self.customers.claiming(after.customer.id, after.customer.email)
                writes.append(claim)
            if before.customer.email is not None:
                writes.append(self.customers.freeing(before.customer.id, before.customer.email))
        try:
            self.dynamo.transact(writes, retry_conflicts=False)
        except TransactionCancelledError as cancelled:
            if claim is not None and cancelled.failure_of(claim) is not None:
                return Changed.EMAIL_TAKEN
            return Changed.OUTDATED
        return Changed.DONE

    def attend(self, before: Account, customer: Customer) -> bool:
        """Change the customer by what the wallet said, and only while it says so; False, with
        nothing written, where either had changed.
        """
        if customer == before.customer:
            return True
        writes: list[Write] = [
            self.customers.changing(before.customer, customer),
            self.wallets.unchanged(before.wallet),
        ]
        try:
            self.dynamo.transact(writes)
        except TransactionCancelledError:
            return False
        return True

    def hold(self, customer: Customer, tab: OpenTab, *, until: datetime) -> bool:
        """Leave a tab open while its customer cannot be charged, and no longer than until then;
        False, with nothing written, where either had changed.

        Whoever lets the customer be charged again changes the profile, and looks for tabs that are
        held after that: so one of the two sees the other.
        """
        writes: list[Write] = [
            self.tabs.holding(tab, until),
            self.customers.unchanged(customer),
        ]
        try:
            self.dynamo.transact(writes)
        except TransactionCancelledError:
            return False
        return True

    def delete(self, before: Account, closed: Account, tabs: Sequence[Tab]) -> bool:
        """Leave a tombstone and a closed wallet, without tabs, and free the e-mail address.

        A shard that was made since the tabs were read would take usage for ever. False, with
        nothing written, where anything had changed.
        """
        customer_id = before.customer.id
        shards = {TabRef(customer_id, number) for number in range(SHARDS_MAX)}
        missing = sorted(shards - {tab.ref for tab in tabs})
        writes: list[Write] = [
            self.customers.forgetting(before.customer, closed.customer),
            self.wallets.changing(before.wallet, closed.wallet),
            *(self.tabs.removing(tab) for tab in tabs),
            *(self.tabs.still_missing(ref) for ref in missing),
        ]
        if before.customer.email is not None:
            writes.append(self.customers.freeing(customer_id, before.customer.email))
        try:
            self.dynamo.transact(writes)
        except TransactionCancelledError:
            return False
        return True
