"""How the rules of tables are broken."""

from typing import Any

from tests.template.breaches.breaking import Breach, Source, properties, resource, statements
from tests.template.rules import tables


def _ledger_deny(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return properties(source, "LedgerTable")["ResourcePolicy"]["PolicyDocument"]["Statement"][0]


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
