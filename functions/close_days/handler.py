"""Do the work that closing runs handed out: close the days of customers."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.closing_queue import read_message
from billing.edge.aws.work_queue import coming_back, read_messages
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import report_closing
from billing.services.closing_work import ClosingReport
from billing.services.handing_out import do_handed_out

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "CLOSING_QUEUE_URL"},
    loads={"storage.closings", "storage.ledger", "storage.records"},
)
QUEUE = CONTAINER.closing_queue()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Close each customer's days on their own; only messages that failed come back to the queue."""
    messages, unread = read_messages(event, read_message)
    done = do_handed_out(messages, worker=CONTAINER.closer(context), queue=QUEUE)
    report_closing(ClosingReport.of_handed_out(done))
    return coming_back([*unread, *done.come_back])
