"""All routes together: none twice, each of a function that exists, and scopes that keep apart."""

import pytest

from billing.domain.api_keys import Scope
from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.http.routes import Route
from tests.support.lambdas import FUNCTIONS

KEYED = [route for route in ROUTES if route.scope is not None]


def test_the_table_of_routes_has_no_route_twice() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("function", sorted(ROUTES_OF))
def test_every_function_of_the_union_exists(function: str) -> None:
    assert function in FUNCTIONS


@pytest.mark.parametrize("route", KEYED, ids=lambda route: route.key)
def test_reading_moving_money_and_managing_are_scopes_apart(route: Route) -> None:
    if route.method == "GET":
        expected = Scope.BILLING_READ
    elif route.path.startswith("/billing/usage"):
        expected = Scope.USAGE_WRITE
    elif route.path.startswith(("/billing", "/wallets", "/logs")):
        expected = Scope.BILLING_WRITE
    else:
        expected = Scope.ADMIN
    assert route.scope is expected
