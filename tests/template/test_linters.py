"""cfn-lint sees the template, with the rules for serverless ones; what is left out has a reason,
and is left out no longer than it takes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import ManualArgs, lint, lint_file

from tests.support.state_machine import definition
from tools.sam_template import DETAILED_ALARMS, ROOT, TEMPLATE, read_source, transform
from tools.suppressions import read_suppressions, suppression_complaints

CFN_LINT = ROOT / ".cfnlintrc.yaml"
CHECKOV = ROOT / ".checkov.yaml"

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:f"

# What is done to the template's text, and the rule that must then complain.
BREACHES = (
    ("    Tracing: Active\n", "", "WS1000"),
    ("    MemorySize: 512\n", "", "ES1005"),
    ("    Timeout: 29\n", "", "ES1006"),
    ("        ThrottlingRateLimit: !Ref ThrottleRatePerSecond\n", "", "ES2003"),
    ("Action: [dynamodb:GetItem]\n", 'Action: ["dynamodb:*"]\n', "WS1003"),
    ("      MessageRetentionPeriod: 345600\n", "", "I3013"),
    # cfn-lint's own, on resources of SAM.
    ("    Runtime: python3.13\n", "    Runtime: python3.7\n", "E2531"),
    ("      Type: STANDARD\n", "      Type: STANDRAD\n", "E3030"),
)

# The same of the template that it nests.
NESTED_BREACHES = (
    # The parent passes a parameter that is not there.
    ("  UsageFunction: { Type: String }\n", "", "E3043"),
    ("!Ref CreditFunction", "!Ref CreditsFunction", "E1020"),
    ("Threshold: 0", "Treshold: 0", "E3002"),
)

# What is done to the transformed resources, and the rule that must then complain: what cfn-lint
# does not look at before the transform.
TRANSFORMED_BREACHES: tuple[tuple[Callable[[dict[str, Any]], object], str], ...] = (
    (
        lambda r: r["UsageFunctionRole"]["Properties"]["Policies"][0]["PolicyDocument"][
            "Statement"
        ][0]["Action"].append("dynamodb:GetItems"),
        "W3037",
    ),
    (
        lambda r: r["RunBillingFunctionBillingSchedule"]["Properties"]["Target"][
            "RetryPolicy"
        ].update(MaximumRetryAttempts=186),
        "E3034",
    ),
    (
        lambda r: r["DunningWorkflow"]["Properties"]["Definition"]["States"]["Paid"].update(
            Next="Void"
        ),
        "E3601",
    ),
)


def _found(text: str) -> set[str]:
    """Lint without the project's own file, which cfn-lint looks for in the working directory."""
    settings = yaml.safe_load(CFN_LINT.read_text(encoding="utf-8"))
    del settings["ignore_checks"]
    return {match.rule.id for match in lint(text, config=ManualArgs(**settings))}


@pytest.fixture
def ignored() -> dict[str, str]:
    return read_suppressions(CFN_LINT.read_text(encoding="utf-8"), "ignore_checks")


def test_cfn_lint_finds_what_it_is_told_to_leave_out_and_nothing_else(
    ignored: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    found = _found(TEMPLATE.read_text(encoding="utf-8"))

    assert suppression_complaints(found, ignored) == []
    assert found == ignored.keys()


def test_cfn_lint_finds_what_a_careless_change_breaks(
    ignored: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = TEMPLATE.read_text(encoding="utf-8")
    for written, broken, _ in BREACHES:
        assert written in text
        text = text.replace(written, broken, 1)

    found = _found(text)

    assert {rule for _, _, rule in BREACHES} <= found - ignored.keys()


def _found_in_files(folder: Path, alarms: str) -> set[str]:
    """Lint the template beside one of detailed alarms, as `make check` does."""
    (folder / TEMPLATE.name).write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / DETAILED_ALARMS.name).write_text(alarms, encoding="utf-8")
    settings = yaml.safe_load(CFN_LINT.read_text(encoding="utf-8"))
    files = [folder / TEMPLATE.name, folder / DETAILED_ALARMS.name]
    return {
        match.rule.id for file in files for match in lint_file(file, config=ManualArgs(**settings))
    }


def test_cfn_lint_has_nothing_to_say_about_the_nested_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert _found(DETAILED_ALARMS.read_text(encoding="utf-8")) == set()


def test_cfn_lint_finds_what_a_careless_change_breaks_in_the_nested_template(
    tmp_path: Path,
) -> None:
    text = DETAILED_ALARMS.read_text(encoding="utf-8")
    for written, broken, _ in NESTED_BREACHES:
        assert written in text
        text = text.replace(written, broken, 1)

    assert {rule for _, _, rule in NESTED_BREACHES} <= _found_in_files(tmp_path, text)


def _transformed() -> dict[str, Any]:
    """Return what CloudFormation receives, with the workflow's definition in its place."""
    template = transform(read_source())
    workflow = template["Resources"]["DunningWorkflow"]["Properties"]
    names = dict.fromkeys(workflow.pop("DefinitionSubstitutions"), FUNCTION)
    del workflow["DefinitionS3Location"]
    workflow["Definition"] = json.loads(definition({**names, "Partition": "aws"}))
    return template


def test_cfn_lint_has_nothing_else_to_say_about_what_cloudformation_receives(
    ignored: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    found = _found(json.dumps(_transformed()))

    # SAM itself spells out the partition of the authorizer's address.
    assert found - ignored.keys() == {"I3042"}


def test_cfn_lint_finds_what_a_careless_change_breaks_in_what_cloudformation_receives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    template = _transformed()
    for breakage, _ in TRANSFORMED_BREACHES:
        breakage(template["Resources"])

    found = _found(json.dumps(template))

    assert {rule for _, rule in TRANSFORMED_BREACHES} <= found


@pytest.mark.parametrize(("path", "key"), [(CFN_LINT, "ignore_checks"), (CHECKOV, "skip-check")])
def test_every_suppression_has_a_reason(path: Path, key: str) -> None:
    text = path.read_text(encoding="utf-8")
    parsed: dict[str, Any] = yaml.safe_load(text)

    reasons = read_suppressions(text, key)

    assert list(reasons) == parsed[key]
    assert suppression_complaints(reasons.keys(), reasons) == []
