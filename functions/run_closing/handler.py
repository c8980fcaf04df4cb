"""Add what was posted to its days, and close those that are over, as the schedule asks."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.domain.errors import RunInProgressError
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.edge.reports import alarm_on_failures, report_closing, report_skipped_run

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "CLOSING_QUEUE_URL"},
    loads={
        "services.run_closing",
        "storage.closings",
        "storage.leases",
        "storage.ledger",
        "storage.records",
    },
)
QUEUE = CONTAINER.closing_queue()


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> None:
    """Run once; that another run is at work is a normal end, any fault is an error."""
    try:
        run = CONTAINER.closing_run(context, QUEUE)
        report = run.run_when_free(sleep=CONTAINER.sleep)
    except RunInProgressError:
        report_skipped_run()
        return
    report_closing(report)
    alarm_on_failures(report)
