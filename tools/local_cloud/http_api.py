"""The routes of the HTTP API, which MiniStack's CloudFormation leaves out.

SAM writes the routes into the API's OpenAPI body, and MiniStack drops that body. They are read from
the processed template, so that it stays the only place that says them, and made with the same
calls that anyone may make.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.local_cloud.aws_environment import REGION, AwsClient
from tools.local_cloud.errors import LocalCloudError

NO_AUTHORIZER = "NONE"
ANY_METHOD = "x-amazon-apigateway-any-method"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", ANY_METHOD}
_FUNCTION = re.compile(r"\$\{(\w+)\.Arn\}")


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer: its name, its function's logical id, and what it looks at."""

    name: str
    function: str
    identity_sources: tuple[str, ...]
    cache_seconds: int
    payload_version: str
    simple_responses: bool


@dataclass(frozen=True)
class Route:
    """One route: its key, its function's logical id, its authorizer's name or None."""

    key: str
    function: str
    authorizer: str | None


def authorizers_in(body: Mapping[str, Any]) -> list[Authorizer]:
    """Return the authorizers of an OpenAPI body as SAM writes it."""
    schemes = body.get("components", {}).get("securitySchemes", {})
    return [
        _authorizer(name, scheme["x-amazon-apigateway-authorizer"])
        for name, scheme in schemes.items()
    ]


def routes_in(body: Mapping[str, Any]) -> list[Route]:
    """Return the routes of an OpenAPI body as SAM writes it."""
    return [
        Route(
            key=_route_key(path, method),
            function=_function(operation["x-amazon-apigateway-integration"]["uri"]),
            authorizer=_authorizer_name(operation),
        )
        for path, methods in body["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def body_in(template: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the logical id and the OpenAPI body of the one HTTP API of a processed template."""
    apis = [
        (logical_id, resource["Properties"]["Body"])
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::ApiGatewayV2::Api"
    ]
    if len(apis) != 1:
        raise LocalCloudError(f"The template has {len(apis)} HTTP APIs; the local cloud runs one")
    return apis[0]


def make_routes(
    client: AwsClient,
    body: Mapping[str, Any],
    api_id: str,
    function_arns: Mapping[str, str],
) -> int:
    """Make the API's routes as the body says, in place of what it has; return how many."""
    _remove_routes(client, api_id)
    authorizers = {
        each.name: _make_authorizer(client, api_id, each, function_arns[each.function])
        for each in authorizers_in(body)
    }
    routes = routes_in(body)
    integrations = {
        function: client.create_integration(
            ApiId=api_id,
            IntegrationType="AWS_PROXY",
            IntegrationMethod="POST",
            IntegrationUri=_invocation_uri(function_arns[function]),
            PayloadFormatVersion="2.0",
        )["IntegrationId"]
        for function in sorted({route.function for route in routes})
    }
    for route in routes:
        target = f"integrations/{integrations[route.function]}"
        if route.authorizer is None:
            client.create_route(ApiId=api_id, RouteKey=route.key, Target=target)
        else:
            client.create_route(
                ApiId=api_id,
                RouteKey=route.key,
                Target=target,
                AuthorizationType="CUSTOM",
                AuthorizerId=authorizers[route.authorizer],
            )
    return len(routes)


def _remove_routes(client: AwsClient, api_id: str) -> None:
    for route in client.get_routes(ApiId=api_id)["Items"]:
        client.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    for integration in client.get_integrations(ApiId=api_id)["Items"]:
        client.delete_integration(ApiId=api_id, IntegrationId=integration["IntegrationId"])
    for authorizer in client.get_authorizers(ApiId=api_id)["Items"]:
        client.delete_authorizer(ApiId=api_id, AuthorizerId=authorizer["AuthorizerId"])


def _make_authorizer(
    client: AwsClient, api_id: str, authorizer: Authorizer, function_arn: str
) -> str:
    made = client.create_authorizer(
        ApiId=api_id,
        Name=authorizer.name,
        AuthorizerType="REQUEST",
        AuthorizerUri=_invocation_uri(function_arn),
        AuthorizerPayloadFormatVersion=authorizer.payload_version,
        AuthorizerResultTtlInSeconds=authorizer.cache_seconds,
        EnableSimpleResponses=authorizer.simple_responses,
        IdentitySource=list(authorizer.identity_sources),
    )
    return str(made["AuthorizerId"])


def _invocation_uri(function_arn: str) -> str:
    return (
        f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    )


def _authorizer(name: str, properties: Mapping[str, Any]) -> Authorizer:
    return Authorizer(
        name=name,
        function=_function(properties["authorizerUri"]),
        identity_sources=tuple(properties["identitySource"]),
        cache_seconds=int(properties["authorizerResultTtlInSeconds"]),
        payload_version=str(properties["authorizerPayloadFormatVersion"]),
        simple_responses=bool(properties["enableSimpleResponses"]),
    )


def _authorizer_name(operation: Mapping[str, Any]) -> str | None:
    names = [name for requirement in operation.get("security", []) for name in requirement]
    return next((name for name in names if name != NO_AUTHORIZER), None)


def _route_key(path: str, method: str) -> str:
    if path == "$default":
        return path
    return f"{'ANY' if method == ANY_METHOD else method.upper()} {path}"


def _function(uri: object) -> str:
    """Return the logical id of the function that an intrinsic function's value names."""
    for value in _values(uri):
        if isinstance(value, Mapping) and isinstance(value.get("Fn::GetAtt"), list):
            return str(value["Fn::GetAtt"][0])
        if isinstance(value, str) and (match := _FUNCTION.search(value)):
            return match[1]
    raise LocalCloudError(f"The local cloud cannot tell which function this names: {uri}")


def _values(tree: object) -> Iterator[object]:
    yield tree
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _values(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _values(value)
