"""Ways into the template's source, for those who break it."""

from collections.abc import Callable
from typing import Any

from tests.template.deployed import Rule, nested_template

type Source = dict[str, Any]
type Breakage = Callable[[Source], object]
# The rule, what is done to the template, and what the rule must then say.
type Breach = tuple[Rule, Breakage, str]


def resource(source: Source, name: str) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return source["Resources"][name]


def properties(source: Source, name: str) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return resource(source, name)["Properties"]


def statements(source: Source, name: str) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return properties(source, name)["Policies"][0]["Statement"]


def detailed(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    """Give the template of the detailed alarms, which then stands in the source itself."""
    stack = resource(source, "DetailedAlarmsStack")
    stack["Properties"]["TemplateURL"] = nested_template(stack)
    return stack["Properties"]["TemplateURL"]


def api(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return properties(source, "Api")
