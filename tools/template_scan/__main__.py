"""Scan the templates as CloudFormation receives them, roles that SAM makes included, with checkov.

All its rules run, whatever is suppressed: so one run tells new findings and stale suppressions.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.sam_template import DETAILED_ALARMS, ROOT, read_source, transform
from tools.suppressions import read_suppressions
from tools.template_scan.findings import complaints, read_findings

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
SUPPRESSIONS = ROOT / ".checkov.yaml"
# Keys, addresses and switches of checkov's own, and of the platform that it would report to.
SETTINGS = ("BC_", "CHECKOV_", "CKV_", "PRISMA_")


def offline_environment() -> dict[str, str]:
    """Return our environment, changed so that checkov calls no one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return {**kept, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"}


def run_checkov(directory: Path) -> Any:  # noqa: ANN401  JSON has no narrower type.
    """Return what checkov reports on a directory's templates, which holds no settings for it."""
    uv = os.environ.get("UV", "uv")
    environment = ["--isolated", "--no-project", "--with-requirements", str(REQUIREMENTS)]
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--soft-fail"]
    scan = ["checkov", "--directory", ".", *options, "--output", "json"]
    finished = subprocess.run(
        [uv, "run", *environment, "--python", sys.executable, *scan],
        cwd=directory,
        env=offline_environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(finished.stdout)


def main() -> int:
    """Print every complaint, and return 0 only when there is none."""
    templates = [transform(read_source()), read_source(DETAILED_ALARMS)]
    with tempfile.TemporaryDirectory() as directory:
        for number, template in enumerate(templates):
            text = json.dumps(template)
            Path(directory, f"template-{number}.json").write_text(text, encoding="utf-8")
        report = run_checkov(Path(directory))
    resource_count = sum(len(template["Resources"]) for template in templates)
    findings = read_findings(report, resource_count=resource_count)
    reasons = read_suppressions(SUPPRESSIONS.read_text(encoding="utf-8"), "skip-check")
    found = complaints(findings, reasons)
    print("\n".join(found) or f"checkov: {len(reasons)} rules suppressed, nothing else found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
