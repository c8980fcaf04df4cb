"""How the rules of grants are broken."""

from tests.template.breaches.breaking import Breach, statements
from tests.template.rules import grants

BREACHES: tuple[Breach, ...] = (
    (
        grants.dynamodb_grants,
        lambda s: statements(s, "SettleTabFunction")[0]["Action"].append("dynamodb:DeleteItem"),
        "SettleTabFunction is granted",
    ),
    (
        grants.dynamodb_grants,
        lambda s: statements(s, "SettleTabFunction")[0]["Action"].remove("dynamodb:UpdateItem"),
        "SettleTabFunction is granted",
    ),
    (
        grants.workflow_grants,
        lambda s: statements(s, "ExecutionsFunction")[1]["Action"].append("states:StartExecution"),
        "ExecutionsFunction is granted",
    ),
    (
        grants.workflow_grants,
        lambda s: statements(s, "SettleTabFunction").pop(),
        "SettleTabFunction is granted",
    ),
    (
        grants.bucket_grants,
        lambda s: statements(s, "IngestLogsFunction")[3]["Action"].append("s3:DeleteObject"),
        "IngestLogsFunction is granted",
    ),
)
