"""The books outlive mistakes, and an entry stays as it was written."""

from tests.template.deployed import Rule, Template, as_list
from tests.template.rules.policies import allowed, name_of

LEDGER_ALLOWS = {"dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"}


LEDGER_DENIES = {
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
}


def ledger_is_append_only(template: Template) -> list[str]:
    """Nobody may change or remove an entry, whatever any other policy comes to allow.

    Whoever could, could make money appear or vanish, and no chain of hashes gives it back.
    """
    complaints = [
        f"{role} allows {action} on the ledger"
        for role, action, resource in allowed(template)
        if (name_of(template, resource) or "").startswith("LedgerTable")
        and action not in LEDGER_ALLOWS
    ]
    ledger = template.resources["LedgerTable"]["Properties"]
    policy = ledger.get("ResourcePolicy", {}).get("PolicyDocument", {"Statement": []})
    denied: set[str] = set()
    for statement in policy["Statement"]:
        # A condition would leave some caller, or some moment, that the Deny does not reach.
        if (
            statement["Effect"] == "Deny"
            and statement["Principal"] == "*"
            and statement["Resource"] == "*"
            and "Condition" not in statement
        ):
            denied.update(as_list(statement["Action"]))
    complaints += [f"the ledger does not deny {a}" for a in sorted(LEDGER_DENIES - denied)]
    return complaints


def tables_are_kept(template: Template) -> list[str]:
    """Every table can be restored, outlives the stack, and is encrypted and paid by use.

    Otherwise one wrong command deletes the books, or a burst of usage is turned away.
    """
    complaints = []
    for name, table in template.of_type("AWS::DynamoDB::Table"):
        properties = table["Properties"]
        recovery = properties.get("PointInTimeRecoverySpecification", {})
        kept = {
            "point in time recovery": recovery.get("PointInTimeRecoveryEnabled") is True,
            "deletion protection": properties.get("DeletionProtectionEnabled") is True,
            "Retain on delete": table.get("DeletionPolicy") == "Retain",
            "Retain on replace": table.get("UpdateReplacePolicy") == "Retain",
            "encryption": properties.get("SSESpecification", {}).get("SSEEnabled") is True,
            "payment by use": properties.get("BillingMode") == "PAY_PER_REQUEST",
            "a generated name": "TableName" not in properties,
        }
        complaints += [f"{name} lacks {what}" for what, holds in kept.items() if not holds]
    return complaints


RULES: tuple[Rule, ...] = (
    ledger_is_append_only,
    tables_are_kept,
)
