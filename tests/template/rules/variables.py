"""A function is told what it reads, and no more."""

from dataclasses import fields

from billing.edge.settings import Settings
from tests.template.deployed import Rule, Template, logical_id_in


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


def globals_name_no_resource(template: Template) -> list[str]:
    """A resource's name in Globals would reach functions that have no business with it."""
    variables = template.source["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    return [
        f"Globals gives every function {name}"
        for name, value in variables.items()
        if logical_id_in(value) in template.source["Resources"]
    ]


RULES: tuple[Rule, ...] = (
    environment,
    globals_name_no_resource,
)
