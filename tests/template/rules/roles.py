"""A role is as narrow as its function's work, and shows in the template whole."""

import re

from tests.template import wildcards
from tests.template.deployed import Rule, Template, logical_id_in
from tests.template.rules.policies import allowed, name_of

# SAM gives every function both. They write logs and traces, neither of which has an ARN that is
# known before the function exists.
MANAGED_POLICIES = {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}


# Sending logs from a workflow takes these, none of which AWS lets one narrow to a resource.
LOG_DELIVERY = {
    f"logs:{verb}"
    for verb in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
}


def single_actions(template: Template) -> list[str]:
    """A role names each action; no wildcard, and no "everything but".

    Either would grow by whatever AWS adds to a service next year.
    """
    return [
        f"{role} allows {action}"
        for role, action, _ in allowed(template)
        if not re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action)
    ]


def exact_resources(template: Template) -> list[str]:
    """A role names each resource, and each is one of this template's own.

    A wider name reaches what other stacks of the account hold.
    """
    return [
        f"{role} allows {action} on {resource}"
        for role, action, resource in allowed(template)
        if name_of(template, resource) is None
        and not (role in _workflow_roles(template) and action in LOG_DELIVERY)
    ]


def wildcards_are_written(template: Template) -> list[str]:
    """No role has a wildcard that the template does not show: SAM adds none of its own.

    Whoever reviews the template could not see what was granted.
    """
    shown = set(wildcards.written(template.source))
    return [
        f"{role} has the wildcard {wildcard}"
        for role, properties in template.properties_of_type("AWS::IAM::Role")
        for wildcard in wildcards.written(properties)
        if wildcard not in shown
    ]


def _workflow_roles(template: Template) -> set[str | None]:
    return {
        logical_id_in(machine["RoleArn"])
        for _, machine in template.properties_of_type("AWS::StepFunctions::StateMachine")
    }


def managed_policies(template: Template) -> list[str]:
    """Of AWS's own policies only the two that write logs and traces are attached.

    They are wide, and AWS changes them without asking.
    """
    return [
        f"{role} has the managed policy {arn}"
        for role, properties in template.properties_of_type("AWS::IAM::Role")
        for arn in properties.get("ManagedPolicyArns", [])
        if str(arn).rsplit("/", maxsplit=1)[-1] not in MANAGED_POLICIES
    ]


def own_roles(template: Template) -> list[str]:
    """Every function has a role that no other function has.

    Of a shared one each would have the other's rights too.
    """
    roles = [
        logical_id_in(function["Role"])
        for _, function in template.properties_of_type("AWS::Lambda::Function")
    ]
    return [f"{role} is shared" for role in sorted({str(r) for r in roles if roles.count(r) > 1})]


RULES: tuple[Rule, ...] = (
    single_actions,
    exact_resources,
    wildcards_are_written,
    managed_policies,
    own_roles,
)
