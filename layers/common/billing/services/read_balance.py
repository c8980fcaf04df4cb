"""Read a balance: what the wallet holds, what is not billed or not paid yet, and the usage."""

from dataclasses import dataclass

from billing.domain.customers import Customer
from billing.domain.rating import pending_cents
from billing.domain.tabs import unbilled
from billing.services.accounts import read_account
from billing.services.months import read_standing
from billing.services.paging import Page
from billing.services.read_usage import BilledEvent, list_usage, shards_of
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class Balance:
    """A customer's money at one moment, and a page of their usage, newest first.

    `pending_cents` is usage not billed yet, rounded to cents, and records not paid yet;
    `available_cents` is the balance less that.
    """

    customer: Customer
    balance_cents: int
    pending_cents: int
    usage: Page[BilledEvent]

    @property
    def available_cents(self) -> int:
        """What is left once everything recorded is paid."""
        return self.balance_cents - self.pending_cents

    @property
    def has_funds(self) -> bool:
        """Whether there is money, and enough of it for everything recorded."""
        return self.balance_cents > 0 and self.available_cents >= 0


def read_balance(customer_id: str, *, limit: int, cursor: str | None, stores: Stores) -> Balance:
    """Read a customer's balance, also that of a deleted one; raises CustomerNotFoundError."""
    customer = read_account(customer_id, stores).customer
    standing = read_standing(customer_id, stores)
    tabs = standing.tabs
    return Balance(
        customer=customer,
        balance_cents=standing.wallet.balance_cents,
        pending_cents=pending_cents(standing.wallet, unbilled(tabs), standing.months),
        usage=list_usage(shards_of(customer, tabs), limit=limit, cursor=cursor, stores=stores),
    )
