"""How the rules of tables are broken."""

from typing import Any

from tests.template.breaches.breaking import Breach, Source, properties, resource, statements
from tests.template.rules import tables


def _ledger_deny(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return properties(source, "LedgerTable")["ResourcePolicy"]["PolicyDocument"]["Statement"][0]


def _put_deny(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return properties(source, "LedgerTable")["ResourcePolicy"]["PolicyDocument"]["Statement"][1]


BREACHES: tuple[Breach, ...] = (
    (
        tables.ledger_is_append_only,
        lambda s: properties(s, "LedgerTable").pop("ResourcePolicy"),
        "the ledger does not deny dynamodb:DeleteItem",
    ),
    (
        tables.ledger_is_append_only,
        lambda s: _ledger_deny(s)["Action"].remove("dynamodb:PartiQLUpdate"),
        "the ledger does not deny dynamodb:PartiQLUpdate",
    ),
    (
        tables.ledger_is_append_only,
        lambda s: _ledger_deny(s).update(Effect="Allow"),
        "the ledger does not deny dynamodb:UpdateItem",
    ),
    (
        tables.ledger_is_append_only,
        lambda s: _ledger_deny(s).update(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        "the ledger does not deny dynamodb:UpdateItem",
    ),
    (
        tables.ledger_is_append_only,
        lambda s: statements(s, "CreditFunction")[2]["Action"].append("dynamodb:UpdateItem"),
        "CreditFunctionRole allows dynamodb:UpdateItem on the ledger",
    ),
    (
        tables.ledger_is_append_only,
        lambda s: _ledger_deny(s)["Action"].remove("dynamodb:UpdateTimeToLive"),
        "the ledger does not deny dynamodb:UpdateTimeToLive",
    ),
    (
        tables.only_its_functions_append,
        lambda s: properties(s, "CreditFunction").pop("RolePath"),
        "CreditFunctionRole appends, and the ledger denies it",
    ),
    (
        tables.only_its_functions_append,
        lambda s: properties(s, "SettleTabFunction").update(RolePath="/appends/"),
        "SettleTabFunctionRole appends, and the ledger denies it",
    ),
    (
        tables.only_its_functions_append,
        lambda s: properties(s, "BalanceFunction").update(
            RolePath=properties(s, "CreditFunction")["RolePath"]
        ),
        "BalanceFunctionRole may put without need",
    ),
    (
        tables.only_its_functions_append,
        lambda s: _put_deny(s).pop("Condition"),
        "the ledger does not deny dynamodb:PutItem to everybody else",
    ),
    (
        tables.only_its_functions_append,
        lambda s: _put_deny(s).update(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
        "the ledger does not deny dynamodb:PutItem to everybody else",
    ),
    (
        tables.only_its_functions_append,
        lambda s: _put_deny(s)["Condition"]["ArnNotLike"].update({"aws:PrincipalArn": "*"}),
        "the ledger does not deny dynamodb:PutItem to everybody else",
    ),
    (
        tables.tables_are_kept,
        lambda s: properties(s, "UsageTable").pop("PointInTimeRecoverySpecification"),
        "UsageTable lacks point in time recovery",
    ),
    (
        tables.tables_are_kept,
        lambda s: properties(s, "LedgerTable").update(DeletionProtectionEnabled=False),
        "LedgerTable lacks deletion protection",
    ),
    (
        tables.tables_are_kept,
        lambda s: resource(s, "AccountsTable").update(DeletionPolicy="Delete"),
        "AccountsTable lacks Retain on delete",
    ),
    (
        tables.tables_are_kept,
        lambda s: resource(s, "AccountsTable").pop("UpdateReplacePolicy"),
        "AccountsTable lacks Retain on replace",
    ),
)
