"""The crash points of every flow stand in docs/correctness.md: none comes or goes unnoticed."""

import re

from tests.prove.crash_points import crash_points
from tests.prove.stories import STORIES
from tests.support.lambdas import ROOT

ROW = re.compile(r"^\| `(?P<flow>[a-z-]+)` \| (?P<points>`.*`) \|$", re.MULTILINE)


def listed() -> dict[str, set[str]]:
    """Read the table of the document."""
    page = (ROOT / "docs" / "correctness.md").read_text(encoding="utf-8")
    rows = ROW.finditer(page)
    return {row["flow"]: set(re.findall(r"`([^`]+)`", row["points"])) for row in rows}


def test_every_crash_point_of_every_flow_is_listed_and_no_other() -> None:
    assert listed() == crash_points(STORIES)
