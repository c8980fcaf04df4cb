"""What the roles of the template may do, read so that rules can compare it."""

import re
from collections.abc import Iterator
from typing import Any

from billing.domain.logfiles import INCOMING
from tests.template.deployed import Template, as_list

STATES_ARN = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"


def allowed(template: Template) -> Iterator[tuple[str, str, Any]]:
    """Yield (role, action, resource) of everything that a role's own policies allow."""
    for role, properties in template.properties_of_type("AWS::IAM::Role"):
        for policy in properties.get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                if statement["Effect"] != "Allow":
                    continue
                for action in as_list(statement.get("Action", "NotAction")):
                    for resource in as_list(statement.get("Resource", "NotResource")):
                        yield role, action, resource


def name_of(template: Template, resource: object) -> str | None:
    """Return `Logical` or `Logical/index/name` for an exact ARN of this template, else None."""
    match resource:
        case {"Fn::GetAtt": [str(name), "Arn"]} if name in template.resources:
            return name
        case {"Fn::Sub": str(text)} if text.startswith(STATES_ARN):
            return _workflow_name(template, text.removeprefix(f"{STATES_ARN}:"))
        case {"Fn::Sub": str(text)} if text == f"${{LogsBucket.Arn}}/{INCOMING}*":
            return "LogsBucket/incoming"
        case {"Fn::Sub": str(text)}:
            named = re.fullmatch(r"\$\{(\w+)\.Arn\}/index/([\w-]+)", text)
            if named is None:
                return None
            table, index = named.groups()
            indexes = template.resources.get(table, {}).get("Properties", {})
            known = {i["IndexName"] for i in indexes.get("GlobalSecondaryIndexes", [])}
            return f"{table}/index/{index}" if index in known else None
        case _:
            return None


def _workflow_name(template: Template, text: str) -> str | None:
    """Return the logical id of a workflow whose name is spelled out, or `<id>/executions`."""
    kind, _, rest = text.partition(":")
    for logical_id, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        name = machine.get("StateMachineName", {}).get("Fn::Sub")
        if (kind, rest) == ("stateMachine", name):
            return logical_id
        if (kind, rest) == ("execution", f"{name}:*"):
            return f"{logical_id}/executions"
    return None


def grants_of(template: Template, service: str) -> dict[str, dict[str, set[str]]]:
    """Collect what each role, by the resource that it belongs to, may do with a service."""
    granted: dict[str, dict[str, set[str]]] = {}
    for role, action, resource in allowed(template):
        name, _, verb = action.partition(":")
        if name == service:
            resource_name = name_of(template, resource) or str(resource)
            of_role = granted.setdefault(role.removesuffix("Role"), {})
            of_role.setdefault(resource_name, set()).add(verb)
    return granted


def compare(granted: object, listed: object, name: str) -> list[str]:
    return [] if granted == listed else [f"{name} is granted {granted}, listed is {listed}"]
