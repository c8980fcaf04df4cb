"""Do by hand what schedules do by themselves."""

import os

from billing.edge.api import jobs
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import EmptyRequest
from billing.services.jobs import Jobs

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "LEDGER_TABLE",
        "DUNNING_STATE_MACHINE_ARN",
        "LOGS_BUCKET",
        "LOG_FILE_QUEUE_URL",
        "RETRY_SCHEDULE_SECONDS",
    },
    loads={
        "edge.job_reports",
        "storage.closings",
        "storage.leases",
        "storage.products",
    },
)
STORAGE = CONTAINER.log_storage()
QUEUE = CONTAINER.log_file_queue()


def post_process_logs(request: Request) -> Answer:
    """Have what is new among the log files read, and wait as long as one request may."""
    return Answer.of(200, jobs.show_logs(_jobs(request).read_logs()))


def post_process_billing(request: Request) -> Answer:
    """Bill everything recorded, as far as the time of one request goes."""
    return Answer.of(200, jobs.show_run(_jobs(request).bill()))


def post_process_retries(request: Request) -> Answer:
    """Charge everybody who owes, as far as their money and the time of one request go."""
    return Answer.of(200, jobs.show_sweep(_jobs(request).charge_everybody()))


def post_close(request: Request) -> Answer:
    """Close what is over, as far as the time of one request goes."""
    return Answer.of(200, jobs.show_closing(_jobs(request).close()))


def post_process_all(request: Request) -> Answer:
    """Do the four jobs one after the other, as far as the time of one request goes."""
    return Answer.of(200, jobs.show_all(_jobs(request).do_everything()))


def _jobs(request: Request) -> Jobs:
    request.body(EmptyRequest, optional=True)
    return CONTAINER.jobs(request.context, STORAGE, QUEUE)


handler = http_handler(
    {
        jobs.PROCESS_LOGS: post_process_logs,
        jobs.PROCESS_BILLING: post_process_billing,
        jobs.PROCESS_RETRIES: post_process_retries,
        jobs.CLOSE: post_close,
        jobs.PROCESS_ALL: post_process_all,
    }
)
