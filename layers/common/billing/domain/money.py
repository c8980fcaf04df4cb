"""Money: whole cents as `int`, exact amounts as `Decimal`, never a float."""

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce

# Ten trillion in major units: beyond any invoice, and far inside DynamoDB's 38 digits even with
# the twelve decimal places of a price after it.
MAX_CENTS = 10**15

# One event is bounded far below a wallet, so that a hundred thousand events of the largest size
# still fit into one tab: no single request can make a customer unbillable.
EVENT_AMOUNT_CENTS_MAX = 10**10

# A cent of a price may be split this far; storage per byte-second is priced around 1e-9 cents.
PRICE_DECIMALS_MAX = 12

# A cent is a hundredth of what prices are quoted in.
_MAJOR_DECIMALS = 2

# Any inexact step is a bug, never a rounding: money is rounded only by the functions of rating.py.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])

ZERO = Decimal(0)


def within_bounds(amount_cents: int | Decimal) -> bool:
    """Tell whether an amount is one that this system holds: at most 10^15 cents either way."""
    return -MAX_CENTS <= amount_cents <= MAX_CENTS


def multiply(units: Decimal, unit_price_cents: Decimal) -> Decimal:
    """Multiply without any rounding; the result is exact cents."""
    return EXACT.multiply(units, unit_price_cents)


def add(left: Decimal, right: Decimal) -> Decimal:
    """Add without any rounding; the result is exact cents."""
    return EXACT.add(left, right)


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """Subtract without any rounding; the result is exact."""
    return EXACT.subtract(left, right)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Add up without any rounding; the result is exact, and 0 for none."""
    return reduce(add, amounts, ZERO)


def count_started(units: Decimal, block_units: Decimal) -> Decimal:
    """Count the blocks that units fill or begin: 0 of no units, 3 of 2,001 in blocks of 1,000."""
    full, rest = EXACT.divmod(units, block_units)
    return add(full, Decimal(1)) if rest else full


def decimal_places(value: Decimal) -> int:
    """Count the decimal places that a value needs: 1.50 needs one, 100 and 1E+2 need none."""
    if _is_whole_as_written(value):
        return 0
    _, digits, exponent = value.as_tuple()
    if isinstance(exponent, str):
        raise ValueError(f"{value} is not a finite number")  # noqa: TRY004 - a value, not a type
    trailing = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return 0 if value == 0 else max(0, -(exponent + trailing))


def to_plain(value: Decimal) -> str:
    """Write a Decimal without exponent and without trailing zeros: `0.25`, `100`, `0`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def to_major_units(cents: Decimal) -> str:
    """Write an amount in major units: `-0.63` for -63 cents, exact also below a cent."""
    units = EXACT.scaleb(cents, -_MAJOR_DECIMALS)
    # With as many places there is nothing to round.
    is_whole_cents = decimal_places(units) <= _MAJOR_DECIMALS
    return format(units, f".{_MAJOR_DECIMALS}f") if is_whole_cents else to_plain(units)


def trimmed(value: Decimal) -> Decimal:
    """Drop zeros that say nothing: stores count them as digits, of which they hold only 38."""
    return value if _is_whole_as_written(value) else Decimal(to_plain(value))


def _is_whole_as_written(value: Decimal) -> bool:
    """Tell most quantities from the others: digits, and nothing else."""
    return str(value).isdecimal()
