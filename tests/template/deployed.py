"""The template as it is written, and as CloudFormation receives it after the SAM transform."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Template:
    """`source` is the YAML with intrinsic functions in their long form; `resources` is what SAM
    makes of it, by logical id."""

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

    def functions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield (logical id, properties) of every function as it is written."""
        for logical_id, resource in self.source["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                yield logical_id, resource["Properties"]


def read_source() -> dict[str, Any]:
    """Parse the project's template; a fresh copy for every caller."""
    source: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return source


def deploy(
    source: dict[str, Any], parameters: Mapping[str, str] = MappingProxyType({})
) -> Template:
    """Apply the SAM transform in process, as a deployment would after uploading the code."""
    uploaded = copy.deepcopy(source)
    for resource in uploaded["Resources"].values():
        for place in {"CodeUri", "ContentUri", "DefinitionUri"} & resource.get(
            "Properties", {}
        ).keys():
            resource["Properties"][place] = "s3://bucket/key"
    # SAM asks for a region, to know the partition; the session calls no one.
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    return Template(
        source, translator.translate(uploaded, parameter_values=dict(parameters))["Resources"]
    )


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
