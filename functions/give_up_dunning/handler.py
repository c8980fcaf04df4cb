"""End a dunning whose attempts are exhausted, as the workflow asks."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.dunning_task import DunningTask, show_step
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.services.dunning import give_up_dunning

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE"},
    loads={"storage.postings"},
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Suspend the customer, unless the record is paid, now or before, or void; answer which."""
    task = DunningTask.read(event)
    step = give_up_dunning(
        task.record_id, stores=CONTAINER.open_stores(context), clock=CONTAINER.clock
    )
    answer = show_step(step)
    logger.info("Gave up", extra=answer)
    return answer
