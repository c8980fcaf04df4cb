"""Dunning as a person looks for it: which workflows ran, and what became of the attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from billing.domain.errors import ExecutionNotFoundError
from billing.domain.records import BillingRecord, RecordId
from billing.services.paging import Page
from billing.services.read_records import get_record
from billing.storage.stores import Stores


class ExecutionStatus(StrEnum):
    """Where an execution of the workflow stands; one that succeeded ended as it should, be the
    record paid or not.
    """

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"
    PENDING_REDRIVE = "pending_redrive"


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of the dunning workflow; `error` names the fault that ended it, if one did."""

    name: str
    record_id: RecordId
    status: ExecutionStatus
    started_at: datetime
    stopped_at: datetime | None
    error: str | None


class Executions(Protocol):
    """Where executions can be looked up."""

    def newest_first(
        self, *, limit: int, cursor: str | None, status: ExecutionStatus | None
    ) -> Page[Execution]:
        """List executions, all or those of a status; raises InvalidInputError for a cursor of
        another list.
        """

    def of_record(self, record_id: RecordId, *, starts: int) -> list[Execution]:
        """Find the executions of a record that was started anew `starts` times, newest first."""


@dataclass(frozen=True, slots=True)
class DunningRun:
    """A record that leads or led a dunning, with executions of its workflow, newest first.

    There may be none: their history is kept for a limited time, and a start that a crash lost
    is made up for by the billing run.
    """

    record: BillingRecord
    executions: Sequence[Execution]


def list_dunning_runs(
    *,
    limit: int,
    cursor: str | None,
    stores: Stores,
    executions: Executions,
    status: ExecutionStatus | None = None,
) -> Page[DunningRun]:
    """List executions, all or those of a status, newest first, each with its record.

    Raises InvalidInputError for a cursor of another list, UnavailableError.
    """
    page = executions.newest_first(limit=limit, cursor=cursor, status=status)
    records = stores.records.get_many(execution.record_id for execution in page.items)
    runs = [
        DunningRun(records[execution.record_id], [execution])
        for execution in page.items
        # Only an execution that somebody started by hand can name a record that is not there.
        if execution.record_id in records
    ]
    return Page(runs, page.cursor)


def get_dunning_run(record_id: str, *, stores: Stores, executions: Executions) -> DunningRun:
    """Find the dunning that a record leads or led, with its executions.

    Raises RecordNotFoundError, ExecutionNotFoundError where the record never led one, and
    UnavailableError.
    """
    record = get_record(record_id, stores=stores)
    if not record.retry_schedule_seconds:
        raise ExecutionNotFoundError(record_id)
    return DunningRun(record, executions.of_record(record.id, starts=record.workflow_starts))
