"""Usage becomes an amount, and an amount becomes cents, in one module alone."""

from pathlib import Path

import pytest

from tests.unit.house.code import called, modules

# What multiplies units by a price, and what rounds a Decimal.
MAKING_CENTS = {"multiply", "quantize", "split_cents", "to_integral_value", "to_shown_cents"}

# Where the exact product and sum are defined; nothing is rounded there.
ARITHMETIC = "money.py"


@pytest.mark.parametrize(
    "module",
    [
        module
        for room in ("domain", "services", "storage")
        for module in modules(room)
        if module.name not in {"rating.py", ARITHMETIC}
    ],
    ids=lambda module: f"{module.parent.name}-{module.stem}",
)
def test_no_module_but_rating_makes_an_amount_or_cents(module: Path) -> None:
    assert called(module) & MAKING_CENTS == set()


def test_rating_makes_them() -> None:
    [rating] = [module for module in modules("domain") if module.name == "rating.py"]

    assert called(rating) >= MAKING_CENTS - {"quantize"}
