"""Read what is new among the log files, as the schedule asks each hour."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import report_ingest

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "USAGE_TABLE", "BILLING_INTERVAL_SECONDS", "LOGS_BUCKET"},
    loads={"services.ingest_logs", "storage.leases", "storage.products"},
)
STORAGE = CONTAINER.log_storage()


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Run once; what time leaves undone is the next run's work, any fault is an error."""
    report_ingest(CONTAINER.log_ingester(context, STORAGE).run())
