"""The API serves what the code serves, to callers with a key, and only so much of it."""

from collections.abc import Iterator

from billing.edge.api.all_routes import ROUTES_OF
from tests.template.deployed import Rule, Template, logical_id_in

HTTP_API_TIMEOUT_SECONDS = 30


type Served = tuple[str, str, str, tuple[str, ...]]

# What browsers load: files for everybody, and no part of the API that is described.
CONSOLE: set[Served] = {
    ("GET", path, "console", ("NONE",)) for path in ("/console", "/console/{file}")
}


def _routed(template: Template) -> Iterator[Served]:
    """Yield (method, path, folder, authorizers) of every route but the default one."""
    folders = {
        name: str(function["CodeUri"]).removeprefix("functions/")
        for name, function in template.functions()
    }
    for route in template.routes():
        if route.path != "$default":
            yield route.method, route.path, folders[route.function], route.authorizers


def routes(template: Template) -> list[str]:
    """The template routes what the code serves, to the same function, and asks for a key alike.

    A route that only the code has answers 404; one without its key is open to the internet.
    """
    routed = set(_routed(template))
    served = {
        (r.method, r.path, function, ("ApiKey",) if r.needs_key else ("NONE",))
        for function, served_routes in ROUTES_OF.items()
        for r in served_routes
    } | CONSOLE
    return [f"only the template has {route}" for route in sorted(routed - served)] + [
        f"only the code has {route}" for route in sorted(served - routed)
    ]


def default_route(template: Template) -> list[str]:
    """Any other route is answered by the system function, without a key: a 404 is no secret.

    Without it the gateway answers by itself, in a shape that no caller was promised.
    """
    defaults = [
        (route.method, route.function, route.authorizers)
        for route in template.routes()
        if route.path == "$default"
    ]
    wanted = [("ANY", "SystemFunction", ("NONE",))]
    return [] if defaults == wanted else [f"the default route is {defaults}"]


def timeouts(template: Template) -> list[str]:
    """A function behind the HTTP API gives up before the API does, so that it can say so.

    One that worked on would charge a customer whose caller was told that it failed.
    """
    behind = {route.function for route in template.routes()}
    return [
        f"{name} works on after its caller was answered 503"
        for name, function in template.properties_of_type("AWS::Lambda::Function")
        if name in behind and function["Timeout"] >= HTTP_API_TIMEOUT_SECONDS
    ]


def authorizer(template: Template) -> list[str]:
    """The API asks the authorizer about the key that a request brings, and no one else.

    Any other function, or another header, would let in whoever comes.
    """
    return [
        f"the API asks {caller} about {asked}"
        for _, api in template.properties_of_type("AWS::ApiGatewayV2::Api")
        for scheme in api["Body"]["components"]["securitySchemes"].values()
        for settings in [scheme["x-amazon-apigateway-authorizer"]]
        for caller in [logical_id_in(settings["authorizerUri"]["Fn::Sub"][1]["__FunctionArn__"])]
        for asked in [settings.get("identitySource")]
        if (caller and template.function_behind(caller), asked)
        != ("AuthorizerFunction", ["$request.header.Authorization"])
    ]


def default_throttle(template: Template) -> list[str]:
    """The API lets through only so much: one caller's loop would be everybody's bill and outage."""
    [(_, stage)] = template.properties_of_type("AWS::ApiGatewayV2::Stage")
    limits = stage.get("DefaultRouteSettings", {})
    return [
        f"the API has no {limit}"
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
        if limit not in limits
    ]


RULES: tuple[Rule, ...] = (
    routes,
    default_route,
    timeouts,
    authorizer,
    default_throttle,
)
