"""Months: what is billed of one product, at one price version, in one calendar month (UTC)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing.domain.money import ZERO, add, subtract
from billing.domain.prices import Price
from billing.domain.tabs import LineKey


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """The units of a month that are billed, and the exact cents that were debited for them."""

    units: Decimal = ZERO
    debited_cents: Decimal = ZERO

    def billed(self, units: Decimal, price: Price) -> "MonthTotal":
        """Bill some more units, or fewer: debit whatever the month now comes to, and was not.

        However a month is cut into bills, in whatever order, it comes to the same.
        """
        in_all = add(self.units, units)
        return MonthTotal(in_all, price.amount(in_all))

    def plus(self, units: Decimal, amount_cents: Decimal) -> "MonthTotal":
        """Add what was billed."""
        return MonthTotal(add(self.units, units), add(self.debited_cents, amount_cents))

    def debited_since(self, before: "MonthTotal") -> Decimal:
        """Tell what was debited since an earlier state, in exact cents; below 0 for a credit."""
        return subtract(self.debited_cents, before.debited_cents)


@dataclass(frozen=True, slots=True)
class CountedMonth:
    """A month whose units have a price together, and how far it is billed."""

    price: Price
    total: MonthTotal


# By the line that counts it, of one customer.
type CountedMonths = Mapping[LineKey, CountedMonth]
