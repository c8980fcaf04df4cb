"""Dunning: which workflows ran or run, and what came of each attempt."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import ExecutionNotFoundError, RecordNotFoundError
from billing.domain.records import RecordStatus
from billing.domain.times import optional_text, to_text
from billing.edge.api.shared import AttemptAnswer, show_attempt
from billing.edge.http.fields import Cents, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, ListAnswer, PageQuery, example
from billing.services.execution_history import ExecutionHistory, StateVisit
from billing.services.executions import DunningRun, Execution, ExecutionStatus
from billing.services.paging import Page


class ExecutionListQuery(PageQuery):
    """Which page of which executions."""

    status: (
        Literal["running", "succeeded", "failed", "timed_out", "aborted", "pending_redrive"] | None
    ) = Field(default=None, description="Only those of this status; all when left out.")

    @property
    def wanted_status(self) -> ExecutionStatus | None:
        """The status as the service has it."""
        return None if self.status is None else ExecutionStatus(self.status)


class ExecutionAnswer(AnswerSchema):
    """One execution of the dunning workflow."""

    name: str = Field(description="Its name in Step Functions.")
    status: ExecutionStatus = Field(
        description="`succeeded` is its normal end, whether or not the record was paid."
    )
    started_at: ShownInstant
    stopped_at: ShownInstant | None
    error: str | None = Field(description="The fault that ended it, if one did.")


class DunningRunAnswer(AnswerSchema):
    """A record that leads or led a dunning: where its workflow stands, and the attempts."""

    model_config = ConfigDict(
        json_schema_extra=example(
            recordId="acme~0~7",
            customerId="acme",
            recordStatus="retrying",
            amountCents=4000,
            description=None,
            status="running",
            startedAt="2026-01-31T09:00:00.125000Z",
            stoppedAt=None,
            attempts=[
                {
                    "number": 0,
                    "at": "2026-01-31T09:00:00.000000Z",
                    "outcome": "insufficient_funds",
                    "balanceCents": 1200,
                }
            ],
            retrySchedule=[1, 2, 4, 8, 16],
            nextAttemptAt="2026-01-31T09:00:01.000000Z",
            executions=[
                {
                    "name": "acme__0__7__0",
                    "status": "running",
                    "startedAt": "2026-01-31T09:00:00.125000Z",
                    "stoppedAt": None,
                    "error": None,
                }
            ],
        )
    )

    record_id: str
    customer_id: str
    record_status: RecordStatus
    amount_cents: Cents
    description: str | None = Field(description="What a charge by hand is for; null for usage.")
    status: ExecutionStatus | None = Field(
        description="Of the newest execution below; null where none is known."
    )
    started_at: ShownInstant | None
    stopped_at: ShownInstant | None
    attempts: list[AttemptAnswer]
    retry_schedule: list[int] = Field(
        description="Seconds to each retry of the dunning that the record leads or led last."
    )
    next_attempt_at: ShownInstant | None = Field(description="Null where none is due.")
    executions: list[ExecutionAnswer] = Field(
        description="Newest first: in a list the one that the item is about; for a single record "
        "the last 25, where faults made it start anew. Step Functions forgets them after 90 days."
    )


class DunningRunListAnswer(ListAnswer[DunningRunAnswer]):
    """Executions of the dunning workflow, newest first, each with its record."""


def show_dunning_run(run: DunningRun) -> DunningRunAnswer:
    """Show a record's dunning; the newest of its executions says where it stands."""
    record, newest = run.record, next(iter(run.executions), None)
    return DunningRunAnswer(
        record_id=str(record.id),
        customer_id=record.id.customer_id,
        record_status=record.status,
        amount_cents=record.amount_cents,
        description=record.description,
        status=None if newest is None else newest.status,
        started_at=None if newest is None else to_text(newest.started_at),
        stopped_at=None if newest is None else optional_text(newest.stopped_at),
        attempts=[show_attempt(attempt) for attempt in record.attempts],
        retry_schedule=list(record.retry_schedule_seconds),
        next_attempt_at=optional_text(record.next_attempt_at),
        executions=[_execution(execution) for execution in run.executions],
    )


def show_dunning_runs(page: Page[DunningRun]) -> DunningRunListAnswer:
    """Show a page of executions."""
    return DunningRunListAnswer(
        items=[show_dunning_run(run) for run in page.items], cursor=page.cursor
    )


def _execution(execution: Execution) -> ExecutionAnswer:
    return ExecutionAnswer(
        name=execution.name,
        status=execution.status,
        started_at=to_text(execution.started_at),
        stopped_at=optional_text(execution.stopped_at),
        error=execution.error,
    )


class HistoryQuery(PageQuery):
    """Which page of the states of which execution."""

    execution: str | None = Field(
        default=None, description="Its name; the newest of the record when left out."
    )


class StateAnswer(AnswerSchema):
    """A state that an execution entered."""

    name: str = Field(description="As in the definition.")
    type: str = Field(description="`Wait`, `Task`, `Choice`, `Succeed` or `Fail`.")
    entered_at: ShownInstant
    left_at: ShownInstant | None = Field(description="Null where the execution is, or ended.")
    input: dict[str, Any] | None
    output: dict[str, Any] | None
    error: str | None = Field(description="The last fault of this state, or what ended it.")
    faults: int = Field(description="How many faults were repeated.")


class ExecutionHistoryAnswer(ListAnswer[StateAnswer]):
    """What an execution went through, state by state, in order."""

    record_id: str
    execution: ExecutionAnswer
    executions: list[ExecutionAnswer] = Field(
        description="All of the record that are known, newest first; the last 25."
    )
    definition: dict[str, Any] = Field(
        description="Of this very execution, in Amazon States Language."
    )
    aws_console_url: str | None = Field(
        description="The page of this very execution in the console of AWS; null where it does "
        "not run there."
    )


def show_history(
    record_id: str, history: ExecutionHistory, aws_console_url: str | None
) -> ExecutionHistoryAnswer:
    """Show a page of what an execution went through."""
    return ExecutionHistoryAnswer(
        record_id=record_id,
        execution=_execution(history.execution),
        executions=[_execution(execution) for execution in history.executions],
        definition=dict(history.definition),
        aws_console_url=aws_console_url,
        items=[_state(visit) for visit in history.visits.items],
        cursor=history.visits.cursor,
    )


def _state(visit: StateVisit) -> StateAnswer:
    return StateAnswer(
        name=visit.name,
        type=visit.state_type,
        entered_at=to_text(visit.entered_at),
        left_at=optional_text(visit.left_at),
        input=None if visit.input is None else dict(visit.input),
        output=None if visit.output is None else dict(visit.output),
        error=visit.error,
        faults=visit.faults,
    )


LIST = Route(
    "GET",
    "/executions",
    Scope.BILLING_READ,
    "List the executions of the dunning workflow, all or those of a status",
    operation_id="listExecutions",
    query=ExecutionListQuery,
    response=DunningRunListAnswer,
    statuses={200: "Executions, newest first, each with its record and the attempts."},
)

READ = Route(
    "GET",
    "/executions/{recordId}",
    Scope.BILLING_READ,
    "Read the dunning that a billing record leads or led",
    operation_id="getExecution",
    response=DunningRunAnswer,
    statuses={200: "The attempts, when the next one is due, and all executions."},
    own_errors=(RecordNotFoundError, ExecutionNotFoundError),
)

HISTORY = Route(
    "GET",
    "/executions/{recordId}/history",
    Scope.BILLING_READ,
    "Read what an execution went through, state by state",
    operation_id="getExecutionHistory",
    query=HistoryQuery,
    response=ExecutionHistoryAnswer,
    statuses={200: "Its definition, and the states in the order in which they were entered."},
    own_errors=(RecordNotFoundError, ExecutionNotFoundError),
)

ROUTES = (LIST, READ, HISTORY)
