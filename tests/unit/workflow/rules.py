"""What the workflow's definition must hold to: each rule returns one complaint for every breach.

Rules take a definition, so that the tests can show each of them a broken one.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from cfnlint.api import lint_all
from statelint.linter import Linter

from billing.services.dunning import StepOutcome

type Definition = dict[str, Any]
type Rule = Callable[[Definition], list[str]]

# A task is given up no sooner than its function, whose time-out the template sets.
FUNCTION_TIMEOUT_SECONDS = 29
OUTAGE_SECONDS_MIN = 180

_STRUCTURE_RULE = "E3601"


# What AWS calls a reference path: it names one place, by fields alone.
_REFERENCE_PATH = re.compile(r"\$(\.[A-Za-z_]\w*)*")


def _next_of(state: dict[str, Any]) -> Iterator[str]:
    """Yield where a state may go."""
    for part in [state, *state.get("Choices", []), *state.get("Catch", [])]:
        if "Next" in part:
            yield part["Next"]
    if "Default" in state:
        yield state["Default"]


def _tasks(definition: Definition) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            yield name, state


def structure(definition: Definition) -> list[str]:
    """It is a state machine, by the schema that cfn-lint has of them."""
    properties = {"RoleArn": "arn:aws:iam::123456789012:role/dunning", "Definition": definition}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    found = lint_all(json.dumps({"Resources": {"Workflow": resource}}))
    return [match.message for match in found if match.rule.id == _STRUCTURE_RULE]


def lint(definition: Definition) -> list[str]:
    """It is a state machine, by the linter of the language."""
    problems: list[str] = Linter.validate(definition)
    return problems


def _paths(value: object) -> Iterator[object]:
    """Yield everything that is read as a path into the state's input."""
    match value:
        case dict():
            for key, inner in value.items():
                if key == "Variable" or key.endswith(("Path", ".$")):
                    yield inner
                else:
                    yield from _paths(inner)
        case list():
            for inner in value:
                yield from _paths(inner)


def paths(definition: Definition) -> list[str]:
    """Every path names one place, which neither linter asks of all of them."""
    return [
        f"{path} is no path"
        for path in _paths(definition)
        if not _REFERENCE_PATH.fullmatch(str(path))
    ]


def references(definition: Definition) -> list[str]:
    """It begins with, and goes on to, states that exist."""
    states = definition["States"]
    named = [definition["StartAt"], *(n for s in states.values() for n in _next_of(s))]
    return [f"there is no state {name}" for name in named if name not in states]


def reachable(definition: Definition) -> list[str]:
    """Every state can be reached."""
    found: set[str] = set()
    ahead = {definition["StartAt"]}
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead |= set(_next_of(definition["States"].get(name, {}))) - found
    return [f"nothing leads to {name}" for name in definition["States"] if name not in found]


def ends(definition: Definition) -> list[str]:
    """Only a state that says so is the end of an execution."""
    return [
        f"{name} ends the workflow without saying how"
        for name, state in definition["States"].items()
        if state["Type"] not in {"Succeed", "Fail"} and not [*_next_of(state)]
    ]


def defaults(definition: Definition) -> list[str]:
    """What no rule of a choice names is a fault, and no outcome."""
    states = definition["States"]
    return [
        f"{name} takes the unknown for known"
        for name, state in states.items()
        if state["Type"] == "Choice"
        and states.get(state.get("Default", ""), {}).get("Type") != "Fail"
    ]


def outcomes(definition: Definition) -> list[str]:
    """A choice knows every outcome that a function may answer, and no other."""
    complaints = []
    for name, state in definition["States"].items():
        if state["Type"] == "Choice":
            known = {choice.get("StringEquals") for choice in state["Choices"]}
            complaints += [f"{name} does not know {o.value}" for o in StepOutcome if o not in known]
            complaints += [f"{name} knows {o}" for o in sorted(known - {*StepOutcome})]
    return complaints


def timeouts(definition: Definition) -> list[str]:
    """A task waits longer than its function works, so that no repetition runs beside it."""
    return [
        f"{name} gives its function up while it works"
        for name, state in _tasks(definition)
        if state.get("TimeoutSeconds", 0) <= FUNCTION_TIMEOUT_SECONDS
    ]


def _outage_seconds(retry: dict[str, Any]) -> float:
    """Tell the time between the first try and the last, with the jitter that may halve it."""
    interval: float = retry.get("IntervalSeconds", 1)
    rate: float = retry.get("BackoffRate", 2.0)
    longest: float = retry.get("MaxDelaySeconds", float("inf"))
    delays = [min(longest, interval * rate**n) for n in range(retry.get("MaxAttempts", 3))]
    return sum(delays) / 2


def retries(definition: Definition) -> list[str]:
    """Every task is repeated through minutes of an outage, whatever the fault is called."""
    complaints = []
    for name, state in _tasks(definition):
        [retry, *more] = state.get("Retry", [{}])
        if retry.get("ErrorEquals") != ["States.ALL"] or more:
            complaints.append(f"{name} judges faults by their names")
        if _outage_seconds(retry) < OUTAGE_SECONDS_MIN:
            complaints.append(f"{name} gives up before an outage is over")
        if retry.get("JitterStrategy") != "FULL":
            complaints.append(f"{name} comes back together with all the others")
    return complaints


def faults(definition: Definition) -> list[str]:
    """A fault never becomes an outcome: no task catches one."""
    return [f"{name} catches faults" for name, state in _tasks(definition) if "Catch" in state]


def calls(definition: Definition) -> list[str]:
    """A task hands its function just what the function reads, and goes on with the answer."""
    fields = {"customerId.$", "recordId.$", "attempt.$"}
    complaints = []
    for name, state in _tasks(definition):
        if not re.fullmatch(r"arn:[\w-]+:states:::lambda:invoke", state["Resource"]):
            complaints.append(f"{name} calls {state['Resource']}")
        if set(state["Parameters"]["Payload"]) != fields or state.get("OutputPath") != "$.Payload":
            complaints.append(f"{name} hands over more or less than its function reads")
    return complaints


def reasons(definition: Definition) -> list[str]:
    """Every state says why it is as it is."""
    return [
        f"{name} does not say why" for name, s in definition["States"].items() if "Comment" not in s
    ]


RULES: tuple[Rule, ...] = (
    structure,
    lint,
    paths,
    references,
    reachable,
    ends,
    defaults,
    outcomes,
    timeouts,
    retries,
    faults,
    calls,
    reasons,
)
