"""Read what is new among the log files, as the schedule asks each hour."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.clients import make_logs_client
from billing.edge.aws.log_bucket import S3LogStorage
from billing.edge.composition import open_container
from billing.edge.observability import logger, tracer
from billing.edge.reports import report_ingest
from billing.services.jobs import read_logs_until

CONTAINER = open_container(
    os.environ, reads={"ACCOUNTS_TABLE", "USAGE_TABLE", "BILLING_INTERVAL_SECONDS", "LOGS_BUCKET"}
)
STORAGE = S3LogStorage(make_logs_client(), CONTAINER.settings.logs_bucket)


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Run once; what time leaves undone is the next run's work, any fault is an error."""
    stores = CONTAINER.open_stores(context)
    report = read_logs_until(
        stores.deadline,
        stores=stores,
        storage=STORAGE,
        catalogue=CONTAINER.catalogue,
        tab_numbers=CONTAINER.tab_numbers,
        clock=CONTAINER.clock,
        owner=CONTAINER.new_id(),
    )
    report_ingest(report)
