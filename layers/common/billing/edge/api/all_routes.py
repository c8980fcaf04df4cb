"""Every route of the API, by the function that serves it.

The answer to an unknown route and the API's description are made from this union, and a test holds
the template to it.
"""

from collections.abc import Mapping

from billing.domain.errors import BillingError
from billing.edge.api import (
    balance,
    credit,
    executions,
    jobs,
    keys,
    logs,
    pricing,
    products,
    records,
    series,
    statements,
    status,
    system,
    system_status,
    uploads,
    usage,
    users,
    wallets,
)
from billing.edge.http.errors import MethodNotAllowedError, RouteNotFoundError
from billing.edge.http.routes import Route

# A function is named as its folder under functions/; the description keeps this order.
ROUTES_OF: Mapping[str, tuple[Route, ...]] = {
    "usage": usage.ROUTES,
    "credit": credit.ROUTES,
    "balance": balance.ROUTES,
    "products": (*products.ROUTES, *pricing.ROUTES),
    "users": (*users.ROUTES, *keys.ROUTES),
    "wallets": wallets.ROUTES,
    "records": records.ROUTES,
    "statements": (*statements.ROUTES, *series.ROUTES),
    "logs": (*logs.ROUTES, *uploads.ROUTES),
    "jobs": jobs.ROUTES,
    "executions": executions.ROUTES,
    "status": (*status.ROUTES, *system_status.ROUTES),
    "system": system.ROUTES,
}

ROUTES = tuple(route for routes in ROUTES_OF.values() for route in routes)

_UNROUTED_ERRORS: tuple[type[BillingError], ...] = (RouteNotFoundError, MethodNotAllowedError)


def published_errors() -> list[type[BillingError]]:
    """List every error that a request may be answered with, each once, by code."""
    errors = {error for route in ROUTES for error in route.errors}.union(_UNROUTED_ERRORS)
    return sorted(errors, key=lambda error: error.code)
