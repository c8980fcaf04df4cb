"""One version, wherever it is told."""

import tomllib

from billing import VERSION
from billing.edge.api.openapi import describe
from tests.support.lambdas import ROOT


def test_the_version_is_that_of_the_project_and_of_the_description() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION
    assert describe()["info"]["version"] == VERSION
