"""Do by hand what schedules do by themselves."""

import os

from billing.edge.aws.clients import make_logs_client
from billing.edge.aws.log_bucket import S3LogStorage
from billing.edge.composition import open_container
from billing.edge.http.handler import Answer, Request, http_handler
from billing.edge.schemas import AllJobsAnswer, EmptyRequest
from billing.edge.views import show_ingest, show_run, show_sweep
from billing.services.jobs import Jobs

CONTAINER = open_container(os.environ)
STORAGE = S3LogStorage(make_logs_client(), CONTAINER.settings.logs_bucket)


def post_process_logs(request: Request) -> Answer:
    """Read what is new among the log files, as far as the time of one request goes."""
    return Answer.of(200, show_ingest(_jobs(request).read_logs()))


def post_process_billing(request: Request) -> Answer:
    """Bill everything recorded, as far as the time of one request goes."""
    return Answer.of(200, show_run(_jobs(request).bill()))


def post_process_retries(request: Request) -> Answer:
    """Charge everybody who owes, as far as their money and the time of one request go."""
    return Answer.of(200, show_sweep(_jobs(request).charge_everybody()))


def post_process_all(request: Request) -> Answer:
    """Do the three jobs one after the other, as far as the time of one request goes."""
    done = _jobs(request).do_everything()
    answer = AllJobsAnswer(
        logs=show_ingest(done.logs),
        billing=show_run(done.billing),
        retries=show_sweep(done.retries),
    )
    return Answer.of(200, answer)


def _jobs(request: Request) -> Jobs:
    request.body(EmptyRequest, optional=True)
    return CONTAINER.jobs(CONTAINER.open_stores(request.context), STORAGE)


handler = http_handler(
    "jobs",
    {
        "POST /jobs/process-logs": post_process_logs,
        "POST /jobs/process-billing": post_process_billing,
        "POST /jobs/process-retries": post_process_retries,
        "POST /jobs/process-all": post_process_all,
    },
)
