"""Every rule that the template must hold to.

Each returns one complaint for every breach, none if all is well. Rules take a template, so that the
tests can show each of them a broken one.
"""

from tests.template.deployed import Rule
from tests.template.rules import (
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

RULES: tuple[Rule, ...] = (
    *roles.RULES,
    *grants.RULES,
    *alarms.RULES,
    *logs.RULES,
    *queues.RULES,
    *schedules.RULES,
    *tables.RULES,
    *buckets.RULES,
    *functions.RULES,
    *variables.RULES,
    *workflow.RULES,
    *routes.RULES,
)
