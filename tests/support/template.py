"""What template.yaml says, for tests that set things up as it does."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

_TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


@cache
def resources() -> Mapping[str, Any]:
    """Read the template's resources; not to be changed."""
    found: dict[str, Any] = yaml_parse(_TEMPLATE.read_text(encoding="utf-8"))["Resources"]
    return found


@cache
def grants_by_folder() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Name what each function may do with tables, by its folder: an action of DynamoDB, and a table
    by its logical id, with `/index/…` behind it for an index.
    """
    return {
        str(resource["Properties"]["CodeUri"]).removeprefix("functions/"): frozenset(
            grant
            for policy in resource["Properties"].get("Policies", [])
            for statement in policy["Statement"]
            for grant in _grants_of(statement)
        )
        for resource in resources().values()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _grants_of(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for action in statement["Action"]:
        service, _, verb = action.partition(":")
        if service == "dynamodb":
            yield verb, _place(statement["Resource"])


def _place(resource: Mapping[str, Any]) -> str:
    """Name the table, or its index, whose ARN is written by GetAtt or Sub."""
    [arn] = resource.values()
    text = ".".join(arn) if isinstance(arn, list) else str(arn)
    return text.replace("${", "").replace("}", "").replace(".Arn", "")


@cache
def variables_by_folder() -> Mapping[str, frozenset[str]]:
    """Name the variables that each function is given, by its folder, beside those of Globals."""
    return {
        str(resource["Properties"]["CodeUri"]).removeprefix("functions/"): frozenset(
            resource["Properties"].get("Environment", {}).get("Variables", {})
        )
        for resource in resources().values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
