"""How the rules of functions are broken."""

from tests.template.breaches.breaking import Breach, properties
from tests.template.rules import functions

BREACHES: tuple[Breach, ...] = (
    (
        functions.folders,
        lambda s: properties(s, "CreditFunction").update(CodeUri="functions/credits"),
        "functions/credits is not on disk",
    ),
    (
        functions.folders,
        lambda s: properties(s, "CreditFunction").update(CodeUri="functions/usage"),
        "CreditFunction runs functions/usage, so it should be UsageFunction",
    ),
    (
        functions.folders,
        lambda s: s["Resources"].pop("CreditFunction"),
        "functions/credit is in no template",
    ),
    (
        functions.one_architecture,
        lambda s: properties(s, "UsageFunction").update(Architectures=["x86_64"]),
        "UsageFunction is for ['x86_64']",
    ),
    (
        functions.one_architecture,
        lambda s: properties(s, "CommonLayer").pop("CompatibleArchitectures"),
        "CommonLayer is for None",
    ),
)
