"""Bill what was recorded, as the schedule asks each minute."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.domain.errors import RunInProgressError
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import alarm_on_failures, report_run, report_skipped_run

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "LEDGER_TABLE",
        "SETTLE_QUEUE_URL",
        "DUNNING_STATE_MACHINE_ARN",
        "RETRY_SCHEDULE_SECONDS",
    },
    loads={"services.run_billing", "storage.leases", "storage.products"},
)
QUEUE = CONTAINER.settle_queue()


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Run once; that another run is at work is a normal end, any fault is an error."""
    try:
        run = CONTAINER.billing_run(context, QUEUE)
        report = run.run_when_free(sleep=CONTAINER.sleep)
    except RunInProgressError:
        report_skipped_run()
        return
    report_run(report)
    alarm_on_failures(report)
