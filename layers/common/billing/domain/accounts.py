"""An account: a customer and their wallet, which change together."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from billing.domain.customers import Customer, Terms
from billing.domain.errors import CustomerNotSettledError
from billing.domain.ledger import Wallet
from billing.domain.tabs import Tab


@dataclass(frozen=True, slots=True)
class Account:
    """A customer and their wallet, as read together."""

    customer: Customer
    wallet: Wallet

    def with_customer(self, customer: Customer) -> "Account":
        """Take the customer to another state."""
        return replace(self, customer=customer)

    def with_wallet(self, wallet: Wallet) -> "Account":
        """Take the wallet to another state."""
        return replace(self, wallet=wallet)

    def with_terms(self, terms: Terms, *, now: datetime) -> "Account":
        """Change the customer's terms, and with them the floor of the wallet.

        A floor that falls is as good as money: it may cover what is unpaid, and calls the run.
        Raises InvalidInputError for terms that cannot be.
        """
        customer = self.customer.with_terms(terms)
        if customer.floor_cents == self.customer.floor_cents:
            return self.with_customer(customer)
        changed = Account(customer, self.wallet.with_floor(customer.floor_cents))
        if not changed.may_pay_more_than(self):
            return changed
        return changed.with_customer(customer.needing_attention_now(now=now))

    def may_pay_more_than(self, before: "Account") -> bool:
        """Whether something is unpaid, and a floor that fell may cover it."""
        fell = self.wallet.floor_cents < before.wallet.floor_cents
        return fell and self.wallet.outstanding_records > 0

    def closed(self, tabs: Iterable[Tab], *, now: datetime) -> "Account":
        """Delete the customer and close the wallet.

        Raises CustomerNotSettledError while there is a balance, an unpaid record or, on one of the
        customer's tabs, usage that is not billed.
        """
        if self.wallet.balance_cents != 0 or self.wallet.outstanding_records != 0:
            raise CustomerNotSettledError("The customer has a balance or unpaid records")
        if any(tab.lines or tab.sealed is not None for tab in tabs):
            raise CustomerNotSettledError("The customer has usage that is not billed yet")
        return Account(self.customer.deleted(now=now), self.wallet.closed(now=now))
