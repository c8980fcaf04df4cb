"""The template as it is written, and as CloudFormation receives it after the SAM transform."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tools.sam_template import ROOT, read_source, transform

NESTED_STACK = "AWS::CloudFormation::Stack"

_METHODS = {"x-amazon-apigateway-any-method": "ANY"}


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API: the function that answers it, and the authorizers it names."""

    method: str
    path: str
    function: str
    authorizers: tuple[str, ...]


@dataclass(frozen=True)
class Template:
    """`source` is the YAML with intrinsic functions in their long form; `resources` is what SAM
    makes of it, by logical id, with those of a nested stack as if they stood in it too."""

    source: dict[str, Any]
    resources: dict[str, Any]

    def of_type(self, resource_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (logical id, resource) of every resource of a type after the transform."""
        for logical_id, resource in self.resources.items():
            if resource["Type"] == resource_type:
                yield logical_id, resource

    def properties_of_type(self, resource_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (logical id, properties) of every resource of a type after the transform."""
        for logical_id, resource in self.of_type(resource_type):
            yield logical_id, resource.get("Properties", {})

    def routes(self) -> Iterator[Route]:
        """Yield every route as API Gateway receives it; the default one has the path `$default`."""
        for _, api in self.properties_of_type("AWS::ApiGatewayV2::Api"):
            for path, methods in api["Body"]["paths"].items():
                for method, operation in methods.items():
                    uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
                    yield Route(
                        _METHODS.get(method, method.upper()),
                        path,
                        self.function_behind(re.findall(r"\$\{(\w+)(?:\.Arn)?\}", uri)[-1]),
                        tuple(name for each in operation.get("security", []) for name in each),
                    )

    def function_behind(self, name: str) -> str:
        """Return a function's logical id, be it named itself or by its alias."""
        resource = self.resources[name]
        is_alias = resource["Type"] == "AWS::Lambda::Alias"
        return str(resource["Properties"]["FunctionName"]["Ref"]) if is_alias else name

    def functions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (logical id, properties) of every function as it is written."""
        for logical_id, resource in self.source["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                yield logical_id, resource["Properties"]


type Rule = Callable[[Template], list[str]]


def deploy(
    source: dict[str, Any], parameters: Mapping[str, str] = MappingProxyType({})
) -> Template:
    """Make the template that a source is deployed as, with values for some of its parameters."""
    resources: dict[str, Any] = {}
    for logical_id, resource in transform(source, parameters)["Resources"].items():
        resources[logical_id] = resource
        if resource["Type"] == NESTED_STACK:
            resources |= _nested(source["Resources"][logical_id])
    return Template(source, resources)


def nested_template(stack: dict[str, Any]) -> dict[str, Any]:
    """Parse the template of a nested stack, unless a test has put it in the place of its name."""
    named = stack["Properties"]["TemplateURL"]
    return read_source(ROOT / named) if isinstance(named, str) else named


def _nested(stack: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources of a nested stack as its parent would have them."""
    template = nested_template(stack)
    given = {name: stack["Properties"]["Parameters"][name] for name in template["Parameters"]}
    for logical_id, resource in template["Resources"].items():
        yield logical_id, {"Condition": stack["Condition"], **_filled_in(resource, given)}


def _filled_in(tree: Any, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  YAML has no narrower type.
    match tree:
        case {"Ref": str(name)} if name in given:
            return given[name]
        case dict():
            return {key: _filled_in(value, given) for key, value in tree.items()}
        case list():
            return [_filled_in(value, given) for value in tree]
        case _:
            return tree


def as_list(value: object) -> list[Any]:
    """Return a policy's Action, Resource or Statement as a list, however it was written."""
    return value if isinstance(value, list) else [value]


def logical_id_in(value: object) -> str | None:
    """Return the logical id that a Ref or GetAtt names, or None for anything else."""
    match value:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), *_]}:
            return name
        case _:
            return None
