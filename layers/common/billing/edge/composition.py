"""The one place where the services are given their clients, clocks, ids and memories."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol

from billing.domain.deadline import Deadline
from billing.domain.ids import uuid7
from billing.domain.times import Clock
from billing.edge.aws.clients import (
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    make_dynamo_client,
    make_workflow_client,
)
from billing.edge.aws.dunning_workflow import StepFunctionsWorkflow
from billing.edge.reports import report_job
from billing.edge.settings import Settings
from billing.services.catalogue import Catalogue
from billing.services.dunning import Dunning
from billing.services.find_logs import LogStorage
from billing.services.jobs import Jobs
from billing.services.tab_numbers import TabNumbers
from billing.storage.dynamo import Backoff, Dynamo
from billing.storage.stores import Stores, Tables, open_stores

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_stepfunctions.client import SFNClient

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
class Container:
    """What lives as long as a Lambda container: the clients, and what it remembers.

    The client of Step Functions is made when it is first used, because most functions never start
    a workflow.
    """

    settings: Settings
    dynamo_client: "DynamoDBClient"
    workflow_client: Callable[[], "SFNClient"]
    catalogue: Catalogue
    tab_numbers: TabNumbers
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random_bytes: Callable[[int], bytes] = os.urandom
    backoff: Backoff = field(default_factory=Backoff)

    def open_stores(self, invocation: Invocation) -> Stores:
        """Open the stores for one invocation; they give up in time to answer."""
        remaining_seconds = invocation.get_remaining_time_in_millis() / 1000
        deadline = Deadline.after(remaining_seconds - ANSWER_MARGIN_SECONDS, self.monotonic)
        tables = Tables(
            accounts=self.settings.accounts_table,
            ledger=self.settings.ledger_table,
            usage=self.settings.usage_table,
        )
        return open_stores(Dynamo(self.dynamo_client, deadline, self.backoff), tables)

    def workflow(self, stores: Stores) -> StepFunctionsWorkflow:
        """Open the dunning workflow for the invocation that the stores were opened for."""
        return StepFunctionsWorkflow(
            client=self.workflow_client(),
            state_machine_arn=self.settings.dunning_state_machine_arn,
            deadline=stores.deadline,
            backoff=self.backoff,
        )

    def dunning(self, stores: Stores) -> Dunning:
        """Tell how this deployment retries what could not be charged, for one invocation."""
        return Dunning(self.workflow(stores), self.settings.retry_schedule_seconds)

    def jobs(self, stores: Stores, storage: LogStorage) -> Jobs:
        """Make the jobs that are done by hand, for one invocation."""
        return Jobs(
            stores=stores,
            storage=storage,
            catalogue=self.catalogue,
            tab_numbers=self.tab_numbers,
            clock=self.clock,
            new_id=self.new_id,
            sleep=self.sleep,
            dunning=self.dunning(stores),
            report=report_job,
        )

    def new_id(self) -> str:
        """Make an id that nobody else makes; later ones sort later."""
        return uuid7(self.clock(), self.random_bytes(_UUID7_RANDOM_BYTES))


def open_container(environ: Mapping[str, str]) -> Container:
    """Make a container; raises SettingsError where the environment lacks something."""
    settings = Settings.from_environment(environ)
    return Container(
        settings=settings,
        dynamo_client=make_dynamo_client(),
        workflow_client=cache(make_workflow_client),
        catalogue=Catalogue(),
        tab_numbers=TabNumbers(fresh_seconds=settings.billing_interval_seconds),
    )
