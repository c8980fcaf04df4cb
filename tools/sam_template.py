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
# The one that it nests; it has nothing for SAM to transform.
DETAILED_ALARMS = ROOT / "detailed-alarms.yaml"

# Where a deployment writes the address of what it uploaded, and an address as it looks then.
UPLOADED = {
    "CodeUri": "s3://bucket/key",
    "ContentUri": "s3://bucket/key",
    "DefinitionUri": "s3://bucket/key",
    "TemplateURL": "https://s3.amazonaws.com/bucket/key",
}


def read_source(template: Path = TEMPLATE) -> dict[str, Any]:
    """Parse a template, the project's own by default; a fresh copy for every caller."""
    source: dict[str, Any] = yaml_parse(template.read_text(encoding="utf-8"))
    return source


def transform(
    source: dict[str, Any], parameters: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Apply the SAM transform in process, as a deployment would after uploading the code."""
    uploaded = copy.deepcopy(source)
    for resource in uploaded["Resources"].values():
        properties = resource.get("Properties", {})
        properties |= {place: url for place, url in UPLOADED.items() if place in properties}
    # SAM asks for a region, to know the partition; the session calls no one.
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    transformed: dict[str, Any] = translator.translate(uploaded, parameter_values=dict(parameters))
    return transformed
