"""What checkov found, and what is to be said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.suppressions import suppression_complaints


@dataclass(frozen=True)
class Finding:
    """One rule that one resource breaks."""

    rule: str
    meaning: str
    resource: str


class ScanError(Exception):
    """checkov did not see the whole template."""


def read_findings(report: Mapping[str, Any], resource_count: int) -> list[Finding]:
    """Read checkov's report in JSON; raises ScanError where it did not see every resource."""
    summary = report["summary"]
    if summary["parsing_errors"] or summary["resource_count"] < resource_count:
        raise ScanError(f"checkov saw not all of {resource_count} resources: {summary}")
    return [
        Finding(failed["check_id"], failed["check_name"], failed["resource"])
        for failed in report["results"]["failed_checks"]
    ]


def complaints(findings: Sequence[Finding], reasons: Mapping[str, str]) -> list[str]:
    """Tell every finding that is not suppressed, and every suppression that should not be."""
    return [
        *(f"{f.resource}: {f.rule} {f.meaning}" for f in findings if f.rule not in reasons),
        *suppression_complaints({finding.rule for finding in findings}, reasons),
    ]
