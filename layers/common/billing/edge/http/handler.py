"""From a function's endpoints to its handler: requests in, answers and problems out.

A request is dispatched by the route that API Gateway matched, not by its path: the gateway decodes
the path before a function sees it, so that matching it again could choose another route than the
one whose scope the caller was promised.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.domain.api_keys import Scope
from billing.domain.errors import BillingError
from billing.edge.http.compression import compressed
from billing.edge.http.errors import ForbiddenError, UnauthenticatedError
from billing.edge.http.event import Event
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.problems import headers_of, internal_problem, problem_of
from billing.edge.http.representations import choose
from billing.edge.http.routes import Route, refuse
from billing.edge.http.schema import Problem
from billing.edge.observability import logger

type LambdaHandler = Callable[[Event, LambdaContext], dict[str, Any]]
type Endpoint = Callable[[Request], Answer]

_SERVER_ERROR = 500


def http_handler(
    endpoints: Mapping[Route, Endpoint], *, unrouted: Iterable[Route] = ()
) -> LambdaHandler:
    """Make the handler of a function from its endpoints.

    A request by any other route is refused. `unrouted` is for the function of the default route:
    the routes of the whole API, by which a path that has other methods is told from one that is
    unknown.
    """
    served = {route.key: (route, endpoint) for route, endpoint in endpoints.items()}
    refused = (None, _refuser({*endpoints, *unrouted}))

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
        route_key = event["routeKey"]
        route, endpoint = served.get(route_key, refused)
        request = Request(event, context, route)
        logger.set_correlation_id(request.gateway_request_id)
        answer = _for_caches(_carry_out(endpoint, request), route)
        logger.info(
            "Answered",
            route=route_key,
            status=answer.status,
            key_id=(request.authorizer or {}).get("keyId"),
        )
        return compressed(answer.to_lambda(), accept_encoding=request.accept_encoding)

    # The decorators are not typed; what they return takes and returns what they were given.
    typed: LambdaHandler = handler
    return typed


def _refuser(known: Collection[Route]) -> Endpoint:
    """Make the endpoint for requests that no route of a function serves."""

    def refuse_request(request: Request) -> Answer:
        raise refuse(request.method, request.path, known)

    return refuse_request


def _carry_out(endpoint: Endpoint, request: Request) -> Answer:
    try:
        _check_scope(request)
        if request.route is not None:
            # Checked here too, so that an endpoint which reads no parameter ignores none.
            request.query(request.route.query)
        return _represented(endpoint, request)
    except BillingError as error:
        problem = problem_of(error, instance=request.instance)
        if problem.status >= _SERVER_ERROR:
            logger.exception("Failed", code=problem.code)
        return _show_problem(problem, headers_of(error))
    except Exception:  # noqa: BLE001  The outermost frame: the caller gets a plain 500.
        logger.exception("Failed")
        return _show_problem(internal_problem(instance=request.instance), {})


def _represented(endpoint: Endpoint, request: Request) -> Answer:
    """Answer as the content that the caller takes; raises NotAcceptableError before all else."""
    route = request.route
    if route is None or not route.writers:
        return endpoint(request)
    media_type = choose(request.accept, route.media_types)
    answer = endpoint(request)
    if media_type not in route.writers or answer.shown is None:
        return answer
    written = route.writers[media_type](answer.shown, request.query_parameters)
    return Answer(answer.status, written.body, written.media_type, written.headers)


def _for_caches(answer: Answer, route: Route | None) -> Answer:
    """Tell caches what else than the address an answer depends on."""
    if route is None or not route.writers:
        return answer
    return replace(answer, headers={**answer.headers, "Vary": "Accept"})


def _show_problem(problem: Problem, headers: Mapping[str, str]) -> Answer:
    body = problem.model_dump_json()
    return Answer(problem.status, body, "application/problem+json", headers)


def _check_scope(request: Request) -> None:
    """Refuse a caller whose key lacks the scope of the route.

    The authorizer's answer is cached for every route, so that each function checks for itself.
    """
    if request.route is None or not request.route.needs_key:
        return
    if not request.authorizer:
        raise UnauthenticatedError("An API key is needed: Authorization: Bearer <key>")
    needed = request.route.needed_scope
    granted = request.scopes
    if needed is not None and needed not in granted and Scope.ADMIN not in granted:
        raise ForbiddenError(f"The API key does not have the scope {needed}")
