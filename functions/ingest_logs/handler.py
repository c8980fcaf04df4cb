"""Find what is new among the log files, as the schedule asks each hour, and hand it out."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import report_find

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LOGS_BUCKET", "LOG_FILE_QUEUE_URL"},
    loads={"services.find_logs"},
)
STORAGE = CONTAINER.log_storage()
QUEUE = CONTAINER.log_file_queue()


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Run once; the next run goes on where time ended, any fault is an error."""
    stores = CONTAINER.open_stores(context)
    report_find(CONTAINER.log_finder(stores, STORAGE, QUEUE).run(stores.deadline))
