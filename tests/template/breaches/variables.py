"""How the rules of variables are broken."""

from tests.template.breaches.breaking import Breach, properties
from tests.template.rules import variables

BREACHES: tuple[Breach, ...] = (
    (
        variables.globals_name_no_resource,
        lambda s: s["Globals"]["Function"]["Environment"]["Variables"].update(
            LEDGER_TABLE={"Ref": "LedgerTable"}
        ),
        "Globals gives every function LEDGER_TABLE",
    ),
    (
        variables.environment,
        lambda s: properties(s, "UsageFunction")["Environment"]["Variables"].pop("USAGE_TABLE"),
        "UsageFunction is not given USAGE_TABLE",
    ),
    (
        variables.environment,
        lambda s: properties(s, "ConsoleFunction")["Environment"]["Variables"].pop(
            "UPLOADS_ORIGIN"
        ),
        "ConsoleFunction is not given UPLOADS_ORIGIN",
    ),
    (
        variables.environment,
        lambda s: properties(s, "UsageFunction")["Environment"]["Variables"].update(DEBUG="1"),
        "UsageFunction has no use for DEBUG",
    ),
    (
        variables.environment,
        lambda s: properties(s, "UsageFunction")["Environment"]["Variables"].update(
            LEDGER_TABLE={"Ref": "LedgerTable"}
        ),
        "UsageFunction has no use for LEDGER_TABLE",
    ),
)
