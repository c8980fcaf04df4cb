"""docs/pricing.md: every worked example comes to what the page says, by the JSON beside it."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from billing.domain.months import MonthTotal
from billing.domain.prices import Price, check_price
from billing.domain.pricing import UNIT_DECIMALS_MAX
from billing.edge.api.prices import PricedBody
from billing.edge.api.pricing import PREVIEW, PreviewRequest
from billing.edge.api.products import CHANGE, ProductChange
from billing.edge.api.usage import RECORD, UsageRequest
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from tests.support.description import validator_of
from tests.support.lambdas import ROOT
from tools.local_cloud.demo import PRODUCTS

if TYPE_CHECKING:
    from pydantic import BaseModel

TEXT = (ROOT / "docs" / "pricing.md").read_text(encoding="utf-8")
TIMES = "\N{MULTIPLICATION SIGN}"
EXAMPLES = ["Flat", "Package", "Graduated", "Volume", "Free units"]


def section(name: str) -> str:
    """Find a section by its heading."""
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def price_in(name: str) -> Price:
    """Read the price that a section is about, as the API reads it."""
    [example] = re.findall(r"^```json\n(.*?)^```", section(name), flags=re.MULTILINE | re.DOTALL)
    price = validate(PricedBody, parse(f'{{"price": {example}}}')).given_price()
    assert price is not None
    check_price(price, 0)
    validator_of("PriceBody").validate(json.loads(example))
    return price


def tables(name: str) -> list[list[list[str]]]:
    """Read the tables of a section, each as rows of cells, without the heads."""
    found = re.findall(r"(?:^\|.*\n)+", section(name), flags=re.MULTILINE)
    rows = [[line.strip("|").split("|") for line in table.splitlines()[2:]] for table in found]
    return [[[cell.strip() for cell in row] for row in table] for table in rows]


def calculated(sum_of_products: str) -> Fraction:
    """Calculate what stands in the last column of a table."""
    total = Fraction(0)
    for term in sum_of_products.split(" + "):
        product = Fraction(1)
        for factor in term.split(f" {TIMES} "):
            product *= Fraction(factor)
        total += product
    return total


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_worked_example_comes_to_what_it_says_and_because_of_what_it_says(name: str) -> None:
    price = price_in(name)
    [rows] = tables(name)

    assert len(rows) >= 2
    for units, cents, because in rows:
        assert price.amount(Decimal(units)) == Decimal(cents), (name, units)
        assert calculated(because) == Fraction(cents), (name, units)
        parts = price.explain(Decimal(units))
        shown = " + ".join(_shown(part) for part in parts)
        assert because == shown


def _shown(part: Any) -> str:  # noqa: ANN401 - a part, whose numbers are written as on the page
    product = f"{part.quantity:f} {TIMES} {part.price_cents:f}"
    return f"{product} + {part.flat_price_cents:f}" if part.flat_price_cents else product


@pytest.mark.parametrize(("number", "name"), [(0, "Graduated"), (1, "Volume")])
def test_a_month_is_billed_as_the_page_says(number: int, name: str) -> None:
    price = price_in(name)
    month = MonthTotal()
    for used, in_all, comes_to, asked_before, this_bill in tables("Months")[number]:
        after = month.billed(Decimal(used), price)
        assert (after.units, after.debited_cents) == (Decimal(in_all), Decimal(comes_to))
        assert month.debited_cents == Decimal(asked_before)
        assert after.debited_since(month) == Decimal(this_bill)
        month = after


def test_the_demo_has_a_product_of_each_example() -> None:
    demo = {
        product["id"]: validate(PricedBody, parse(json.dumps({"price": product["price"]})))
        for product in PRODUCTS
        if "price" in product
    }
    found = {name: body.given_price() for name, body in demo.items()}

    assert found == {
        "emails": price_in("Package"),
        "tokens": price_in("Graduated"),
        "images": price_in("Volume"),
        "build-minutes": price_in("Free units"),
    }
    for price in found.values():
        assert price is not None
        check_price(price, UNIT_DECIMALS_MAX)


def bodies() -> Iterator[tuple[str, str]]:
    """Give the path and the body of every curl line that has one."""
    yield from re.findall(r"^api \$BILLING_URL(\S+)(?: -X PATCH)? -d '(.*?)'$", TEXT, re.MULTILINE)


def test_the_curl_lines_send_what_the_api_takes() -> None:
    """That they work is shown on the local cloud."""
    models: dict[str, type[BaseModel]] = {PREVIEW.path: PreviewRequest, RECORD.path: UsageRequest}
    sent = list(bodies())
    for path, body in sent:
        validate(models.get(path, ProductChange), parse(body))
    assert len(sent) == TEXT.count(" -d '")
    assert {path for path, _ in sent} == {PREVIEW.path, RECORD.path, "/products/tokens"}
    assert CHANGE.matches("/products/tokens")
