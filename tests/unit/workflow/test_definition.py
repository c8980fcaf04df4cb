"""The workflow's definition holds to every rule, and every rule complains about a broken one."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.naming import in_words
from tests.support.state_machine import definition
from tests.unit.workflow import rules
from tests.unit.workflow.rules import Definition, Rule

type Breakage = Callable[[dict[str, Any]], object]

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:f"

# One line a breach: the rule, what is done to the states, and what the rule must then say.
BREACHES: tuple[tuple[Rule, Breakage, str], ...] = (
    (
        rules.structure,
        lambda s: s["GiveUp"]["Retry"][0].update(MaxAttempts="twelve"),
        "'twelve' is not of type 'number'",
    ),
    (rules.structure, lambda s: s["Paid"].update(Next="Void"), "Additional properties"),
    (
        rules.structure,
        lambda s: s["GiveUp"].update(OutputPath="Payload"),
        "'Payload' does not match",
    ),
    (
        rules.lint,
        lambda s: s["GiveUp"].update(Next="Gone"),
        'No state found named "Gone", referenced at State Machine.States.GiveUp.Next',
    ),
    (
        rules.lint,
        lambda s: s["WhatNext"].update(Default="Gone"),
        'No state found named "Gone", referenced at State Machine.States.WhatNext.Default',
    ),
    (
        rules.lint,
        lambda s: s.update(Lost=s["Paid"]),
        "No transition found to state State Machine.Lost",
    ),
    (
        rules.lint,
        lambda s: s["WaitForAttempt"].update(SecondsPath="waitSeconds"),
        "State Machine.States.WaitForAttempt.SecondsPath is",
    ),
    (
        rules.lint,
        lambda s: s["GiveUp"]["Parameters"]["Payload"].update({"attempt.$": "States.Nope("}),
        'Field "attempt.$" of Parameters at "State Machine.States.GiveUp.Payload" is not',
    ),
    (
        rules.lint,
        lambda s: s["GiveUp"].update(Output="{% $states.result %}"),
        'Field "Output" not allowed in State Machine.States.GiveUp',
    ),
    (
        rules.paths,
        lambda s: s["WhatNext"]["Choices"][0].update(Variable="$.outcome["),
        "$.outcome[ is no path",
    ),
    (rules.references, lambda s: s["GiveUp"].update(Next="Gone"), "there is no state Gone"),
    (rules.references, lambda s: s.pop("WaitForAttempt"), "there is no state WaitForAttempt"),
    (rules.reachable, lambda s: s["WhatNext"]["Choices"].pop(1), "nothing leads to GiveUp"),
    (rules.reachable, lambda s: s.update(Lost=s["Paid"]), "nothing leads to Lost"),
    (rules.ends, lambda s: s["GiveUp"].pop("Next"), "GiveUp ends the workflow"),
    (rules.defaults, lambda s: s["WhatNext"].pop("Default"), "WhatNext takes the unknown"),
    (rules.defaults, lambda s: s["WhatNext"].update(Default="Paid"), "WhatNext takes the unknown"),
    (rules.outcomes, lambda s: s["WhatNext"]["Choices"].pop(), "WhatNext does not know failed"),
    (
        rules.outcomes,
        lambda s: s["WhatNext"]["Choices"][0].update(StringEquals="again"),
        "WhatNext knows again",
    ),
    (
        rules.timeouts,
        lambda s: s["AttemptCharge"].update(TimeoutSeconds=29),
        "AttemptCharge gives its function up",
    ),
    (rules.timeouts, lambda s: s["GiveUp"].pop("TimeoutSeconds"), "GiveUp gives its function up"),
    (rules.retries, lambda s: s["GiveUp"].pop("Retry"), "GiveUp judges faults by their names"),
    (
        rules.retries,
        lambda s: s["AttemptCharge"]["Retry"][0].update(ErrorEquals=["UnavailableError"]),
        "AttemptCharge judges faults by their names",
    ),
    (
        rules.retries,
        lambda s: s["AttemptCharge"]["Retry"][0].update(MaxAttempts=5),
        "AttemptCharge gives up before an outage is over",
    ),
    (
        rules.retries,
        lambda s: s["AttemptCharge"]["Retry"][0].pop("JitterStrategy"),
        "AttemptCharge comes back together",
    ),
    (
        rules.faults,
        lambda s: s["AttemptCharge"].update(Catch=[{"ErrorEquals": ["States.ALL"]}]),
        "AttemptCharge catches faults",
    ),
    (
        rules.calls,
        lambda s: s["GiveUp"].update(Resource="arn:aws:states:::dynamodb:putItem"),
        "GiveUp calls arn:aws:states:::dynamodb:putItem",
    ),
    (rules.calls, lambda s: s["AttemptCharge"].pop("OutputPath"), "AttemptCharge hands over"),
    (
        rules.calls,
        lambda s: s["GiveUp"]["Parameters"]["Payload"].update({"outcome.$": "$.outcome"}),
        "GiveUp hands over",
    ),
    (rules.reasons, lambda s: s["Void"].pop("Comment"), "Void does not say why"),
)


def read() -> Definition:
    substitutions = ("AttemptChargeFunctionArn", "GiveUpDunningFunctionArn")
    text = definition({"Partition": "aws", **dict.fromkeys(substitutions, FUNCTION)})
    parsed: Definition = json.loads(text)
    return parsed


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_definition_holds_to(rule: Rule) -> None:
    assert rule(read()) == []


@pytest.mark.parametrize(
    ("rule", "breakage", "complaint"),
    BREACHES,
    ids=[f"{rule.__name__}-{in_words(complaint)}" for rule, _, complaint in BREACHES],
)
def test_a_breach_is_noticed(rule: Rule, breakage: Breakage, complaint: str) -> None:
    broken = read()
    breakage(broken["States"])

    complaints = rule(broken)

    assert any(said.startswith(complaint) for said in complaints), complaints


def test_every_rule_has_been_seen_to_complain() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(rules.RULES)
