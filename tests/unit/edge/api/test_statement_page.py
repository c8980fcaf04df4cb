"""A statement as a page: what a finance person sends out, whatever a customer is called."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from billing.edge.api.statement_answers import StatementAnswer, show_statement
from billing.edge.api.statement_page import MEDIA_TYPE, write_page
from tests.support.statements import long_name, sample_statement


class Reader(HTMLParser):
    """Notes the tags and the words of a page; fails where a tag is closed that is not open."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data.strip())


def read(statement: StatementAnswer) -> Reader:
    """Read the page of a statement."""
    reader = Reader()
    reader.feed(write_page(statement, {}).body)
    reader.close()
    return reader


def test_the_page_says_what_the_statement_does() -> None:
    words = [word for word in read(show_statement(sample_statement())).words if word]

    assert words[words.index("Opening balance") :][:16] == [
        "Opening balance", "12.50", "Credits", "500.00", "Usage", "\u2212316.525",
        "Corrections of usage", "5.00", "Parts of a cent from and to other bills", "0.005",
        "Other charges", "\u2212120.00", "Refunds", "20.00", "Closing balance", "100.98",
    ]  # fmt: skip
    assert "January 2026, closed" in words
    assert {
        "125,250",
        "Corrections of usage by product",
        "\u22122,000",
        "\u2212313.125",
        "3,000 \u00d7 0.0005 + 1.00",
        "42.00 in 1 billing record",
    } <= set(words)


def test_one_that_is_open_says_so() -> None:
    words = read(show_statement(sample_statement(is_closed=False))).words
    assert {"Open.", "January 2026, open"} <= set(words)


def test_a_name_is_shown_as_it_is_and_is_no_markup() -> None:
    page = read(show_statement(sample_statement(name=long_name())))

    assert long_name() in page.words
    assert {"script", "a", "img", "link"} & set(page.tags) == set()


def test_a_browser_may_do_nothing_but_show_the_page_in_its_own_style() -> None:
    written = write_page(show_statement(sample_statement()), {})
    [style] = re.findall(r"<style>(.*?)</style>", written.body, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    policy = written.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy
    assert written.media_type == MEDIA_TYPE
    assert "url(" not in style


@pytest.mark.parametrize("cents", [0, -1, 10**15])
def test_balances_of_any_size_are_written_out(cents: int) -> None:
    statement = show_statement(sample_statement()).model_copy(update={"closing_cents": cents})
    shown = {0: "0.00", -1: "\u22120.01", 10**15: "10,000,000,000,000.00"}[cents]
    assert shown in read(statement).words
