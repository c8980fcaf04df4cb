"""Do by hand what schedules do by themselves."""

import os
from datetime import timedelta

from billing.domain.deadline import Deadline
from billing.edge.api import jobs
from billing.edge.aws.clients import make_logs_client
from billing.edge.aws.log_bucket import S3LogStorage
from billing.edge.billing_run import run_when_free
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import EmptyRequest
from billing.edge.log_run import run_ingest
from billing.edge.reports import report_ingest, report_run, report_sweep
from billing.services.ingest_logs import IngestReport
from billing.services.run_billing import RunReport, Sweep, run_billing, sweep
from billing.storage.stores import Stores

CONTAINER = open_container(
    os.environ,
    reads={
        "ACCOUNTS_TABLE",
        "LEDGER_TABLE",
        "USAGE_TABLE",
        "BILLING_INTERVAL_SECONDS",
        "DUNNING_STATE_MACHINE_ARN",
        "LOGS_BUCKET",
        "RETRY_SCHEDULE_SECONDS",
    },
)
STORAGE = S3LogStorage(make_logs_client(), CONTAINER.settings.logs_bucket)

# Retry schedules end within months; everybody whose dunning runs is due by then.
EVERYBODY = timedelta(days=3650)

# Of the time for all jobs, what reading leaves to billing and retries, and billing to retries.
BILLING_AND_RETRIES_SECONDS = 10.0
RETRIES_SECONDS = 4.0


def post_process_logs(request: Request) -> Answer:
    """Read what is new among the log files, as far as the time of one request goes."""
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(200, jobs.show_ingest(_read_logs(stores, stores.dynamo.deadline)))


def post_process_billing(request: Request) -> Answer:
    """Bill everything recorded, as far as the time of one request goes."""
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(200, jobs.show_run(_bill(stores, stores.dynamo.deadline)))


def post_process_retries(request: Request) -> Answer:
    """Charge everybody who owes, as far as their money and the time of one request go."""
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(200, jobs.show_sweep(_charge_everybody(stores, stores.dynamo.deadline)))


def post_process_all(request: Request) -> Answer:
    """Do the three jobs one after the other, as far as the time of one request goes."""
    request.body(EmptyRequest, optional=True)
    stores = CONTAINER.open_stores(request.context)
    deadline = stores.dynamo.deadline
    read = _read_logs(stores, deadline.sooner(BILLING_AND_RETRIES_SECONDS))
    billed = _bill(stores, deadline.sooner(RETRIES_SECONDS))
    charged = _charge_everybody(stores, deadline)
    return Answer.of(200, jobs.show_all(read, billed, charged))


def _read_logs(stores: Stores, deadline: Deadline) -> IngestReport:
    report = run_ingest(CONTAINER, STORAGE, stores, deadline=deadline)
    report_ingest(report)
    return report


def _bill(stores: Stores, deadline: Deadline) -> RunReport:
    def run() -> RunReport:
        return run_billing(
            stores=stores,
            clock=CONTAINER.clock,
            owner=CONTAINER.new_id(),
            deadline=deadline,
            queue=None,
            dunning=CONTAINER.dunning(stores),
        )

    report = run_when_free(run, sleep=CONTAINER.sleep)
    report_run(report)
    return report


def _charge_everybody(stores: Stores, deadline: Deadline) -> Sweep:
    swept = sweep(
        due_by=CONTAINER.clock() + EVERYBODY,
        stores=stores,
        clock=CONTAINER.clock,
        deadline=deadline,
        dunning=CONTAINER.dunning(stores),
    )
    report_sweep(swept)
    return swept


handler = http_handler(
    {
        jobs.PROCESS_LOGS: post_process_logs,
        jobs.PROCESS_BILLING: post_process_billing,
        jobs.PROCESS_RETRIES: post_process_retries,
        jobs.PROCESS_ALL: post_process_all,
    }
)
