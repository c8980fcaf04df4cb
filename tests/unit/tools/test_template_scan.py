"""What checkov finds is a complaint, unless it is suppressed for a reason."""

from typing import Any

import pytest

from tools.suppressions import read_suppressions, suppression_complaints
from tools.template_scan.__main__ import offline_environment
from tools.template_scan.findings import Finding, ScanError, complaints, read_findings

LIST = """
# About the file.
other:
  # Not this list.
  - RULE_0
skip-check:
  # A reason
  # in two lines.
  - RULE_1
  - RULE_2

  # A reason that stands apart.

  - RULE_3
last: 1
"""


def _report(**summary: int) -> dict[str, Any]:
    failed = {"check_id": "RULE_1", "check_name": "Ensure", "resource": "Queue.Q"}
    return {
        "summary": {"parsing_errors": 0, "resource_count": 2, **summary},
        "results": {"failed_checks": [failed]},
    }


def test_a_reason_stands_right_above_what_it_suppresses() -> None:
    assert read_suppressions(LIST, "skip-check") == {
        "RULE_1": "A reason in two lines.",
        "RULE_2": "",
        "RULE_3": "",
    }


def test_a_suppression_needs_a_reason_and_a_finding() -> None:
    assert suppression_complaints({"RULE_1", "RULE_2"}, {"RULE_1": "why", "RULE_2": ""}) == [
        "RULE_2 is suppressed without a reason"
    ]
    assert suppression_complaints({"RULE_1"}, {"RULE_1": "why", "RULE_2": "why"}) == [
        "RULE_2 is suppressed, and finds nothing"
    ]


def test_a_finding_is_a_complaint_unless_it_is_suppressed() -> None:
    findings = read_findings(_report(), resource_count=2)

    assert findings == [Finding("RULE_1", "Ensure", "Queue.Q")]
    assert complaints(findings, {"RULE_1": "why"}) == []
    assert complaints(findings, {}) == ["Queue.Q: RULE_1 Ensure"]
    assert complaints([], {"RULE_1": "why"}) == ["RULE_1 is suppressed, and finds nothing"]


@pytest.mark.parametrize("summary", [{"parsing_errors": 1}, {"resource_count": 1}])
def test_a_template_that_was_not_read_is_no_clean_one(summary: dict[str, int]) -> None:
    with pytest.raises(ScanError, match="not all of 2 resources"):
        read_findings(_report(**summary), resource_count=2)


def test_nothing_of_a_platform_reaches_the_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BC_API_KEY", "PRISMA_API_URL", "CKV_VALIDATE_SECRETS", "CHECKOV_NO_OUTPUT"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HOME", "/home")

    environment = offline_environment()

    assert environment["HOME"] == "/home"
    assert [name for name in environment if name.startswith(("BC_", "CKV_", "CHECKOV_"))] == [
        "CKV_SKIP_PACKAGE_UPDATE_CHECK"
    ]
    assert "PRISMA_API_URL" not in environment
