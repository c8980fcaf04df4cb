"""Settle the tabs that a billing run handed out, one message each."""

import os
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.aws.settle_queue import read_tab
from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.services.settle_tab import settle_tab

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "DUNNING_STATE_MACHINE_ARN", "RETRY_SCHEDULE_SECONDS"},
)
PROCESSOR = BatchProcessor(event_type=EventType.SQS)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Settle each tab on its own; only those that failed come back to the queue."""
    dunning = CONTAINER.dunning(context)

    def settle(record: SQSRecord) -> None:
        try:
            ref = read_tab(record.body)
            records = settle_tab(ref, dunning=dunning)
        except Exception:
            logger.exception("A tab could not be settled", message_id=record.message_id)
            raise
        logger.info("Settled", customer_id=ref.customer_id, records=len(records))

    return process_partial_response(event, settle, PROCESSOR, context)
