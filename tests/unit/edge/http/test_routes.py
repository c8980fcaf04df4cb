"""A route matches its paths, and what none of some routes serves is refused in kind."""

import pytest

from billing.edge.http.errors import MethodNotAllowedError, RouteNotFoundError
from billing.edge.http.routes import Route, refuse


def route(method: str, path: str) -> Route:
    """Make a route of which only the key matters."""
    return Route(method, path, None, "", "getThing", response=None, statuses={})


ROUTES = (
    route("POST", "/billing/usage"),
    route("GET", "/billing/{recordId}"),
    route("GET", "/users"),
    route("POST", "/users"),
    route("PATCH", "/users/{userId}"),
)


@pytest.mark.parametrize(
    ("path", "matched"),
    [
        ("/users/acme", True),
        ("/users/acme/more", False),
        ("/users/", False),
        ("/users", False),
        ("/Users/acme", False),
    ],
)
def test_a_parameter_is_one_step_of_a_path(path: str, *, matched: bool) -> None:
    assert route("GET", "/users/{userId}").matches(path) is matched


def test_a_dot_of_a_path_is_a_dot() -> None:
    assert route("GET", "/openapi.json").matches("/openapi.json")
    assert not route("GET", "/openapi.json").matches("/openapi-json")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/users", ("GET", "POST")),
        ("GET", "/users/acme", ("PATCH",)),
        # It has a path of its own, though that of a record would match as well.
        ("GET", "/billing/usage", ("POST",)),
        ("POST", "/billing/acme~0~1", ("GET",)),
    ],
)
def test_a_path_with_other_methods_says_which(
    method: str, path: str, allowed: tuple[str, ...]
) -> None:
    error = refuse(method, path, ROUTES)
    assert isinstance(error, MethodNotAllowedError)
    assert error.allowed == allowed


@pytest.mark.parametrize("path", ["/", "/wallets", "/users/acme/more"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    assert isinstance(refuse("GET", path, ROUTES), RouteNotFoundError)


def test_a_route_is_itself_alone() -> None:
    """Functions name the very route, so that an equal one is another."""
    again = route("GET", "/users")
    assert again != ROUTES[2]
    assert len({again, *ROUTES}) == len(ROUTES) + 1
