"""Write what CloudFormation needs to take restored tables into a new stack.

    make restored-tables ACCOUNTS=<table> LEDGER=<table> USAGE=<table>

writes `template.json` and `resources.json` to `.local/restored/`; docs/operations.md says what to
do with them.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.sam_template import ROOT, read_source

DIRECTORY = ROOT / ".local" / "restored"
TABLES = ("AccountsTable", "LedgerTable", "UsageTable")

# What a restored table does not have. An import must describe the table as it is; the first
# `sam deploy` finds these in the whole template, and sets them because they are new there.
NOT_RESTORED = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "ResourcePolicy")


def import_template(template: Mapping[str, Any]) -> dict[str, Any]:
    """Give a template of the three tables as a restore leaves them."""
    return {
        "AWSTemplateFormatVersion": template["AWSTemplateFormatVersion"],
        "Resources": {name: _as_restored(template["Resources"][name]) for name in TABLES},
    }


def _as_restored(resource: Mapping[str, Any]) -> dict[str, Any]:
    properties = {k: v for k, v in resource["Properties"].items() if k not in NOT_RESTORED}
    return {**resource, "Properties": properties}


def resources_to_import(names: Sequence[str]) -> list[dict[str, Any]]:
    """Say which table stands for which resource of the template."""
    return [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": logical_id,
            "ResourceIdentifier": {"TableName": name},
        }
        for logical_id, name in zip(TABLES, names, strict=True)
    ]


def main(names: Sequence[str], directory: Path = DIRECTORY) -> int:
    """Write both files; returns the exit status."""
    if len(names) != len(TABLES) or not all(names):
        print(__doc__, file=sys.stderr)
        return 2
    directory.mkdir(parents=True, exist_ok=True)
    written = {
        "template.json": import_template(read_source()),
        "resources.json": resources_to_import(names),
    }
    for name, content in written.items():
        (directory / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        print(directory / name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
