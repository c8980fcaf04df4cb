"""Rating: from usage to an exact amount, and from an amount to cents, which only this module makes.

An event is rated at the price in force when it occurred. Its units accrue on a line of a tab, with
that price; a sealed tab is billed in whole cents, and the part of a cent that is left is carried to
the next bill. Amounts are exact everywhere: cents are made in `split_cents`, to be posted, and in
`to_shown_cents`, to be shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from billing.domain.accounts import Account
from billing.domain.charging import Posting, raise_record
from billing.domain.errors import InvalidInputError, ProductArchivedError
from billing.domain.ledger import Wallet
from billing.domain.money import (
    EVENT_AMOUNT_CENTS_MAX,
    EXACT,
    add,
    multiply,
    to_plain,
    total,
    trimmed,
)
from billing.domain.months import CountedMonths
from billing.domain.price_models import Part
from billing.domain.prices import Price
from billing.domain.pricing import PriceVersion, Product
from billing.domain.records import BilledLine, BillingRecord, RecordId, RecordStatus
from billing.domain.tabs import (
    LineKey,
    Lines,
    LineTotals,
    SealedTab,
    TabRef,
    accrue,
)
from billing.domain.times import month_of
from billing.domain.usage import UsageClaim, UsageEvent, check_occurred_at, check_units


@dataclass(frozen=True, slots=True)
class PricedClaim:
    """A claim that may be billed, when that happened, and the price that it is recorded at."""

    claim: UsageClaim
    occurred_at: datetime
    version: PriceVersion

    @property
    def event_id(self) -> str:
        """The name of the event that it becomes."""
        return self.claim.event_id

    @property
    def line(self) -> LineKey:
        """The line of the tab that it adds to."""
        return LineKey(self.claim.product_id, self.version.version, month_of(self.occurred_at))

    @property
    def counted_month(self) -> str | None:
        """The month that counts it; None where its price needs none."""
        return month_of(self.occurred_at) if self.version.price.is_counted_by_month else None


def price_claim(claim: UsageClaim, product: Product, *, now: datetime) -> PricedClaim:
    """Find the price of a claim, once for all tries to record it.

    It is the one in force when the usage occurred; what is said to occur ahead counts as now. No
    version begins in the past, so that the price of an instant never changes. Refuses what its
    product, that very price or the clock rules out, naming the field; raises ProductArchivedError
    for usage that occurred after the product's end.
    """
    check_units(claim.units, product)
    check_occurred_at(claim.occurred_at, now=now)
    occurred_at = claim.occurred_at or now
    if not product.takes_usage_of(occurred_at):
        raise ProductArchivedError(product.id)
    version = product.price_at(min(occurred_at, now))
    check_cost(claim.units, version.price)
    return PricedClaim(claim, occurred_at, version)


def check_cost(units: Decimal, price: Price) -> None:
    """Refuse units that would cost more than one event may."""
    amount_cents = price.at_most(units)
    if amount_cents > EVENT_AMOUNT_CENTS_MAX:
        raise InvalidInputError.of_field(
            "units",
            f"would cost {to_plain(amount_cents)} cents; "
            f"one event may cost at most {EVENT_AMOUNT_CENTS_MAX}",
        )


def rate(priced: PricedClaim, record_id: RecordId, *, now: datetime) -> UsageEvent:
    """Make the event of a claim, recorded now, to be billed by a record."""
    claim, version = priced.claim, priced.version
    return UsageEvent(
        customer_id=claim.customer_id,
        event_id=claim.event_id,
        product_id=claim.product_id,
        units=trimmed(claim.units),
        unit_price_cents=version.price.unit_price_cents,
        price_version=version.version,
        occurred_at=priced.occurred_at,
        recorded_at=now,
        record_id=record_id,
        source=claim.source,
    )


def amount_of(used: UsageEvent | LineTotals) -> Decimal | None:
    """Tell what an event or a line of a tab costs at its own price, in exact cents.

    None where the price counts by the month, so that the month tells.
    """
    price = used.unit_price_cents
    return None if price is None else multiply(used.units, price)


def lines_of(events: Iterable[UsageEvent]) -> Lines:
    """Sum events to the lines that they add to their tab."""
    return accrue(
        (
            LineKey(event.product_id, event.price_version, month_of(event.occurred_at)),
            LineTotals(event.units, event.unit_price_cents, 1),
        )
        for event in events
    )


def bill_lines(lines: Lines, months: CountedMonths) -> dict[LineKey, BilledLine]:
    """Tell what each line comes to: at its own price, or what its month owes for it."""

    def billed(key: LineKey, totals: LineTotals) -> BilledLine:
        amount_cents = amount_of(totals)
        if amount_cents is not None:
            return BilledLine(totals.units, amount_cents, totals.events)
        month = months[key]
        after = month.total.billed(totals.units, month.price)
        amount_cents = after.debited_since(month.total)
        return BilledLine(totals.units, amount_cents, totals.events, month.total)

    return {key: billed(key, totals) for key, totals in lines.items()}


def bill(
    ref: TabRef,
    sealed: SealedTab,
    account: Account,
    months: CountedMonths,
    schedule_seconds: Sequence[int],
    *,
    now: datetime,
) -> Posting:
    """Work out the record that a sealed tab becomes, and what it does to the account.

    The part of a cent that cannot be posted is carried in the wallet to the next bill, so that
    what was posted is always less than one cent from the exact sum. `months` has the month of each
    line that is counted by one. The schedule is that of the dunning that begins where the wallet
    does not cover the record.
    """
    lines = bill_lines(sealed.lines, months)
    exact_cents = add(_exact(lines), account.wallet.carry_cents)
    amount_cents, carry_cents = split_cents(exact_cents)
    record = BillingRecord(
        id=RecordId.of_tab(ref, sealed.number),
        status=RecordStatus.PENDING,
        amount_cents=amount_cents,
        lines=lines,
        created_at=now,
        opened_at=sealed.opened_at,
        sealed_at=sealed.sealed_at,
    )
    carrying = account.with_wallet(account.wallet.carrying(carry_cents))
    return raise_record(record, carrying, schedule_seconds, now=now)


def explain_line(line: BilledLine, price: Price) -> tuple[Part, ...]:
    """Tell what a line of a record came to at its price, part by part.

    Where its month counts it, the parts are those of the whole month up to this line: they come to
    its amount and what was debited before.
    """
    after = line.month_after
    return price.explain(line.units if after is None else after.units)


def pending_cents(wallet: Wallet, unbilled: Lines, months: CountedMonths) -> int:
    """Tell what a customer has still to pay: usage not billed yet, shown in cents, and records."""
    exact_cents = add(_exact(bill_lines(unbilled, months)), wallet.carry_cents)
    return to_shown_cents(exact_cents) + wallet.outstanding_cents


def _exact(lines: Mapping[LineKey, BilledLine]) -> Decimal:
    return total(line.amount_cents for line in lines.values())


def split_cents(exact_cents: Decimal) -> tuple[int, Decimal]:
    """Split an exact amount into whole cents to post and the remainder to carry.

    The remainder is in [0, 1): the customer is never charged a part of a cent early, and what is
    posted stays less than one cent from the exact sum for ever.
    """
    whole = exact_cents.to_integral_value(rounding=ROUND_FLOOR)
    return int(whole), EXACT.subtract(exact_cents, whole)


def to_shown_cents(exact_cents: Decimal) -> int:
    """Round for display, half away from zero; nothing that is posted goes through here."""
    return int(exact_cents.to_integral_value(rounding=ROUND_HALF_UP))
