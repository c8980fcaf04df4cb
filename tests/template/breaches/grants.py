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
        lambda s: statements(s, "ReadLogFileFunction")[3]["Action"].append("s3:DeleteObject"),
        "ReadLogFileFunction is granted",
    ),
    (
        grants.queue_grants,
        lambda s: statements(s, "LogsFunction")[-1]["Action"].append("sqs:PurgeQueue"),
        "LogsFunction is granted",
    ),
    (
        grants.queue_grants,
        lambda s: statements(s, "ReadLogFileFunction")[-1]["Action"].remove("sqs:SendMessage"),
        "ReadLogFileFunction is granted",
    ),
    (
        grants.queue_grants,
        lambda s: statements(s, "StatusFunction")[-1]["Action"].append("sqs:ReceiveMessage"),
        "StatusFunction is granted",
    ),
    (
        grants.queue_grants,
        lambda s: statements(s, "StatusFunction")[-1]["Resource"].pop(),
        "StatusFunction is granted",
    ),
)
