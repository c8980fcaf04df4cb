"""What template.yaml says, for tests that set things up as it does."""

from collections.abc import Mapping
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
def variables_by_folder() -> Mapping[str, frozenset[str]]:
    """Name the variables that each function is given, by its folder, beside those of Globals."""
    return {
        str(resource["Properties"]["CodeUri"]).removeprefix("functions/"): frozenset(
            resource["Properties"].get("Environment", {}).get("Variables", {})
        )
        for resource in resources().values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
