"""How the rules of routes are broken."""

from typing import Any

from tests.template.breaches.breaking import Breach, Source, api, properties
from tests.template.rules import routes


def _authorizer(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return api(source)["Auth"]["Authorizers"]["ApiKey"]


BREACHES: tuple[Breach, ...] = (
    (
        routes.timeouts,
        lambda s: properties(s, "BalanceFunction").update(Timeout=30),
        "BalanceFunction works on after its caller was answered 503",
    ),
    (
        routes.authorizer,
        lambda s: _authorizer(s)["Identity"].update(Headers=["X-Key"]),
        "the API asks AuthorizerFunction about ['$request.header.X-Key']",
    ),
    (
        routes.authorizer,
        lambda s: _authorizer(s).update(FunctionArn={"Fn::GetAtt": ["SystemFunction", "Arn"]}),
        "the API asks SystemFunction about",
    ),
    (
        routes.default_throttle,
        lambda s: api(s).pop("DefaultRouteSettings"),
        "the API has no ThrottlingRateLimit",
    ),
    (
        routes.routes,
        lambda s: properties(s, "CreditFunction")["Events"].clear(),
        "only the code has ('POST', '/billing/credit', 'credit', ('ApiKey',))",
    ),
    (
        routes.routes,
        lambda s: properties(s, "CreditFunction")["Events"]["PostCredit"]["Properties"].update(
            Auth={"Authorizer": "NONE"}
        ),
        "only the template has ('POST', '/billing/credit', 'credit', ('NONE',))",
    ),
    (
        routes.default_route,
        lambda s: properties(s, "SystemFunction")["Events"].pop("Default"),
        "the default route is []",
    ),
)
