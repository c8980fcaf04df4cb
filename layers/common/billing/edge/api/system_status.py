"""How the system is: its runs, queues and counts, and what somebody has to see to."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from billing import VERSION
from billing.domain.api_keys import Scope
from billing.domain.counts import Count
from billing.domain.runs import Job, JobState, Schedules
from billing.domain.times import optional_text, to_text
from billing.edge.http.fields import ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, example
from billing.services.system_status import QueueDepth, SystemStatus

type JobName = Literal["billing", "retries", "closing", "logs"]

_NAMES: Mapping[Job, JobName] = {
    Job.BILLING: "billing",
    Job.RETRIES: "retries",
    Job.CLOSING: "closing",
    Job.LOGS: "logs",
}


class RunAnswer(AnswerSchema):
    """A job, and its last run that came to its end; null where none ever did."""

    job: JobName
    schedule: str | None = Field(
        description="When it starts by itself, as EventBridge Scheduler writes it; null for a job "
        "that is only done by hand."
    )
    running: bool = Field(
        description="Whether a run is at work now; never true of `logs`, whose runs only look."
    )
    started_at: ShownInstant | None
    ended_at: ShownInstant | None
    counts: dict[str, int] = Field(
        description="What that run did, under the names that the answer of `POST /jobs/…` has for "
        "it, and what a schedule alone does beside it; empty where there was none."
    )


class CountAnswer(AnswerSchema):
    """How many there are, as an index tells, which may lag by a moment."""

    count: int
    more: bool = Field(description="Whether counting stopped at its bound, and there are more.")


class QueueAnswer(AnswerSchema):
    """About how many messages of a queue wait for a worker, and how many it is at work on."""

    name: Literal["settle", "closing", "log-files"]
    waiting: int
    under_way: int = Field(
        description="Being worked on, or hidden until they are tried again after a fault."
    )


class DeadLettersAnswer(AnswerSchema):
    """About how many messages were given up, and wait for somebody to look at them."""

    name: Literal["settle", "run-billing", "closing", "ingest-logs"]
    messages: int


class ImbalanceAnswer(AnswerSchema):
    """A customer whose books do not verify, so that their days stay open."""

    customer_id: str
    fault: str = Field(description="As `GET /billing/ledger/{customerId}/verify` says it.")
    found_at: ShownInstant = Field(description="When a closing run met it first.")


class ImbalancesAnswer(AnswerSchema):
    """Customers whose books do not verify, those first that were found last."""

    items: Annotated[list[ImbalanceAnswer], Field(max_length=100)]
    more: bool = Field(description="Whether there are more than are listed.")


class SystemStatusAnswer(AnswerSchema):
    """How the system is."""

    model_config = ConfigDict(
        json_schema_extra=example(
            version=VERSION,
            at="2026-01-31T09:00:38.000000Z",
            runs=[
                {
                    "job": "billing",
                    "schedule": "rate(1 minute)",
                    "running": False,
                    "startedAt": "2026-01-31T09:00:00.125000Z",
                    "endedAt": "2026-01-31T09:00:00.480000Z",
                    "counts": {
                        "tabsFound": 2,
                        "tabsSettled": 2,
                        "tabsEnqueued": 0,
                        "customersFound": 1,
                        "customersEnqueued": 0,
                        "recordsPaid": 2,
                        "recordsUnpaid": 1,
                        "failed": 0,
                        "remaining": 0,
                    },
                },
                *(
                    {
                        "job": job,
                        "schedule": schedule,
                        "running": False,
                        "startedAt": None,
                        "endedAt": None,
                        "counts": {},
                    }
                    for job, schedule in (
                        ("retries", None),
                        ("closing", "rate(1 hour)"),
                        ("logs", "rate(1 hour)"),
                    )
                ),
            ],
            retryScheduleSeconds=[1, 2, 4, 8, 16],
            customers={"count": 120, "more": False},
            suspended={"count": 1, "more": False},
            retrying={"count": 2, "more": False},
            failed={"count": 1, "more": False},
            queues=[
                {"name": name, "waiting": 0, "underWay": 0}
                for name in ("settle", "closing", "log-files")
            ],
            deadLetters=[
                {"name": name, "messages": 0}
                for name in ("settle", "run-billing", "closing", "ingest-logs")
            ],
            imbalances={
                "items": [
                    {
                        "customerId": "acme",
                        "fault": "entry 2 is missing",
                        "foundAt": "2026-01-31T08:00:03.000000Z",
                    }
                ],
                "more": False,
            },
        )
    )

    version: str = Field(description="Of what is deployed.")
    at: ShownInstant = Field(description="When this was asked, by the clock of the answerer.")
    runs: list[RunAnswer] = Field(description="Always all four, in this order.")
    retry_schedule_seconds: list[int] = Field(
        description="Seconds from one attempt to charge to the next, for customers without a "
        "schedule of their own."
    )
    customers: CountAnswer = Field(description="Customers who are not deleted.")
    suspended: CountAnswer = Field(description="Customers who are suspended, by whomever.")
    retrying: CountAnswer = Field(description="Billing records whose charge is tried again.")
    failed: CountAnswer = Field(description="Billing records whose charge was given up.")
    queues: list[QueueAnswer]
    dead_letters: list[DeadLettersAnswer]
    imbalances: ImbalancesAnswer


def show_status(status: SystemStatus, schedules: Schedules) -> SystemStatusAnswer:
    """Show how the system is, and by which schedules it works."""
    starts = schedules.starts
    return SystemStatusAnswer(
        version=VERSION,
        at=to_text(status.at),
        runs=[_show_run(name, starts.get(job), status.jobs[job]) for job, name in _NAMES.items()],
        retry_schedule_seconds=list(schedules.retry_seconds),
        customers=_show_count(status.customers),
        suspended=_show_count(status.suspended),
        retrying=_show_count(status.retrying),
        failed=_show_count(status.failed),
        queues=[_show_queue(each) for each in status.queues],
        dead_letters=[_show_dead_letters(each) for each in status.dead_letters],
        imbalances=_show_imbalances(status),
    )


def _show_run(name: JobName, schedule: str | None, state: JobState) -> RunAnswer:
    run = state.last_run
    counts = {} if run is None else run.counts
    return RunAnswer(
        job=name,
        schedule=schedule,
        running=state.is_running,
        started_at=optional_text(None if run is None else run.started_at),
        ended_at=optional_text(None if run is None else run.ended_at),
        counts={to_camel(each): count for each, count in counts.items()},
    )


def _show_count(count: Count) -> CountAnswer:
    return CountAnswer(count=count.count, more=count.more)


def _show_queue(depth: QueueDepth) -> QueueAnswer:
    return QueueAnswer.model_validate(
        {"name": depth.name, "waiting": depth.waiting, "under_way": depth.under_way}
    )


def _show_dead_letters(depth: QueueDepth) -> DeadLettersAnswer:
    return DeadLettersAnswer.model_validate(
        {"name": depth.name, "messages": depth.waiting + depth.under_way}
    )


def _show_imbalances(status: SystemStatus) -> ImbalancesAnswer:
    items = [
        ImbalanceAnswer(
            customer_id=each.customer_id, fault=each.fault, found_at=to_text(each.found_at)
        )
        for each in status.imbalances
    ]
    return ImbalancesAnswer(items=items, more=status.more_imbalances)


STATUS = Route(
    "GET",
    "/system/status",
    Scope.BILLING_READ,
    "Tell what ran and what waits, who owes, and what somebody has to see to",
    operation_id="getSystemStatus",
    response=SystemStatusAnswer,
    statuses={200: "How the system is."},
)

ROUTES = (STATUS,)
