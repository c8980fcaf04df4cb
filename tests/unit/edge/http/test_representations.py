"""Of the kinds of content on offer a caller is given the one that Accept asks for most."""

import pytest

from billing.edge.http.errors import NotAcceptableError
from billing.edge.http.representations import CSV, JSON, choose

HTML = "text/html"
OFFERED = (JSON, CSV, HTML)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        pytest.param(None, JSON, id="nothing-said"),
        pytest.param(" ", JSON, id="empty"),
        pytest.param("*/*", JSON, id="anything"),
        pytest.param("text/csv", CSV, id="csv"),
        pytest.param("Text/CSV", CSV, id="capitals"),
        pytest.param("text/csv; charset=utf-8; header=present", CSV, id="parameters"),
        pytest.param("text/*", CSV, id="any-text"),
        pytest.param("text/csv, application/json", JSON, id="both-alike"),
        pytest.param("text/csv;q=0.9, application/json;q=0.8", CSV, id="weights"),
        pytest.param("text/csv ; Q=0.8 , application/json;q=0.9", JSON, id="weights-with-spaces"),
        pytest.param("text/csv;q=0, */*", JSON, id="anything-but-csv"),
        pytest.param("application/json;q=0, */*;q=0.1", CSV, id="anything-but-json"),
        pytest.param("text/*;q=0.2, text/csv;q=0.1, application/*;q=0.1", HTML, id="exact-first"),
        pytest.param(BROWSER, HTML, id="browser"),
        pytest.param("nonsense, text/csv", CSV, id="one-is-no-range"),
        pytest.param("application/json;q=2, text/csv;q=0.1", CSV, id="one-weight-is-none"),
        pytest.param("application/json;q=nan, text/csv;q=0.1", CSV, id="no-number"),
        pytest.param('text/csv;a="b,c"', CSV, id="quoted-comma"),
    ],
)
def test_what_accept_asks_for_most_is_chosen(accept: str | None, chosen: str) -> None:
    assert choose(accept, OFFERED) == chosen


@pytest.mark.parametrize(
    "accept",
    ["application/xml", "image/*", "*/*;q=0", "text/csv;q=0", "*", "*/csv", "text", ",", ";q=1"],
    ids=["xml", "images", "nothing", "no-csv", "star", "any-csv", "word", "comma", "weight-alone"],
)
def test_where_nothing_fits_it_is_said_what_there_is(accept: str) -> None:
    with pytest.raises(
        NotAcceptableError, match=r"application/json or text/csv, of which"
    ) as error:
        choose(accept, (JSON, CSV))
    assert error.value.offered == (JSON, CSV)
