"""Lines of a tab as they are stored: short, because a tab is written whole with each event.

    "Rk3x-Q2612:.25": 1500.0000000000000007

is product `Rk3x-Q` by its code, January (`1`, in hexadecimal) of 2026, price version 2 at 0.25
cents a unit; 1,500 units, and behind their six decimals ten digits that count seven events.

The price is that of the version for ever, so that what the units come to is exact without being
stored; there is none where it counts by the month. Ten digits, half of them for less than none, are
as many events as one item takes in a day.
"""

from collections.abc import Mapping
from decimal import Decimal

from billing.domain.money import EXACT, to_plain, trimmed
from billing.domain.tabs import LineKey, Lines, LineTotals, accrue
from billing.storage import keys
from billing.storage.items import Item

_MONTH_CHARACTERS = 3
_CENTURY = "20"

_UNIT_DECIMALS = 6
_EVENT_DIGITS = 10
_EVENTS_PER_MILLIONTH = 10**_EVENT_DIGITS


def stored_lines(lines: Lines) -> dict[str, Decimal]:
    """Write lines by their names, to be added to what a tab has."""
    return {_name(key, totals): _value(totals) for key, totals in lines.items()}


def code_in(name: str) -> str:
    """Read the code of the product that a line counts."""
    return name[: keys.CODE_CHARACTERS]


def read_lines(content: Item, product_ids: Mapping[str, str]) -> Lines:
    """Read the lines of a tab, by the products of its codes."""
    return accrue(_line(name, value, product_ids) for name, value in content.items())


def _name(key: LineKey, totals: LineTotals) -> str:
    year, month = key.month.split("-")
    return (
        f"{keys.product_code(key.product_id)}{year.removeprefix(_CENTURY)}{int(month):x}"
        f"{key.price_version}:{_price(totals.unit_price_cents)}"
    )


def _price(unit_price_cents: Decimal | None) -> str:
    """Write a price, or nothing where it counts by the month."""
    if unit_price_cents is None:
        return ""
    price = to_plain(unit_price_cents)
    return price.removeprefix("0") if "." in price else price


def _line(name: str, value: Decimal, product_ids: Mapping[str, str]) -> tuple[LineKey, LineTotals]:
    rest = name[keys.CODE_CHARACTERS :]
    at, rest = rest[:_MONTH_CHARACTERS], rest[_MONTH_CHARACTERS:]
    version, _, price = rest.partition(":")
    month = f"{_CENTURY}{at[:-1]}-{int(at[-1], 16):02d}"
    units, events = _counts(value)
    return (
        LineKey(product_ids[code_in(name)], int(version), month),
        LineTotals(units, Decimal(price) if price else None, events),
    )


def _value(totals: LineTotals) -> Decimal:
    events = EXACT.scaleb(Decimal(totals.events), -_UNIT_DECIMALS - _EVENT_DIGITS)
    return EXACT.add(totals.units, events)


def _counts(value: Decimal) -> tuple[Decimal, int]:
    """Take units and events apart; fewer units or events than none are told as well."""
    in_all = int(EXACT.scaleb(value, _UNIT_DECIMALS + _EVENT_DIGITS))
    half = _EVENTS_PER_MILLIONTH // 2
    millionths, rest = divmod(in_all + half, _EVENTS_PER_MILLIONTH)
    return trimmed(EXACT.scaleb(Decimal(millionths), -_UNIT_DECIMALS)), rest - half
