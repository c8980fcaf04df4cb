"""The workflow, its definition and those who speak of it mean the same."""

import re

from tests.template.deployed import Rule, Template, logical_id_in
from tests.template.rules.policies import STATES_ARN, compare, grants_of
from tools.sam_template import ROOT


def workflow_arn(template: Template) -> list[str]:
    """Who is told the ARN of the workflow is told the right one, although it is spelled out.

    With a wrong one every charge that fails would fail to be retried as well.
    """
    names = {
        machine["StateMachineName"]["Fn::Sub"]
        for _, machine in template.properties_of_type("AWS::StepFunctions::StateMachine")
    }
    wanted = [{"Fn::Sub": f"{STATES_ARN}:stateMachine:{name}"} for name in names]
    return [
        f"{name} is told that the workflow is {told}"
        for name, function in template.properties_of_type("AWS::Lambda::Function")
        for told in [
            function.get("Environment", {}).get("Variables", {}).get("DUNNING_STATE_MACHINE_ARN")
        ]
        if told is not None and [told] != wanted
    ]


def workflow_definition(template: Template) -> list[str]:
    """A workflow's definition is given what it leaves open, and only that.

    A placeholder that stays would be called as if it were a function.
    """
    complaints = []
    for name, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        # After the transform the definition is an object in a bucket.
        path = template.source["Resources"][name]["Properties"]["DefinitionUri"]
        definition = (ROOT / path).read_text(encoding="utf-8")
        open_names = set(re.findall(r"\$\{(\w+)\}", definition))
        given = set(machine.get("DefinitionSubstitutions", {}))
        complaints += [f"{name} is not given {each}" for each in sorted(open_names - given)]
        complaints += [f"{name} has no use for {each}" for each in sorted(given - open_names)]
    return complaints


def workflow_calls(template: Template) -> list[str]:
    """A workflow may call the functions that its definition is given, exactly.

    One less and every dunning ends with a fault; one more is a right without a use.
    """
    complaints = []
    callable_by = grants_of(template, "lambda")
    for name, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        substitutions = machine.get("DefinitionSubstitutions", {}).values()
        given = {logical_id_in(value) for value in substitutions if "Fn::GetAtt" in value}
        complaints += compare(callable_by.get(name, {}).keys(), given, name)
    return complaints


RULES: tuple[Rule, ...] = (
    workflow_arn,
    workflow_definition,
    workflow_calls,
)
