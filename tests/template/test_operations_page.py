"""docs/operations.md names what is there: alarms, parameters, outputs, functions and log fields."""

import itertools
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.template.deployed import Template, deploy
from tests.template.rules.alarms import metrics_of
from tests.template.rules.all_rules import RULES
from tools.costs import counted
from tools.sam_template import ROOT, read_source, transform

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

# What Lambda and Powertools put into each line, and into one with an exception.
COMMON_FIELDS = {"level", "message", "exception", "exception_name"}

WORDS_OF_QUERIES = {
    "by",
    "count",
    "desc",
    "faults",
    "fields",
    "filter",
    "like",
    "limit",
    "or",
    "sort",
    "stats",
}


@pytest.fixture(scope="module")
def template() -> Template:
    """Give the template as it is deployed."""
    return deploy(read_source())


def rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables under a heading, without the heads."""
    tables = PAGE.split(f"\n| {heading} |")[1:]
    assert tables, f"there is no table of {heading}s"
    for table in tables:
        lines = itertools.takewhile(lambda line: line.startswith("|"), table.splitlines()[2:])
        yield from ([cell.strip() for cell in line.strip("|").split(" | ")] for line in lines)


def blocks(language: str) -> list[str]:
    """Give the code blocks of a language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE)


def commands() -> str:
    """Give everything that is to be typed: blocks, and code within sentences and tables."""
    inline = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))
    return "\n".join([*blocks("sh"), *inline])


def test_the_alarms_are_those_of_the_template(template: Template) -> None:
    named = [name for cells in rows("alarm") for name in re.findall(r"`(\w+)`", cells[0])]
    alarms = dict(template.of_type("AWS::CloudWatch::Alarm"))

    assert sorted(f"{name}Alarm" for name in named) == sorted(alarms)
    # The page tells those of every deployment first.
    first = {f"{name}Alarm" for name in named[: counted.ALARMS]}
    assert first == {name for name, alarm in alarms.items() if "Condition" not in alarm}


def test_the_parameters_and_their_defaults_are_those_of_the_template() -> None:
    told = {
        cells[0].strip("`"): "" if cells[1] == "none" else cells[1] for cells in rows("parameter")
    }

    assert told == {
        name: str(parameter["Default"]) for name, parameter in read_source()["Parameters"].items()
    }


def test_outputs_that_are_asked_for_exist() -> None:
    asked = set(re.findall(r"\$\(output (\w+)", commands()))
    asked |= {f"{table}TableName" for table in ("Accounts", "Ledger", "Usage")}

    assert "ApiUrl" in asked
    assert asked <= read_source()["Outputs"].keys()


def test_log_groups_that_are_asked_exist(template: Template) -> None:
    groups = {
        group["LogGroupName"]["Fn::Sub"].replace("${AWS::StackName}", "$STACK")
        for _, group in template.properties_of_type("AWS::Logs::LogGroup")
    }
    named = set(re.findall(r"/aws/(?:lambda|vendedlogs)/\$STACK-[a-z_]+", commands()))
    named |= {f"/aws/lambda/$STACK-{name}" for name in re.findall(r"\bask ([a-z_]+)", commands())}

    assert "/aws/lambda/$STACK-settle_tab" in named
    assert named <= groups


def test_log_fields_that_are_asked_for_are_written() -> None:
    queries = re.findall(r"(?:faults=|ask \w+ \d+ )(['\"])(.*?)\1", commands(), re.DOTALL)
    asked = {
        word
        for _, query in queries
        for word in re.findall(r"(?<![@\w])[a-z_]+\b", _unquoted(query))
    } - WORDS_OF_QUERIES
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("layers/common/billing", "functions")
        for path in (ROOT / folder).rglob("*.py")
    )

    assert {"subject", "code", "key_id"} <= asked
    assert {
        field
        for field in asked - COMMON_FIELDS
        if not re.search(rf"logger\.\w+\([^)]*\b{field}=", code)
    } == set()


def _unquoted(query: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'|/[^/]*/", "", query)


@pytest.mark.parametrize("block", blocks("sh"))
def test_commands_are_a_shells(block: str) -> None:
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_figures_of_the_template(template: Template) -> None:
    in_stack = len(transform(read_source())["Resources"])
    nested = len(template.resources) - in_stack
    assert f"the template makes {in_stack}, and {nested} more in a stack inside its own" in PAGE
    alarms = [alarm for _, alarm in template.of_type("AWS::CloudWatch::Alarm")]
    # CloudWatch charges an alarm for each metric that it reads.
    assert {len(metrics_of(alarm["Properties"])) for alarm in alarms} == {1}
    assert sum("Condition" not in alarm for alarm in alarms) == counted.ALARMS
    assert {alarm.get("Condition", "HasDetailedAlarms") for alarm in alarms} == {
        "HasDetailedAlarms"
    }


@pytest.mark.parametrize(
    ("function", "work"),
    [
        ("UsageFunction", counted.SINGLE_WORK),
        ("UsageFunction", counted.BATCH_WORK),
        ("AuthorizerFunction", counted.AUTHORIZER_WORK),
        ("SettleTabFunction", counted.SETTLE_WORK),
        ("RunBillingFunction", counted.RUN_WORK),
        ("IngestLogsFunction", counted.LOGS_RUN_WORK),
    ],
)
def test_costs_are_of_functions_with_their_memory(
    template: Template, function: str, work: counted.Work
) -> None:
    assert template.resources[function]["Properties"]["MemorySize"] == work.memory_mb


# SnapStart: the change that the page tells, made to the template


def with_change(source: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Write a change into a template, at the places that it names."""
    for name, value in change.items():
        is_intrinsic = isinstance(value, Mapping) and any(
            re.match("Ref|Fn::", key) for key in value
        )
        if isinstance(value, Mapping) and not is_intrinsic and name in source:
            with_change(source[name], value)
        else:
            source[name] = value
    return source


def with_snapstart(release: str) -> Template:
    """Deploy the template with the page's change."""
    [change] = blocks("yaml")
    return deploy(with_change(read_source(), yaml_parse(change)), {"Release": release})


def test_the_template_with_snapstart_holds_to_every_rule() -> None:
    template = with_snapstart("0" * 40)

    assert [complaint for rule in RULES for complaint in rule(template)] == []


def test_requests_reach_the_published_versions() -> None:
    template = with_snapstart("0" * 40)
    api = template.resources["Api"]["Properties"]["Body"]
    integration = api["paths"]["/billing/usage"]["post"]["x-amazon-apigateway-integration"]
    [scheme] = api["components"]["securitySchemes"].values()
    authorizer = scheme["x-amazon-apigateway-authorizer"]["authorizerUri"]["Fn::Sub"][1]
    permitted = {
        str(permission["FunctionName"])
        for _, permission in template.properties_of_type("AWS::Lambda::Permission")
    }

    assert "${UsageFunctionAliaslive}" in integration["uri"]["Fn::Sub"]
    assert authorizer == {"__FunctionArn__": {"Ref": "AuthorizerFunctionAliaslive"}}
    assert {
        "{'Ref': 'UsageFunctionAliaslive'}",
        "{'Ref': 'AuthorizerFunctionAliaslive'}",
    } <= permitted


def test_a_release_publishes_versions_and_the_layer_alone_would_not() -> None:
    def versions(template: Template) -> set[str]:
        return {name for name, _ in template.of_type("AWS::Lambda::Version")}

    first, second = with_snapstart("1" * 40), with_snapstart("2" * 40)

    assert len(versions(first)) == 2
    assert versions(first).isdisjoint(versions(second))
    assert versions(first) == versions(with_snapstart("1" * 40))
