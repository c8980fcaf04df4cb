"""A statement as a page to print or to send: no script, nothing loaded from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from html import escape

from billing.domain.money import to_major_units, total
from billing.domain.statements import StatementLineKind
from billing.edge.api.prices import PartAnswer
from billing.edge.api.statement_answers import (
    PricedMonthAnswer,
    StatementAnswer,
    StatementLineAnswer,
)
from billing.edge.http.representations import HTML, Written

MEDIA_TYPE = f"{HTML}; charset=utf-8"

_STYLE = """
:root { color-scheme: light dark; --rule: #8886; --soft: #6b6b6b; }
@media (prefers-color-scheme: dark) { :root { --soft: #a5a5a5; } }
* { box-sizing: border-box; }
body { font: .9375rem/1.45 system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
  margin: 0 auto; max-width: 48rem; padding: 2rem 1.25rem; }
header { align-items: flex-end; border-bottom: 2px solid; display: flex; flex-wrap: wrap;
  gap: .5rem 2rem; justify-content: space-between; padding-bottom: .75rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1rem; margin: 1.75rem 0 .25rem; } p { margin: .25rem 0; }
.who { overflow-wrap: anywhere; text-align: right; } .who strong { display: block; }
.soft, caption, footer { color: var(--soft); }
.open { border: 1px solid; margin: 1rem 0 0; padding: .5rem .75rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
caption { font-size: .85rem; padding-bottom: .25rem; text-align: left; }
th, td { border-bottom: 1px solid var(--rule); padding: .3rem 0 .3rem .75rem; text-align: left;
  vertical-align: baseline; }
th:first-child, td:first-child { overflow-wrap: anywhere; padding-left: 0; }
tbody th { font-weight: 400; }
thead th { color: var(--soft); font-size: .85rem; font-weight: 400; }
.n { text-align: right; white-space: nowrap; }
tfoot th, tfoot td { border-bottom: 0; border-top: 1px solid; font-weight: 600; }
.last th, .last td { border-bottom: 3px double; border-top: 1px solid; font-weight: 700; }
footer { border-top: 1px solid var(--rule); font-size: .8rem; margin-top: 2rem;
  overflow-wrap: anywhere; padding-top: .5rem; }
@media (max-width: 30rem) {
  body { padding: 1rem .75rem; } .who { text-align: left; width: 100%; }
  th, td { padding-left: .4rem; } .wide { display: none; }
}
@page { margin: 16mm 18mm; size: A4; }
@media print {
  :root { color-scheme: light; --soft: #555; }
  body { font-size: 10pt; max-width: none; padding: 0; }
  h2 { break-after: avoid; } tr, footer { break-inside: avoid; }
}
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# The page has its own style, named by its hash, and may load and run nothing else.
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_MINUS = "\N{MINUS SIGN}"
_TIMES = "\N{MULTIPLICATION SIGN}"

_SUMMARY: Mapping[StatementLineKind, str] = {
    StatementLineKind.CREDIT: "Credits",
    StatementLineKind.USAGE: "Usage",
    StatementLineKind.CORRECTION: "Corrections of usage",
    StatementLineKind.ROUNDING: "Parts of a cent from and to other bills",
    StatementLineKind.CHARGE: "Other charges",
    StatementLineKind.REFUND: "Refunds",
}
_BY_PRODUCT = (StatementLineKind.USAGE, StatementLineKind.CORRECTION)
_DATED = (StatementLineKind.CREDIT, StatementLineKind.CHARGE, StatementLineKind.REFUND)


def write_page(statement: StatementAnswer, _query: Mapping[str, str]) -> Written:
    """Write a statement as HTML."""
    return Written("".join(_page(statement)), MEDIA_TYPE, _HEADERS)


def _page(statement: StatementAnswer) -> Iterator[str]:
    month = date.fromisoformat(statement.first_date).strftime("%B %Y")
    name = statement.customer_name or statement.customer_id
    title = escape(f"Statement {month}, {name}")
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    yield f"<header><div><h1>Statement</h1>\n<p>{month}, {statement.status}</p></div>\n"
    yield f'<div class="who"><strong>{_own(name)}</strong>'
    yield f'<span class="soft">{_own(statement.customer_id)}</span></div></header>\n<main>\n'
    if statement.status == "open":
        yield '<p class="open"><strong>Open.</strong> More may be added until the month is closed. '
        yield f"As it stood at {_instant(statement.read_at)}.</p>\n"
    yield _summary(statement)
    yield from (_by_product(kind, statement.lines) for kind in _BY_PRODUCT)
    yield from (_priced(priced) for priced in statement.priced_months)
    yield from (_by_date(kind, statement.lines) for kind in _DATED)
    yield _outstanding(statement)
    yield f"</main>\n{_footer(statement)}</body>\n</html>\n"


def _summary(statement: StatementAnswer) -> str:
    changes = [
        (label, _money(_sum(lines)))
        for kind, label in _SUMMARY.items()
        if (lines := _of(kind, statement.lines))
    ]
    rows = [("Opening balance", _money(statement.opening_cents)), *changes]
    body = "".join(f'<tr><th scope="row">{k}</th><td class="n">{v}</td></tr>\n' for k, v in rows)
    closing = _money(statement.closing_cents)
    return (
        f"<h2>Summary</h2>\n<table>\n<tbody>\n{body}"
        f'<tr class="last"><th scope="row">Closing balance</th><td class="n">{closing}</td></tr>\n'
        "</tbody>\n</table>\n"
    )


def _by_product(kind: StatementLineKind, lines: Iterable[StatementLineAnswer]) -> str:
    of_products = _of(kind, lines)
    if not of_products:
        return ""
    rows = [
        (
            _own(line.product_name or line.product_id or ""),
            _number(line.units),
            f"{line.events:,}",
            _money(line.amount_cents),
        )
        for line in of_products
    ]
    table = _table(("Product", "Units", "Events", "Amount"), rows, _sum(of_products), wide=2)
    return f"<h2>{_SUMMARY[kind]} by product</h2>\n{table}"


def _priced(priced: PricedMonthAnswer) -> str:
    name = f"{_own(priced.product_name)}: usage of the month, as far as it is billed"
    rows = [
        (_part(part), _number(part.units), _price(part), _money(part.amount_cents))
        for part in priced.parts
    ]
    head = ("Part", "Units", "Price", "Amount")
    return f"<h2>{name}</h2>\n" + _table(head, rows, Decimal(priced.amount_cents), wide=1)


def _part(part: PartAnswer) -> str:
    if part.kind != "tier":
        return {"units": "Units", "packages": "Packages", "free": "Free units"}[part.kind]
    return "Above the last bound" if part.up_to is None else f"Up to {_number(part.up_to)}"


def _price(part: PartAnswer) -> str:
    flat = f" + {_money(part.flat_price_cents)}" if Decimal(part.flat_price_cents) else ""
    return f"{_number(part.quantity)} {_TIMES} {_money(part.price_cents)}{flat}"


def _by_date(kind: StatementLineKind, lines: Iterable[StatementLineAnswer]) -> str:
    dated = _of(kind, lines)
    if not dated:
        return ""
    rows = [(line.date or "", _money(line.amount_cents)) for line in dated]
    return f"<h2>{_SUMMARY[kind]}</h2>\n" + _table(("Date", "Amount"), rows, _sum(dated))


def _outstanding(statement: StatementAnswer) -> str:
    records = statement.outstanding_records
    bills = f"{records:,} billing record{'' if records == 1 else 's'}"
    owed = f"{_money(statement.outstanding_cents)} in {bills}" if records else "Nothing"
    at = f'<span class="soft">(at {_instant(statement.read_at)})</span>'
    return f"<h2>Outstanding</h2>\n<p>{owed} {at}</p>\n"


def _footer(statement: StatementAnswer) -> str:
    proof = "No ledger entries in this month."
    if statement.head_hash is not None:
        entries = f"{statement.first_seq} to {statement.last_seq}"
        proof = f"Ledger entries {entries}, proved by the hash {statement.head_hash}."
    return (
        f"<footer><p>{statement.first_date} to {statement.last_date}, days in UTC. Amounts in "
        "major units, exact below a cent where prices are; debits below 0.</p>\n"
        f"<p>{escape(proof)}</p></footer>\n"
    )


def _table(
    head: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    sum_cents: Decimal,
    *,
    wide: int | None = None,
) -> str:
    """Write a table whose first column is words; the one numbered `wide` is left out on a phone."""

    def style(column: int) -> str:
        classes = [*(["n"] if column else []), *(["wide"] if column == wide else [])]
        return f' class="{" ".join(classes)}"' if classes else ""

    heading = "".join(f'<th scope="col"{style(n)}>{cell}</th>' for n, cell in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td{style(n)}>{cell}</td>" for n, cell in enumerate(row)) + "</tr>\n"
        for row in rows
    )
    between = "".join(f"<td{style(n)}></td>" for n in range(1, len(head) - 1))
    return (
        f"<table>\n<thead><tr>{heading}</tr></thead>\n<tbody>\n{body}</tbody>\n"
        f'<tfoot><tr><th scope="row">Total</th>{between}'
        f'<td class="n">{_money(sum_cents)}</td></tr></tfoot>\n</table>\n'
    )


def _of(kind: StatementLineKind, lines: Iterable[StatementLineAnswer]) -> list[StatementLineAnswer]:
    return [line for line in lines if line.kind == kind]


def _sum(lines: Iterable[StatementLineAnswer]) -> Decimal:
    return total(Decimal(line.amount_cents) for line in lines)


def _money(cents: Decimal | int | str) -> str:
    return _grouped(to_major_units(Decimal(cents)))


def _number(number: int | str | None) -> str:
    return "" if number is None else _grouped(str(number))


def _grouped(number: str) -> str:
    whole, point, fraction = number.removeprefix("-").partition(".")
    sign = _MINUS if number.startswith("-") else ""
    return f"{sign}{int(whole):,}{point}{fraction}"


def _instant(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"


def _own(text: str) -> str:
    """Write somebody's words so that they are no markup, and turn no direction but their own."""
    return f"<bdi>{escape(text)}</bdi>"
