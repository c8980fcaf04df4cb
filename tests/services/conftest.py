"""Services over books of fresh tables."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from tests.support.books import Books
from tests.support.faults import Faults
from tests.support.keeper import Keeper

_MEASURED = "measured"


@pytest.fixture
def books(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    """Give empty books.

    Their indexes have four partitions instead of sixteen: a run reads each of them, and on moto
    that is most of its time.
    """
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 4)
    with keeper.books() as books:
        yield books


@pytest.fixture
def faults(books: Books) -> Faults:
    """Give the means to strike calls of the books."""
    return Faults(books.client)


@pytest.fixture
def measured(
    record_property: Callable[[str, object], None],
) -> Callable[[str, Decimal | int, str], None]:
    """Give the means to keep a measured figure, beside its bound, for the end of the report."""

    def keep(what: str, figure: Decimal | int, bound: str) -> None:
        record_property(_MEASURED, f"{what}: {figure:.5g} ({bound})")

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the measured figures, so that a run of the tests tells them."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            if name == _MEASURED:
                terminalreporter.write_line(f"measured  {figure}")
