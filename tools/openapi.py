"""Writes the API's description into docs/openapi.json, as it is served: `make openapi`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from billing.edge.api.openapi import describe

COMMITTED = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def written(document: Mapping[str, Any]) -> str:
    """Write a description so that a change of it is read line by line."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the description of the API as it is now."""
    COMMITTED.write_text(written(describe()), encoding="utf-8")
    print(f"Wrote {COMMITTED}")


if __name__ == "__main__":
    main()
