"""Tell who calls, and how the system is."""

import os

from billing.edge.api import status, system_status
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "SETTLE_QUEUE_URL",
        "CLOSING_QUEUE_URL",
        "LOG_FILE_QUEUE_URL",
        "SETTLE_DEAD_LETTER_QUEUE_URL",
        "RUN_BILLING_DEAD_LETTER_QUEUE_URL",
        "CLOSING_DEAD_LETTER_QUEUE_URL",
        "INGEST_LOGS_DEAD_LETTER_QUEUE_URL",
        "BILLING_SCHEDULE",
        "CLOSING_SCHEDULE",
        "LOGS_SCHEDULE",
        "RETRY_SCHEDULE_SECONDS",
    },
    loads={
        "storage.customers",
        "storage.leases",
        "storage.logfiles",
        "storage.records",
        "storage.wallets",
    },
)
QUEUES = CONTAINER.queue_gauges()
DEAD_LETTERS = CONTAINER.dead_letter_gauges()


def get_me(request: Request) -> Answer:
    """Show whose key the request came with."""
    return Answer.of(200, status.show_caller(request))


def get_system_status(request: Request) -> Answer:
    """Show how the system is."""
    watch = CONTAINER.system_watch(request.context, QUEUES, DEAD_LETTERS)
    return Answer.of(200, system_status.show_status(watch.look(), CONTAINER.schedules()))


handler = http_handler({status.ME: get_me, system_status.STATUS: get_system_status})
