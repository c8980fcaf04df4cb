"""All routes together: none twice, each of a function that exists, and scopes that keep apart."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from billing.domain.api_keys import Scope
from billing.domain.customers import RESERVED_IDS, Customer, Mode, Terms
from billing.domain.errors import InvalidInputError
from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.api.openapi import describe
from billing.edge.api.pricing import PREVIEW
from billing.edge.http.routes import Route
from tests.support.clock import START
from tests.support.lambdas import FUNCTIONS

TERMS = Terms(None, None, Mode.PREPAID, None, None)

SCOPED = [route for route in ROUTES if route.needed_scope is not None]


def test_the_table_of_routes_has_no_route_twice() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("function", sorted(ROUTES_OF))
def test_every_function_of_the_union_exists(function: str) -> None:
    assert function in FUNCTIONS


@pytest.mark.parametrize("route", SCOPED, ids=lambda route: route.key)
def test_reading_moving_money_and_managing_are_scopes_apart(route: Route) -> None:
    if route.path.startswith("/keys"):
        expected = Scope.ADMIN
    elif route.method == "GET" or route is PREVIEW:
        expected = Scope.BILLING_READ
    elif route.path.startswith(("/billing/usage", "/logs/uploads")) and route.method == "POST":
        expected = Scope.USAGE_WRITE
    elif route.path.startswith(("/billing", "/wallets", "/logs")):
        expected = Scope.BILLING_WRITE
    else:
        expected = Scope.ADMIN
    assert route.scope is expected


def segments(route: Route) -> list[str]:
    """Split a path at its slashes."""
    return route.path.strip("/").split("/")


def meet(one: Route, other: Route) -> bool:
    """Tell whether a path may be one of either route."""
    pairs = list(zip(segments(one), segments(other), strict=False))
    return (
        one is not other
        and one.method == other.method
        and len(segments(one)) == len(segments(other))
        and all(left == right or "{" in left + right for left, right in pairs)
    )


def words_met(routes: Sequence[Route]) -> dict[str, set[str]]:
    """Find the words of routes that stand where a path of another has a parameter, by parameter,
    but for those that its pattern refuses.
    """
    patterns = {
        parameter["name"]: parameter["schema"]["pattern"]
        for operations in describe()["paths"].values()
        for operation in operations.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "path"
    }
    found: dict[str, set[str]] = {}
    pairs = [pair for pair in permutations(routes, 2) if meet(*pair)]
    for one, other in pairs:
        for left, right in zip(segments(one), segments(other), strict=True):
            name = left.strip("{}")
            if left.startswith("{") and "{" not in right and re.search(patterns[name], right):
                found.setdefault(name, set()).add(right)
    return found


def test_a_word_that_stands_where_an_id_may_is_no_id_of_a_customer() -> None:
    """Else API Gateway would have to choose between two routes for one path."""
    met = words_met(ROUTES)

    assert met.keys() <= {"customerId", "userId"}
    assert set().union(*met.values()) == RESERVED_IDS


def test_a_new_word_is_found() -> None:
    read = next(route for route in ROUTES if route.key == "GET /users/{userId}")

    assert "search" in words_met([*ROUTES, replace(read, path="/users/search")])["userId"]


@pytest.mark.parametrize("word", sorted(RESERVED_IDS))
def test_nobody_is_made_under_such_a_word(word: str) -> None:
    with pytest.raises(InvalidInputError, match="id: is a word"):
        Customer.new(word, TERMS, now=START)
