"""Months: what was used and debited of one product, at one price version, in one calendar month."""

from dataclasses import dataclass, replace
from decimal import Decimal

from billing.domain.money import ZERO, add, subtract
from billing.domain.prices import Price


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """The units of a month that are billed, and the exact cents that were debited for them."""

    units: Decimal = ZERO
    debited_cents: Decimal = ZERO
    revision: int = 0

    def billed(self, units: Decimal, price: Price) -> "MonthTotal":
        """Bill some more units, or fewer: debit whatever the month now comes to, and was not.

        However a month is cut into bills, in whatever order, it comes to the same.
        """
        in_all = add(self.units, units)
        return replace(self, units=in_all, debited_cents=price.amount(in_all))

    def debited_since(self, before: "MonthTotal") -> Decimal:
        """Tell what was debited since an earlier state, in exact cents; below 0 for a credit."""
        return subtract(self.debited_cents, before.debited_cents)
