"""How the rules of workflow are broken."""

from tests.template.breaches.breaking import Breach, properties, statements
from tests.template.rules import workflow

BREACHES: tuple[Breach, ...] = (
    (
        workflow.workflow_calls,
        lambda s: statements(s, "DunningWorkflow")[0]["Resource"].pop(),
        "DunningWorkflow is granted",
    ),
    (
        workflow.workflow_arn,
        lambda s: properties(s, "DunningWorkflow").update(Name={"Fn::Sub": "dunning"}),
        "CreditFunction is told that the workflow is",
    ),
    (
        workflow.workflow_definition,
        lambda s: properties(s, "DunningWorkflow")["DefinitionSubstitutions"].pop("Partition"),
        "DunningWorkflow is not given Partition",
    ),
    (
        workflow.workflow_definition,
        lambda s: properties(s, "DunningWorkflow")["DefinitionSubstitutions"].update(Table="t"),
        "DunningWorkflow has no use for Table",
    ),
)
