"""The routes of the local cloud's HTTP API are read out of the processed template."""

from typing import Any

import pytest

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.http_api import Authorizer, Route, authorizers_in, body_in, routes_in

LAMBDA_PATH = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"


def operation(function: str, security: str | None) -> dict[str, Any]:
    """Return one operation as SAM writes it."""
    return {
        "x-amazon-apigateway-integration": {
            "httpMethod": "POST",
            "type": "aws_proxy",
            "uri": {"Fn::Sub": f"{LAMBDA_PATH}/${{{function}.Arn}}/invocations"},
            "payloadFormatVersion": "2.0",
        },
        "responses": {},
        **({} if security is None else {"security": [{security: []}]}),
    }


BODY: dict[str, Any] = {
    "openapi": "3.0.1",
    "paths": {
        "/things": {
            "get": operation("ThingsFunction", "ApiKey"),
            "post": operation("ThingsFunction", "ApiKey"),
        },
        "/things/{thingId}": {
            "get": operation("OtherFunction", "ApiKey"),
            "parameters": [{"name": "thingId", "in": "path"}],
        },
        "/health": {"get": operation("SystemFunction", "NONE")},
        "/open": {"x-amazon-apigateway-any-method": operation("SystemFunction", None)},
        "$default": {
            "x-amazon-apigateway-any-method": {
                **operation("SystemFunction", "NONE"),
                "isDefaultRoute": True,
            }
        },
    },
    "components": {
        "securitySchemes": {
            "ApiKey": {
                "type": "apiKey",
                "name": "Unused",
                "in": "header",
                "x-amazon-apigateway-authorizer": {
                    "type": "request",
                    "authorizerUri": {
                        "Fn::Sub": [
                            "arn:aws:apigateway:${AWS::Region}:lambda:path/${__FunctionArn__}",
                            {"__FunctionArn__": {"Fn::GetAtt": ["AuthorizerFunction", "Arn"]}},
                        ]
                    },
                    "authorizerResultTtlInSeconds": 60,
                    "identitySource": ["$request.header.Authorization"],
                    "authorizerPayloadFormatVersion": "2.0",
                    "enableSimpleResponses": True,
                },
            }
        }
    },
}


def test_every_operation_becomes_a_route_with_its_function_and_authorizer() -> None:
    assert routes_in(BODY) == [
        Route("GET /things", "ThingsFunction", "ApiKey"),
        Route("POST /things", "ThingsFunction", "ApiKey"),
        Route("GET /things/{thingId}", "OtherFunction", "ApiKey"),
        Route("GET /health", "SystemFunction", None),
        Route("ANY /open", "SystemFunction", None),
        Route("$default", "SystemFunction", None),
    ]


def test_an_authorizer_keeps_its_function_and_its_settings() -> None:
    assert authorizers_in(BODY) == [
        Authorizer(
            name="ApiKey",
            function="AuthorizerFunction",
            identity_sources=("$request.header.Authorization",),
            cache_seconds=60,
            payload_version="2.0",
            simple_responses=True,
        )
    ]


def test_a_body_without_authorizers_has_none() -> None:
    assert authorizers_in({"paths": {}}) == []


def test_the_body_is_that_of_the_one_http_api() -> None:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": BODY}}
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {}}
    assert body_in({"Resources": {"Table": table, "Api": api}}) == ("Api", BODY)


@pytest.mark.parametrize("count", [0, 2])
def test_a_template_must_have_one_http_api(count: int) -> None:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": BODY}}
    with pytest.raises(LocalCloudError, match=f"{count} HTTP APIs"):
        body_in({"Resources": {f"Api{number}": api for number in range(count)}})


def test_a_function_that_cannot_be_told_is_an_error_and_no_guess() -> None:
    unknown = operation("ThingsFunction", None)
    unknown["x-amazon-apigateway-integration"]["uri"] = {"Fn::ImportValue": "elsewhere"}
    with pytest.raises(LocalCloudError, match="elsewhere"):
        routes_in({"paths": {"/things": {"get": unknown}}})
