"""The page for people names everything, leads somewhere with every link, and runs nothing."""

import json
from html.parser import HTMLParser

import pytest

from billing.edge.api.all_routes import ROUTES, published_errors
from billing.edge.api.docs_page import CONTENT_SECURITY_POLICY, render
from tests.support.description import (
    DOCUMENT,
    SCHEMAS,
)


class Page(HTMLParser):
    """Reads a page: its elements in order, its anchors and links, and its text."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        """Read the page; every element that opens must close where it should."""
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the element that ends is the one that began last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.words += data

    def values(self, attribute: str) -> list[str]:
        """Give all values of an attribute."""
        return [str(attrs[attribute]) for _, attrs in self.elements if attribute in attrs]


@pytest.fixture(scope="module")
def page() -> Page:
    """Give the page as it is written."""
    return Page(render(DOCUMENT))


def test_the_page_names_every_route_schema_and_error(page: Page) -> None:
    for route in ROUTES:
        assert route.key in page.words
        assert route.summary in page.words
    for name in SCHEMAS:
        assert f"schema-{name}" in page.values("id")
    for error in published_errors():
        assert error.code in page.words


def test_operations_stand_in_groups_in_the_order_of_the_tags(page: Page) -> None:
    headings = [attrs["id"] for name, attrs in page.elements if name == "h2"]
    assert headings == [*(tag["name"] for tag in DOCUMENT["tags"]), "schemas", "errors"]


def test_requests_and_answers_are_shown_by_example(page: Page) -> None:
    examples = [example for schema in SCHEMAS.values() for example in schema.get("examples", ())]
    for example in examples:
        assert json.dumps(example, indent=2, ensure_ascii=False) in page.words


def test_every_link_of_the_page_leads_somewhere_in_it(page: Page) -> None:
    anchors = page.values("id")
    assert len(set(anchors)) == len(anchors)
    inside = [link.removeprefix("#") for link in page.values("href") if link.startswith("#")]
    assert set(inside) <= set(anchors)
    assert [link for link in page.values("href") if not link.startswith("#")] == ["openapi.json"]
    assert set(page.values("aria-labelledby")) <= set(anchors)


def test_the_page_loads_nothing_and_runs_nothing(page: Page) -> None:
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "img", "iframe", "object", "form"}
    assert page.values("src") == []
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; style-src 'unsafe-inline';")


def test_the_page_can_be_read_with_any_aid(page: Page) -> None:
    names = [name for name, _ in page.elements]
    assert (names.count("h1"), names.count("main"), names.count("header")) == (1, 1, 1)
    assert names.count("table") == names.count("caption")
    assert ("html", {"lang": "en"}) in page.elements
    cells = [attrs for name, attrs in page.elements if name == "th"]
    assert all(attrs == {"scope": "col"} for attrs in cells)
    assert page.elements[names.index("body") + 1] == ("a", {"class": "skip", "href": "#main"})


def test_whatever_stands_in_the_description_is_shown_as_text() -> None:
    hostile = json.loads(json.dumps(DOCUMENT).replace("Usage billing", "<script>alert(1)</script>"))
    assert "<script>" not in render(hostile)
    assert "&lt;script&gt;" in render(hostile)
