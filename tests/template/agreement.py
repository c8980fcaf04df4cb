"""Where the template and the code say the same thing twice, they must not differ."""

import re
from collections.abc import Iterator
from dataclasses import fields

from billing.edge.api.all_routes import ROUTES_OF
from billing.edge.settings import Settings
from tests.template.deployed import Template
from tests.template.rules import STATES_ARN, Rule
from tools.sam_template import ROOT

type Served = tuple[str, str, str, tuple[str, ...]]


def environment(template: Template) -> list[str]:
    """Every function is given the fields of Settings, and only those and Powertools' own."""
    expected = {field.name.upper() for field in fields(Settings)}
    complaints = []
    for name, function in template.properties_of_type("AWS::Lambda::Function"):
        given = {
            variable
            for variable in function.get("Environment", {}).get("Variables", {})
            if not variable.startswith("POWERTOOLS_")
        }
        complaints += [f"{name} is not given {missing}" for missing in sorted(expected - given)]
        complaints += [f"{name} has no use for {extra}" for extra in sorted(given - expected)]
    return complaints


def workflow_arn(template: Template) -> list[str]:
    """Every function is told the ARN of the workflow, although it is spelled out."""
    names = {
        machine["StateMachineName"]["Fn::Sub"]
        for _, machine in template.properties_of_type("AWS::StepFunctions::StateMachine")
    }
    wanted = [{"Fn::Sub": f"{STATES_ARN}:stateMachine:{name}"} for name in names]
    return [
        f"{name} is told that the workflow is {told}"
        for name, function in template.properties_of_type("AWS::Lambda::Function")
        for told in [function["Environment"]["Variables"].get("DUNNING_STATE_MACHINE_ARN")]
        if [told] != wanted
    ]


def workflow_definition(template: Template) -> list[str]:
    """A workflow's definition is given what it leaves open, and only that."""
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


def _routed(template: Template) -> Iterator[Served]:
    """Yield (method, path, folder, authorizers) of every route but the default one."""
    folders = {
        name: str(function["CodeUri"]).removeprefix("functions/")
        for name, function in template.functions()
    }
    for route in template.routes():
        if route.path != "$default":
            yield route.method, route.path, folders[route.function], route.authorizers


def routes(template: Template) -> list[str]:
    """The template routes what the code serves, to the same function, and asks for a key alike."""
    routed = set(_routed(template))
    served = {
        (r.method, r.path, function, ("NONE",) if r.scope is None else ("ApiKey",))
        for function, served_routes in ROUTES_OF.items()
        for r in served_routes
    }
    return [f"only the template has {route}" for route in sorted(routed - served)] + [
        f"only the code has {route}" for route in sorted(served - routed)
    ]


def default_route(template: Template) -> list[str]:
    """Any other route is answered by the system function, without a key: a 404 is no secret."""
    defaults = [
        (route.method, route.function, route.authorizers)
        for route in template.routes()
        if route.path == "$default"
    ]
    wanted = [("ANY", "SystemFunction", ("NONE",))]
    return [] if defaults == wanted else [f"the default route is {defaults}"]


AGREEMENTS: tuple[Rule, ...] = (
    environment,
    workflow_arn,
    workflow_definition,
    routes,
    default_route,
)
