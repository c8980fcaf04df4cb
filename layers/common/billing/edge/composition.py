"""The one place where the services are given their clients, clocks, ids and memories.

What one function builds and most others never use is imported where it is built, so that no
function loads what it does not use.
"""

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from billing.domain.deadline import Deadline
from billing.domain.ids import uuid7
from billing.domain.times import Clock
from billing.edge.aws.clients import (
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    make_dynamo_client,
    make_logs_client,
    make_queue_client,
    make_uploads_client,
    make_workflow_client,
)
from billing.edge.settings import Settings, Variable
from billing.services.catalogue import Catalogue
from billing.services.tab_numbers import TabNumbers
from billing.storage.dynamo import Backoff, Dynamo
from billing.storage.stores import Stores, open_stores

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_stepfunctions.client import SFNClient

    from billing.domain.runs import Schedules
    from billing.edge.aws.dunning_workflow import StepFunctionsWorkflow
    from billing.edge.aws.execution_history import StepFunctionsHistory
    from billing.edge.aws.log_bucket import S3LogStorage
    from billing.edge.aws.log_file_queue import SqsLogFileQueue
    from billing.edge.aws.log_uploads import S3LogUploads
    from billing.edge.aws.queue_gauges import SqsGauge
    from billing.edge.aws.work_queue import SqsWorkQueue
    from billing.services.adjust_usage import UsageAdjuster
    from billing.services.closing_work import Closer
    from billing.services.dunning import Dunning
    from billing.services.find_logs import LogFileQueue, LogFinder, LogStorage
    from billing.services.handing_out import WorkQueue
    from billing.services.ingest_logs import LogIngester
    from billing.services.jobs import Jobs
    from billing.services.record_usage import UsageRecorder
    from billing.services.run_billing import BillingRun
    from billing.services.run_closing import ClosingRun
    from billing.services.system_status import SystemWatch
    from billing.services.work import Work

# The last call to DynamoDB may begin just before the deadline and take until its time-out; half a
# second more writes the answer, so that the caller hears a 503 and not a time-out.
ANSWER_MARGIN_SECONDS = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS + 0.5

_UUID7_RANDOM_BYTES = 10


class Invocation(Protocol):
    """What an invocation knows about its own end; Lambda's context is one."""

    def get_remaining_time_in_millis(self) -> int:
        """Tell the milliseconds left."""


def utc_now() -> datetime:
    """Tell the time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SettingsTables:
    """The names of the tables, each looked up when a store is first asked for: a function is told
    only of the tables that it uses."""

    settings: Settings

    @property
    def accounts(self) -> str:
        """The table of everything that changes."""
        return self.settings.accounts_table

    @property
    def ledger(self) -> str:
        """The table of ledger entries."""
        return self.settings.ledger_table

    @property
    def usage(self) -> str:
        """The table of usage events."""
        return self.settings.usage_table


@dataclass(frozen=True, slots=True)
class Container:
    """What lives as long as a Lambda container: the clients, and what it remembers.

    The client of Step Functions and the memory of tabs are made when they are first used, because
    most functions start no workflow and record nothing, and are not told what either takes.
    """

    settings: Settings
    dynamo_client: "DynamoDBClient"
    workflow_client: Callable[[], "SFNClient"]
    catalogue: Catalogue
    make_tab_numbers: Callable[[], TabNumbers]
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random_bytes: Callable[[int], bytes] = os.urandom
    backoff: Backoff = field(default_factory=Backoff)
    known_codes: dict[str, str] = field(default_factory=dict)

    def open_stores(self, invocation: Invocation) -> Stores:
        """Open the stores for one invocation; they give up in time to answer."""
        remaining_seconds = invocation.get_remaining_time_in_millis() / 1000
        deadline = Deadline.after(remaining_seconds - ANSWER_MARGIN_SECONDS, self.monotonic)
        dynamo = Dynamo(self.dynamo_client, deadline, self.backoff)
        return open_stores(dynamo, SettingsTables(self.settings), self.known_codes)

    @property
    def tab_numbers(self) -> TabNumbers:
        """What this container remembers of the tabs that it recorded on."""
        return self.make_tab_numbers()

    def recorder(self, invocation: Invocation) -> "UsageRecorder":
        """Make what records usage, for one invocation."""
        return self._recorder(self.open_stores(invocation))

    def usage_adjuster(self, invocation: Invocation) -> "UsageAdjuster":
        """Make what voids and corrects usage, for one invocation."""
        from billing.services.adjust_usage import UsageAdjuster

        interval = self.tab_numbers.interval
        return UsageAdjuster(self.open_stores(invocation), self.catalogue, self.clock, interval)

    def dunning(self, invocation: Invocation) -> "Dunning":
        """Make what charges what is outstanding as this deployment does, for one invocation."""
        return self._dunning(self.open_stores(invocation))

    def billing_run(self, invocation: Invocation, queue: "WorkQueue[Work]") -> "BillingRun":
        """Make a billing run that takes all the time of one invocation."""
        from billing.services.run_billing import BillingRun

        stores = self.open_stores(invocation)
        return BillingRun(self._dunning(stores), self.new_id(), stores.deadline, queue)

    def closer(self, invocation: Invocation) -> "Closer":
        """Make what closes the days of customers, for one invocation."""
        from billing.services.closing_work import Closer

        return Closer(self.open_stores(invocation), self.clock)

    def closing_run(self, invocation: Invocation, queue: "WorkQueue[str]") -> "ClosingRun":
        """Make a closing run that takes all the time of one invocation."""
        from billing.services.run_closing import ClosingRun

        closer = self.closer(invocation)
        return ClosingRun(closer, self.new_id(), closer.stores.deadline, queue)

    def log_finder(
        self, stores: Stores, storage: "LogStorage", queue: "LogFileQueue"
    ) -> "LogFinder":
        """Make what finds log files, for the invocation that the stores were opened for."""
        from billing.services.find_logs import LogFinder

        return LogFinder(stores, storage, queue, self.clock)

    def log_ingester(
        self, invocation: Invocation, storage: "LogStorage", queue: "LogFileQueue"
    ) -> "LogIngester":
        """Make what reads log files, with all the time of one invocation."""
        from billing.services.ingest_logs import LAST_BATCH_SECONDS, LogIngester

        stores = self.open_stores(invocation)
        deadline = stores.deadline.sooner(LAST_BATCH_SECONDS)
        return LogIngester(self._recorder(stores), storage, queue, self.new_id(), deadline)

    def jobs(self, invocation: Invocation, storage: "LogStorage", queue: "LogFileQueue") -> "Jobs":
        """Make the jobs that are done by hand, for one invocation."""
        from billing.edge.job_reports import report_job
        from billing.services.jobs import Jobs

        stores = self.open_stores(invocation)
        return Jobs(
            finder=self.log_finder(stores, storage, queue),
            dunning=self._dunning(stores),
            new_id=self.new_id,
            sleep=self.sleep,
            report=report_job,
        )

    def workflow(self, stores: Stores) -> "StepFunctionsWorkflow":
        """Open the dunning workflow for the invocation that the stores were opened for."""
        from billing.edge.aws.dunning_workflow import StepFunctionsWorkflow

        return StepFunctionsWorkflow(
            client=self.workflow_client(),
            state_machine_arn=self.settings.dunning_state_machine_arn,
            deadline=stores.deadline,
            backoff=self.backoff,
        )

    def execution_histories(self, workflow: "StepFunctionsWorkflow") -> "StepFunctionsHistory":
        """Open the histories of executions, with what the workflow was opened for."""
        from billing.edge.aws.execution_history import StepFunctionsHistory

        return StepFunctionsHistory(workflow)

    def log_uploads(self) -> "S3LogUploads":
        """Open what lets callers upload log files, once for a container."""
        from billing.edge.aws.log_uploads import S3LogUploads

        return S3LogUploads(cache(make_uploads_client), self.settings.logs_bucket)

    def log_storage(self) -> "S3LogStorage":
        """Open the bucket of log files, once for a container."""
        from billing.edge.aws.log_bucket import S3LogStorage

        return S3LogStorage(make_logs_client(), self.settings.logs_bucket)

    def log_file_queue(self) -> "SqsLogFileQueue":
        """Open the queue of log files to read, once for a container."""
        from billing.edge.aws.log_file_queue import SqsLogFileQueue

        return SqsLogFileQueue(make_queue_client(), self.settings.log_file_queue_url)

    def settle_queue(self) -> "SqsWorkQueue[Work]":
        """Open the queue of work that billing runs hand out, once for a container."""
        from billing.edge.aws.settle_queue import sqs_settle_queue

        return sqs_settle_queue(make_queue_client(), self.settings.settle_queue_url)

    def closing_queue(self) -> "SqsWorkQueue[str]":
        """Open the queue of what closing runs hand out, once for a container."""
        from billing.edge.aws.closing_queue import sqs_closing_queue

        return sqs_closing_queue(make_queue_client(), self.settings.closing_queue_url)

    def queue_gauges(self) -> "Sequence[SqsGauge]":
        """Open gauges of the queues of work, once for a container."""
        from billing.edge.aws.queue_gauges import sqs_gauges

        urls = {
            "settle": self.settings.settle_queue_url,
            "closing": self.settings.closing_queue_url,
            "log-files": self.settings.log_file_queue_url,
        }
        return sqs_gauges(make_queue_client(), urls)

    def dead_letter_gauges(self) -> "Sequence[SqsGauge]":
        """Open gauges of the queues of dead letters, likewise."""
        from billing.edge.aws.queue_gauges import sqs_gauges

        urls = {
            "settle": self.settings.settle_dead_letter_queue_url,
            "run-billing": self.settings.run_billing_dead_letter_queue_url,
            "closing": self.settings.closing_dead_letter_queue_url,
            "ingest-logs": self.settings.ingest_logs_dead_letter_queue_url,
        }
        return sqs_gauges(make_queue_client(), urls)

    def schedules(self) -> "Schedules":
        """Tell by which schedules this deployment works."""
        from billing.domain.runs import Job, Schedules

        settings = self.settings
        starts = {
            Job.BILLING: settings.billing_schedule,
            Job.CLOSING: settings.closing_schedule,
            Job.LOGS: settings.logs_schedule,
        }
        return Schedules(starts, settings.retry_schedule_seconds)

    def system_watch(
        self,
        invocation: Invocation,
        queues: "Sequence[SqsGauge]",
        dead_letters: "Sequence[SqsGauge]",
    ) -> "SystemWatch":
        """Make what looks how the system is, for one invocation."""
        from billing.services.system_status import SystemWatch

        return SystemWatch(self.open_stores(invocation), self.clock, queues, dead_letters)

    def _recorder(self, stores: Stores) -> "UsageRecorder":
        from billing.services.record_usage import UsageRecorder

        return UsageRecorder(stores, self.catalogue, self.tab_numbers, self.clock)

    def _dunning(self, stores: Stores) -> "Dunning":
        from billing.services.dunning import Dunning

        schedule_seconds = self.settings.retry_schedule_seconds
        return Dunning(stores, self.clock, self.workflow(stores), schedule_seconds)

    def new_id(self) -> str:
        """Make an id that nobody else makes; later ones sort later."""
        return uuid7(self.clock(), self.random_bytes(_UUID7_RANDOM_BYTES))


def open_container(
    environ: Mapping[str, str], reads: set[Variable], loads: Collection[str] = frozenset()
) -> Container:
    """Make a container for a function that reads some variables, and may use no others.

    What it loads of `billing`, and nobody imports by name, is loaded now: the first request would
    wait for it, on a part of the processor that a start has. Raises SettingsError where a variable
    is missing.
    """
    starts_workflows = "DUNNING_STATE_MACHINE_ARN" in reads
    for module in (*loads, *(["edge.aws.dunning_workflow"] if starts_workflows else [])):
        import_module(f"billing.{module}")
    settings = Settings.from_environment(environ, reads)
    return Container(
        settings=settings,
        dynamo_client=make_dynamo_client(),
        workflow_client=cache(make_workflow_client),
        catalogue=Catalogue(),
        make_tab_numbers=cache(
            lambda: TabNumbers(timedelta(seconds=settings.billing_interval_seconds))
        ),
    )
