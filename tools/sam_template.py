"""The template as it is written, and as CloudFormation receives it after the SAM transform."""

import copy
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"


def read_source() -> dict[str, Any]:
    """Parse the project's template; a fresh copy for every caller."""
    source: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
    return source


def transform(
    source: dict[str, Any], parameters: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Apply the SAM transform in process, as a deployment would after uploading the code."""
    uploaded = copy.deepcopy(source)
    for resource in uploaded["Resources"].values():
        for place in {"CodeUri", "ContentUri", "DefinitionUri"} & resource.get(
            "Properties", {}
        ).keys():
            resource["Properties"][place] = "s3://bucket/key"
    # SAM asks for a region, to know the partition; the session calls no one.
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    transformed: dict[str, Any] = translator.translate(uploaded, parameter_values=dict(parameters))
    return transformed
