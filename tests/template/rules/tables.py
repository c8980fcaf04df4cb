"""The books outlive mistakes, and an entry stays as it was written."""

from collections.abc import Iterator, Mapping

from tests.template.deployed import Rule, Template, as_list
from tests.template.rules.policies import allowed, name_of

LEDGER_ALLOWS = {"dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"}

# Of everything that changes or removes what a table holds, or the table. The rest makes another
# table (a restore, an import), or is CloudFormation's to do.
LEDGER_DENIES = {
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:DeleteTable",
}

# Where the roles stand that append, and the condition that lets nobody else.
APPENDS_PATH = "/${AWS::StackName}/appends/"
NOT_OF_APPENDS = {
    "ArnNotLike": {
        "aws:PrincipalArn": {
            "Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role{APPENDS_PATH}*"
        }
    }
}


def ledger_is_append_only(template: Template) -> list[str]:
    """Nobody may change or remove an entry, whatever any other policy comes to allow.

    Whoever could, could make money appear or vanish, and no chain of hashes gives it back.
    """
    complaints = [
        f"{role} allows {action} on the ledger"
        for role, action in _allowed_on_the_ledger(template)
        if action not in LEDGER_ALLOWS
    ]
    # A condition would leave some caller, or some moment, that the Deny does not reach.
    denied = _denied_on_the_ledger(template, condition=None)
    return complaints + [f"the ledger does not deny {a}" for a in sorted(LEDGER_DENIES - denied)]


def only_its_functions_append(template: Template) -> list[str]:
    """Nobody puts into the ledger but the roles whose functions append, known by their path.

    A Put without a condition replaces an entry, and no policy can ask for the condition. A role
    beside the path could not append, so that nothing would be billed; one too many could replace.
    """
    appending = {
        role for role, action in _allowed_on_the_ledger(template) if action == "dynamodb:PutItem"
    }
    standing = {
        role
        for role, properties in template.properties_of_type("AWS::IAM::Role")
        if properties.get("Path") == {"Fn::Sub": APPENDS_PATH}
    }
    complaints = [f"{role} appends, and the ledger denies it" for role in appending - standing]
    complaints += [f"{role} may put without need" for role in standing - appending]
    if "dynamodb:PutItem" not in _denied_on_the_ledger(template, condition=NOT_OF_APPENDS):
        complaints.append("the ledger does not deny dynamodb:PutItem to everybody else")
    return complaints


def _allowed_on_the_ledger(template: Template) -> Iterator[tuple[str, str]]:
    for role, action, resource in allowed(template):
        if (name_of(template, resource) or "").startswith("LedgerTable"):
            yield role, action


def _denied_on_the_ledger(
    template: Template, *, condition: Mapping[str, object] | None
) -> set[str]:
    """Collect what the ledger's policy denies to everybody under exactly this condition."""
    ledger = template.resources["LedgerTable"]["Properties"]
    policy = ledger.get("ResourcePolicy", {}).get("PolicyDocument", {"Statement": []})
    return {
        action
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Resource"] == "*"
        and statement.get("Condition") == condition
        for action in as_list(statement["Action"])
    }


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
    only_its_functions_append,
    tables_are_kept,
)
