"""A statement as CSV: its lines between the balance before and the one after them."""

from collections.abc import Mapping
from typing import Any, Literal

from billing.domain.statements import StatementLineKind
from billing.edge.api.statement_answers import StatementAnswer
from billing.edge.http.fields import ShownDate, ShownDecimal, ShownUnits
from billing.edge.http.representations import Written, write_csv
from billing.edge.http.schema import AnswerSchema, ListAnswer


class StatementRow(AnswerSchema):
    """A line of the table: all but the last add up to the last."""

    customer_id: str
    month: str
    status: str
    kind: StatementLineKind | Literal["opening", "closing"]
    date: ShownDate | None = None
    product_id: str | None = None
    product_name: str | None = None
    units: ShownUnits | None = None
    events: int | None = None
    amount_cents: ShownDecimal


class StatementTable(ListAnswer[StatementRow]):
    """The rows of a statement, of which there is one page."""


def write_table(statement: StatementAnswer, query: Mapping[str, str]) -> Written:
    """Write a statement as CSV."""
    whose: dict[str, Any] = {
        "customer_id": statement.customer_id,
        "month": statement.month,
        "status": statement.status,
    }
    rows = [
        StatementRow(**whose, kind="opening", amount_cents=str(statement.opening_cents)),
        *(StatementRow(**whose, **dict(line)) for line in statement.lines),
        StatementRow(**whose, kind="closing", amount_cents=str(statement.closing_cents)),
    ]
    return write_csv(StatementTable(items=rows, cursor=None), query)
