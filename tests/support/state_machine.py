"""The dunning workflow's definition as it is deployed, with its open names filled in."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.support.lambdas import ROOT

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

_DEFINITION = ROOT / "functions" / "workflows" / "dunning.asl.json"


def definition(substitutions: Mapping[str, str]) -> str:
    """Read the definition; raises KeyError where the substitutions leave a name open."""
    text = _DEFINITION.read_text(encoding="utf-8")
    return re.sub(r"\$\{(\w+)\}", lambda found: substitutions[found[1]], text)


def create_state_machine(client: "SFNClient", name: str, functions: Mapping[str, str]) -> str:
    """Create the workflow over functions, by the names of their substitutions; returns its ARN."""
    created = client.create_state_machine(
        name=name,
        definition=definition({"Partition": "aws", **functions}),
        roleArn="arn:aws:iam::123456789012:role/dunning",
        type="STANDARD",
    )
    return created["stateMachineArn"]
