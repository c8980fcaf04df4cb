"""docs/statements.md shows what a statement is, as the code writes it."""

import re

from billing.domain.statements import StatementLineKind
from billing.edge.api.statement_answers import show_statement
from billing.edge.api.statement_table import write_table
from billing.services.read_days import WAITING_ENTRIES_MAX
from billing.services.read_series import SERIES_DAYS_MAX
from tests.support.lambdas import ROOT
from tests.support.statements import sample_statement

TEXT = (ROOT / "docs" / "statements.md").read_text(encoding="utf-8")


def test_the_sample_is_what_is_written() -> None:
    [sample] = re.findall(r"^```csv\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    written = write_table(show_statement(sample_statement()), {})
    assert written.body == sample.replace("\n", "\r\n")


def test_every_kind_of_line_is_explained() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT, flags=re.MULTILINE) == list(StatementLineKind)


def test_the_bounds_are_told() -> None:
    assert f"more than {WAITING_ENTRIES_MAX:,} entries" in TEXT
    assert f"up to {SERIES_DAYS_MAX} days" in TEXT
