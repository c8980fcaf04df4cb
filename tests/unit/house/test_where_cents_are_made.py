"""Units become amounts where prices are, and amounts become cents in rating alone."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.unit.house.code import called, modules

# What multiplies units by a price.
MAKING_AMOUNTS = {"multiply"}

# What rounds a Decimal.
MAKING_CENTS = {"quantize", "split_cents", "to_integral_value", "to_shown_cents"}

# Where each may be called. money.py defines the exact product and sum; nothing is rounded there.
AMOUNTS_ARE_MADE_IN = {"price_models.py", "rating.py"}
CENTS_ARE_MADE_IN = {"rating.py"}
ARITHMETIC = "money.py"


def modules_but(allowed: Iterable[str]) -> list[Path]:
    """List the modules of the inner rooms that are not allowed something."""
    rooms = ("domain", "services", "storage")
    found = [module for room in rooms for module in modules(room)]
    return [module for module in found if module.name not in {*allowed, ARITHMETIC}]


def name_of(module: Path) -> str:
    """Name a module in the name of a test."""
    return f"{module.parent.name}-{module.stem}"


@pytest.mark.parametrize("module", modules_but(AMOUNTS_ARE_MADE_IN), ids=name_of)
def test_no_other_module_multiplies_units_by_a_price(module: Path) -> None:
    assert called(module) & MAKING_AMOUNTS == set()


@pytest.mark.parametrize("module", modules_but(CENTS_ARE_MADE_IN), ids=name_of)
def test_no_module_but_rating_makes_cents(module: Path) -> None:
    assert called(module) & MAKING_CENTS == set()


def test_that_is_where_they_are_made() -> None:
    found = {module.name: called(module) for module in modules("domain")}

    assert all(found[name] >= MAKING_AMOUNTS for name in AMOUNTS_ARE_MADE_IN)
    assert found["rating.py"] >= MAKING_CENTS - {"quantize"}
