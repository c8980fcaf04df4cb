"""Requests that no description would think of: bytes for a body, any path, any query."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from billing.domain.api_keys import Scope
from billing.edge.api.all_routes import ROUTES
from billing.edge.http.routes import Route
from tests.functions.abuse.town import THE_SAME_EACH_TIME, Town

TAKES_A_BODY = [route for route in ROUTES if route.request is not None]
HAS_PARAMETERS = [route for route in ROUTES if route.path_parameters]

PARTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["..", "%", "%2F", "%00", "a/b", "~", "acme~0~1", "\U0001f600", "x" * 3000]),
)
# Pieces of JSON in any order come nearer to what is read than bytes alone.
PIECES = [*'{}[]:,"', *["1", "-0", "1e999999", "0.1", "NaN", "null", "true"], '"id"', '"units"']
ESCAPES = [r"\u0000", r"\ud800", " ", "[" * 40, "9" * 50]
BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(PIECES + ESCAPES), max_size=12).map(
        lambda pieces: "".join(pieces).encode()
    ),
)
MEDIA_TYPES = st.sampled_from(
    [
        "application/json",
        "application/json; charset=latin-1",
        "application/merge-patch+json",
        "text/plain",
        "multipart/form-data",
        "",
        "nonsense",
    ]
)


def is_answered(response: TestResponse) -> bool:
    """Tell whether what was asked was done, or refused by a problem that blames the caller."""
    if response.status_code >= 400:
        return response.status_code < 500 and response.mimetype == "application/problem+json"
    return response.mimetype == "application/json"


@pytest.mark.parametrize("route", TAKES_A_BODY, ids=lambda route: route.key)
def test_whatever_stands_in_a_body_is_no_fault_of_the_system(town: Town, route: Route) -> None:
    caller = Client(town.gateway)
    path = route.path.format_map({name: town.known[name][0] for name in route.path_parameters})

    @settings(THE_SAME_EACH_TIME, max_examples=40)
    @given(body=BODIES, media_type=MEDIA_TYPES)
    def ask(body: bytes, media_type: str) -> None:
        town.begin_again()
        headers = town.with_key(Scope.ADMIN) | {"Idempotency-Key": "key"}
        response = caller.open(
            path, method=route.method, data=body, content_type=media_type, headers=headers
        )
        assert is_answered(response), response.text

    ask()


@pytest.mark.parametrize("route", HAS_PARAMETERS, ids=lambda route: route.key)
def test_whatever_stands_in_a_path_or_query_is_no_fault_of_the_system(
    town: Town, route: Route
) -> None:
    caller = Client(town.gateway)

    @settings(THE_SAME_EACH_TIME, max_examples=40)
    @given(parts=st.lists(PARTS, min_size=3, max_size=3), query=st.text(max_size=20))
    def ask(parts: list[str], query: str) -> None:
        town.begin_again()
        written = [quote(part, safe="") for part in parts[: len(route.path_parameters)]]
        names = dict(zip(route.path_parameters, written, strict=True))
        response = caller.open(
            route.path.format_map(names),
            method=route.method,
            query_string=quote(query, safe="=&%"),
            headers=town.with_key(Scope.ADMIN) | {"Idempotency-Key": "key"},
            content_type="application/json",
        )
        assert is_answered(response), response.text

    ask()
