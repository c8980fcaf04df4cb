"""Make one attempt of a dunning, as the workflow asks."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.dunning_task import DunningTask, show_step
from billing.edge.composition import open_container
from billing.edge.observability import logger

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "DUNNING_STATE_MACHINE_ARN", "RETRY_SCHEDULE_SECONDS"},
    loads={"storage.postings"},
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer what came of the attempt; an exception is a fault, which the workflow repeats."""
    task = DunningTask.read(event)
    step = CONTAINER.dunning(context).attempt(task.record_id, task.attempt)
    answer = show_step(step)
    logger.info("Attempted", extra=answer)
    return answer
