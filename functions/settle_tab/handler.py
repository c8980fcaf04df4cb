"""Do the work that billing runs handed out: settle tabs, and visit customers."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.settle_queue import read_message
from billing.edge.aws.work_queue import coming_back, read_messages
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import report_handed_out
from billing.services.handing_out import do_handed_out
from billing.services.work import Biller

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "LEDGER_TABLE",
        "SETTLE_QUEUE_URL",
        "DUNNING_STATE_MACHINE_ARN",
        "RETRY_SCHEDULE_SECONDS",
    },
    loads={"storage.products"},
)
QUEUE = CONTAINER.settle_queue()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do each piece of work on its own; only messages that failed come back to the queue."""
    messages, unread = read_messages(event, read_message)
    done = do_handed_out(messages, worker=Biller(CONTAINER.dunning(context)), queue=QUEUE)
    report_handed_out(done)
    return coming_back([*unread, *done.come_back])
