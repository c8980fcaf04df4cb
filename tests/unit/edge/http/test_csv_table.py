"""A list as CSV: what a spreadsheet and a program read out of it is what was listed."""

import csv
import io
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edge.api.all_routes import ROUTES
from billing.edge.http.csv_table import MEDIA_TYPE, columns_of_list, write_list
from billing.edge.http.fields import Cents, ShownDecimal, ShownUnits
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, ListAnswer

LISTS = [route for route in ROUTES if route.lists]


class WhoAnswer(AnswerSchema):
    """Somebody."""

    by: str
    fee_cents: Cents | None


class ItemAnswer(AnswerSchema):
    """One of each kind of field."""

    name: str | None
    amount_cents: Cents
    unit_price_cents: ShownDecimal | None
    units: ShownUnits
    is_open: bool
    voided: WhoAnswer | None
    parts: list[WhoAnswer] | None
    seconds: list[int]


class ItemsAnswer(ListAnswer[ItemAnswer]):
    """A list of them."""


class FileAnswer(AnswerSchema):
    """What has a list among others."""

    lists: ClassVar[str | None] = "bad_lines"

    bad_lines: ItemsAnswer


def item(**members: object) -> ItemAnswer:
    """Make an item; whatever is not named is nothing much."""
    nothing: dict[str, object] = {
        "name": None, "amount_cents": 0, "unit_price_cents": None, "units": 0, "is_open": False,
        "voided": None, "parts": None, "seconds": [],
    }  # fmt: skip
    return ItemAnswer.model_validate({**nothing, **members}, by_name=True)


def written(*items: ItemAnswer) -> str:
    """Write items, without what goes on behind them."""
    return write_list(ItemsAnswer(items=list(items), cursor=None), {}).body


def rows(text: str) -> list[dict[str, str]]:
    """Read CSV as a program does."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_columns_are_named_as_in_json_and_money_stands_in_both_units() -> None:
    line = item(
        name="Café, „Süß“",
        amount_cents=-63,
        unit_price_cents="0.25",
        units="1.5",
        is_open=True,
        voided={"by": "key-1", "fee_cents": 1200},
        parts=[{"by": "nobody", "fee_cents": 1}],
        seconds=[1, 2],
    )
    assert written(line) == (
        "name,amountCents,amount,unitPriceCents,unitPrice,units,isOpen,"
        "voided.by,voided.feeCents,voided.fee\r\n"
        '"Café, „Süß“",-63,-0.63,0.25,0.0025,1.5,true,key-1,1200,12.00\r\n'
    )


def test_what_is_not_there_is_an_empty_cell() -> None:
    assert written(item()).splitlines()[1] == ",0,0.00,,,0,false,,,"


def test_a_list_without_items_has_its_columns_all_the_same() -> None:
    assert written().startswith("name,amountCents,amount,")
    assert written().count("\r\n") == 1


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1"],
    ids=["equals", "plus", "minus", "at", "tab", "return", "feed", "spaces", "full-width"],
)
def test_no_text_is_a_formula(text: str) -> None:
    [row] = rows(written(item(name=text)))
    assert row["name"] == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-0.25", "7", "a=1", "acme~1", "'quoted'"])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    [row] = rows(written(item(name=text, unit_price_cents="-0.25", units="-1.5")))
    assert (row["name"], row["unitPriceCents"], row["units"]) == (text, "-0.25", "-1.5")
    assert row["unitPrice"] == "-0.0025"


@given(st.lists(st.text(), max_size=5))
def test_whatever_stands_in_a_text_is_read_back(texts: list[str]) -> None:
    read = [row["name"] for row in rows(written(*[item(name=text) for text in texts]))]
    assert [each.removeprefix("'") for each in read] == [text.removeprefix("'") for text in texts]


def test_where_a_list_goes_on_its_link_says() -> None:
    last = write_list(ItemsAnswer(items=[], cursor=None), {"limit": "2"})
    more = write_list(ItemsAnswer(items=[], cursor="a&b"), {"limit": "2", "cursor": "before"})
    assert (last.headers, last.media_type) == ({}, MEDIA_TYPE)
    assert more.headers == {"Link": '<?limit=2&cursor=a%26b>; rel="next"'}


def test_one_of_several_lists_goes_on_by_its_own_cursor() -> None:
    inner = ItemsAnswer(items=[item(name="line")], cursor="next")
    file = write_list(FileAnswer(bad_lines=inner), {"asOf": "2026-01-31T09:00:00+01:00"})
    assert rows(file.body)[0]["name"] == "line"
    assert file.headers == {
        "Link": '<?asOf=2026-01-31T09%3A00%3A00%2B01%3A00&badLinesCursor=next>; rel="next"'
    }


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.key)
def test_no_list_has_two_columns_of_one_name(route: Route) -> None:
    assert route.response is not None
    names = [column.name for column in columns_of_list(route.response)]
    assert len(set(names)) == len(names)
    assert names


def test_what_lists_nothing_is_no_table() -> None:
    with pytest.raises(TypeError, match="WhoAnswer has no list"):
        columns_of_list(WhoAnswer)
