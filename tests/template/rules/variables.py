"""A function is told what it reads, and no more."""

import ast

from tests.template.deployed import Rule, Template, logical_id_in
from tools.sam_template import ROOT

# Powertools reads its own by itself.
POWERTOOLS = "POWERTOOLS_"


def variables_read(folder: str) -> set[str]:
    """Return the variables that a handler says it reads by its container, or reads itself."""
    text = (ROOT / "functions" / folder / "handler.py").read_text(encoding="utf-8")
    nodes = [*ast.walk(ast.parse(text))]
    by_container = {
        variable
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "open_container"
        for keyword in node.keywords
        if keyword.arg == "reads"
        for variable in ast.literal_eval(keyword.value)
    }
    return by_container | {
        ast.literal_eval(node.slice)
        for node in nodes
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ"
    }


def environment(template: Template) -> list[str]:
    """Every function is given the variables that its handler says it reads, and no others.

    Without one it would not start; one too many is the name of something that it has no business
    with, and makes a change of that something look like a change of this function.
    """
    complaints = []
    for name, written in template.functions():
        reads = variables_read(str(written["CodeUri"]).removeprefix("functions/"))
        environment = template.resources[name]["Properties"].get("Environment", {})
        variables = environment.get("Variables", {})
        given = {variable for variable in variables if not variable.startswith(POWERTOOLS)}
        complaints += [f"{name} is not given {missing}" for missing in sorted(reads - given)]
        complaints += [f"{name} has no use for {extra}" for extra in sorted(given - reads)]
    return complaints


def globals_name_no_resource(template: Template) -> list[str]:
    """Globals name no resource: its name would reach functions that have no business with it."""
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
