"""The template holds to every rule, and every rule complains about a template that breaks it."""

import pytest

from tests.support.naming import in_words
from tests.template.breaches import (
    alarms,
    buckets,
    functions,
    grants,
    logs,
    queues,
    roles,
    routes,
    schedules,
    tables,
    variables,
    workflow,
)
from tests.template.breaches.breaking import Breach, Breakage
from tests.template.deployed import Rule, Template, deploy
from tests.template.rules.all_rules import RULES
from tools.sam_template import read_source

BREACHES: tuple[Breach, ...] = (
    *alarms.BREACHES,
    *buckets.BREACHES,
    *functions.BREACHES,
    *grants.BREACHES,
    *logs.BREACHES,
    *queues.BREACHES,
    *roles.BREACHES,
    *routes.BREACHES,
    *schedules.BREACHES,
    *tables.BREACHES,
    *variables.BREACHES,
    *workflow.BREACHES,
)


@pytest.fixture(scope="module")
def template() -> Template:
    return deploy(read_source())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_template_holds_to(rule: Rule, template: Template) -> None:
    assert rule(template) == []


@pytest.mark.parametrize(
    ("rule", "breakage", "complaint"),
    BREACHES,
    ids=[f"{rule.__name__}-{in_words(complaint)}" for rule, _, complaint in BREACHES],
)
def test_a_breach_is_noticed(rule: Rule, breakage: Breakage, complaint: str) -> None:
    source = read_source()
    breakage(source)

    complaints = rule(deploy(source))

    assert any(said.startswith(complaint) for said in complaints), complaints


def test_every_rule_has_been_seen_to_complain() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(RULES)
