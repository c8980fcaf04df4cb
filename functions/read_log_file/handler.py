"""Read the log file that was handed out, as far as time goes, and hand it on."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.log_file_queue import read_message
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import report_read

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "USAGE_TABLE",
        "BILLING_INTERVAL_SECONDS",
        "LOGS_BUCKET",
        "LOG_FILE_QUEUE_URL",
    },
    loads={"services.ingest_logs", "storage.leases", "storage.products"},
)
STORAGE = CONTAINER.log_storage()
QUEUE = CONTAINER.log_file_queue()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Read a file; a message that fails comes back, and in the end is a dead letter."""
    [record] = event["Records"]
    try:
        file_id = read_message(record["body"])
        report_read(CONTAINER.log_ingester(context, STORAGE, QUEUE).read(file_id))
    except Exception:  # noqa: BLE001 - where a function raises, Lambda polls less for a while: one broken file would slow all others
        logger.exception("A log file could not be dealt with", message_id=record["messageId"])
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        QUEUE.try_again(record["receiptHandle"], receives=receives)
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    return {"batchItemFailures": []}
