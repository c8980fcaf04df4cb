"""What the deployed stack consists of, and its HTTP API made whole."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.building import STACK_NAME
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.http_api import body_in, make_routes

# These variables of a function are not settings of ours.
NOT_SETTINGS = "POWERTOOLS_"

# Physical ids by resource type, then by logical id.
type Resources = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Stack:
    """The API's id, the stack's outputs, and the variables of all its functions together."""

    api_id: str
    outputs: Mapping[str, str]
    settings: Mapping[str, str]
    resources: Resources


def read_stack(endpoint_url: str) -> Stack:
    """Return the deployed stack; raise LocalCloudError when it is not whole."""
    stacks = aws_client("cloudformation", endpoint_url).describe_stacks(StackName=STACK_NAME)
    described = stacks["Stacks"][0]
    if described["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise LocalCloudError(f"The stack is in state {described['StackStatus']}")
    resources = _resources(endpoint_url)
    return Stack(
        api_id=next(iter(resources["AWS::ApiGatewayV2::Api"].values())),
        outputs={each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]},
        settings=_settings(endpoint_url, resources["AWS::Lambda::Function"].values()),
        resources=resources,
    )


def connect_http_api(endpoint_url: str) -> int:
    """Make the routes that MiniStack's CloudFormation left out; return how many."""
    template = aws_client("cloudformation", endpoint_url).get_template(
        StackName=STACK_NAME, TemplateStage="Processed"
    )["TemplateBody"]
    api, body = body_in(template)
    resources = _resources(endpoint_url)
    arns = _function_arns(endpoint_url)
    return make_routes(
        aws_client("apigatewayv2", endpoint_url),
        body,
        resources["AWS::ApiGatewayV2::Api"][api],
        {logical: arns[name] for logical, name in resources["AWS::Lambda::Function"].items()},
    )


def _resources(endpoint_url: str) -> Resources:
    pages = aws_client("cloudformation", endpoint_url).get_paginator("list_stack_resources")
    found: dict[str, dict[str, str]] = {}
    for page in pages.paginate(StackName=STACK_NAME):
        for resource in page["StackResourceSummaries"]:
            of_type = found.setdefault(resource["ResourceType"], {})
            of_type[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
    return found


def _function_arns(endpoint_url: str) -> dict[str, str]:
    pages = aws_client("lambda", endpoint_url).get_paginator("list_functions").paginate()
    return {
        each["FunctionName"]: each["FunctionArn"] for page in pages for each in page["Functions"]
    }


def _settings(endpoint_url: str, function_names: Collection[str]) -> dict[str, str]:
    """Return every variable that a function is given; those that two are given are the same."""
    client = aws_client("lambda", endpoint_url)
    variables: dict[str, str] = {}
    for name in function_names:
        configuration = client.get_function_configuration(FunctionName=name)
        variables |= configuration.get("Environment", {}).get("Variables", {})
    return {k: v for k, v in variables.items() if not k.startswith(NOT_SETTINGS)}
