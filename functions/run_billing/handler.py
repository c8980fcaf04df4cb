"""Bill what was recorded, as the schedule asks each minute."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.domain.errors import RunInProgressError
from billing.edge.aws.clients import make_queue_client
from billing.edge.aws.settle_queue import SqsSettleQueue
from billing.edge.composition import open_container
from billing.edge.observability import logger, tracer
from billing.edge.reports import alarm_on_failures, report_run, report_skipped_run
from billing.services.run_billing import run_billing

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "LEDGER_TABLE",
        "SETTLE_QUEUE_URL",
        "DUNNING_STATE_MACHINE_ARN",
        "RETRY_SCHEDULE_SECONDS",
    },
)
QUEUE = SqsSettleQueue(make_queue_client(), CONTAINER.settings.settle_queue_url)


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Run once; that another run is at work is a normal end, any fault is an error."""
    dunning = CONTAINER.dunning(context)
    try:
        report = run_billing(
            stores=dunning.stores,
            clock=CONTAINER.clock,
            owner=CONTAINER.new_id(),
            deadline=dunning.stores.deadline,
            queue=QUEUE,
            dunning=dunning,
        )
    except RunInProgressError:
        report_skipped_run()
        return
    report_run(report)
    alarm_on_failures(report)
