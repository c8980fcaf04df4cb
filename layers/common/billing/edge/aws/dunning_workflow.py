"""The dunning workflow as Step Functions runs it: starting it, and looking up what ran."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.domain.records import RecordId
from billing.edge.aws.clients import CONNECTIONS_MAX
from billing.edge.observability import logger
from billing.services.executions import Execution, ExecutionStatus
from billing.services.paging import Page, not_a_cursor
from billing.storage.dynamo import Backoff

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from billing.services.dunning import WorkflowStart

# Step Functions takes no longer name. Beside the digest and two hyphens this leaves ten digits for
# the number of the start, more than a record can ever use at one start a minute.
NAME_LENGTH_MAX = 80
_DIGEST_CHARACTERS = 32
_READABLE_CHARACTERS = 36

# Of a workflow that has to be started anew each minute, nobody reads more than this.
EXECUTIONS_OF_RECORD_MAX = 25

# The longest token that Step Functions gives, and what it is made of.
_TOKEN = re.compile(r"[\x21-\x7e]{1,3096}")

# Codes for which the same call may succeed later; so may any answer of the 500s.
_PASSING_CODES = frozenset(
    {"ExecutionLimitExceeded", "KmsThrottlingException", "ThrottlingException"}
)
_SERVER_ERROR = 500

type Calling = Callable[..., Any]


def execution_name(record_id: RecordId, starts: int) -> str:
    """Name the execution of a record that was started anew `starts` times before.

    The name may have letters, digits, `-` and `_`, and a record's id has more than fits: its
    readable beginning is for people, the digest of the whole id keeps names apart.
    """
    text = str(record_id)
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", text)[:_READABLE_CHARACTERS]
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{readable}-{digest}-{starts}"


@dataclass(frozen=True, slots=True)
class StepFunctionsWorkflow:
    """The state machine, for one invocation with its deadline.

    Faults that pass by themselves are retried with jitter for as long as the invocation has time,
    and become UnavailableError; any other is raised as it is.
    """

    client: "SFNClient"
    state_machine_arn: str
    deadline: Deadline
    backoff: Backoff

    def until(self, deadline: Deadline) -> "StepFunctionsWorkflow":
        """Do the same with less time."""
        return replace(self, deadline=deadline)

    def start(self, start: "WorkflowStart") -> bool:
        """Start a workflow, or do nothing where the same one runs; False where it has ended.

        Raises UnavailableError.
        """
        name = execution_name(start.record_id, start.starts)
        try:
            self._call(
                self.client.start_execution,
                stateMachineArn=self.state_machine_arn,
                name=name,
                input=_input(start),
            )
        except ClientError as error:
            if _code(error) != "ExecutionAlreadyExists":
                raise
            # That is the answer for one that has ended, and also for one that runs where the time
            # left to wait is another by now.
            return self._is_running(name)
        return True

    def newest_first(self, *, limit: int, cursor: str | None) -> Page[Execution]:
        """List executions, leaving out those that this system did not start.

        The cursor is the token of Step Functions, which is opaque already. Raises
        InvalidInputError for one that it did not give, and UnavailableError.
        """
        request: dict[str, Any] = {"stateMachineArn": self.state_machine_arn, "maxResults": limit}
        if cursor is not None:
            if not _TOKEN.fullmatch(cursor):
                raise not_a_cursor()
            request["nextToken"] = cursor
        try:
            listed = self._call(self.client.list_executions, **request)
        except ClientError as error:
            if cursor is not None and _code(error) in {"InvalidToken", "ValidationException"}:
                raise not_a_cursor() from error
            raise
        found = self._describe_all([each["executionArn"] for each in listed["executions"]])
        return Page(found, listed.get("nextToken"))

    def of_record(self, record_id: RecordId, *, starts: int) -> list[Execution]:
        """Find the executions of a record, newest first, and no more of them than
        `EXECUTIONS_OF_RECORD_MAX`. Raises UnavailableError.
        """
        oldest = max(0, starts + 1 - EXECUTIONS_OF_RECORD_MAX)
        names = [execution_name(record_id, number) for number in range(starts, oldest - 1, -1)]
        return self._describe_all([self._arn(name) for name in names])

    def _arn(self, name: str) -> str:
        return f"{self.state_machine_arn.replace(':stateMachine:', ':execution:')}:{name}"

    def _is_running(self, name: str) -> bool:
        # A description may lag behind the start that it describes.
        described = self._call(
            self.client.describe_execution,
            passing_codes=_PASSING_CODES | {"ExecutionDoesNotExist"},
            executionArn=self._arn(name),
        )
        return bool(described["status"] == "RUNNING")

    def _describe_all(self, arns: Sequence[str]) -> list[Execution]:
        """Describe executions side by side, because a page has up to a hundred."""
        with ThreadPoolExecutor(max_workers=CONNECTIONS_MAX) as pool:
            described = list(pool.map(self._describe, arns))
        return [execution for execution in described if execution is not None]

    def _describe(self, arn: str) -> Execution | None:
        """Describe an execution; None where its history is no longer kept, or is not ours."""
        try:
            described = self._call(self.client.describe_execution, executionArn=arn)
        except ClientError as error:
            if _code(error) == "ExecutionDoesNotExist":
                return None
            raise
        return _execution(described)

    def _call(
        self,
        operation: Calling,
        *,
        passing_codes: frozenset[str] = _PASSING_CODES,
        **request: object,
    ) -> Any:  # noqa: ANN401 - botocore answers are dictionaries of a shape each operation has
        """Call Step Functions until it answers, or no time is left to try again."""
        attempt = 0
        while True:
            try:
                return operation(**request)
            except ClientError as error:
                status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
                if _code(error) not in passing_codes and status < _SERVER_ERROR:
                    raise
                cause: Exception = error
            except (BotocoreConnectionError, HTTPClientError) as error:
                cause = error
            if not self.backoff.pause(attempt, self.deadline):
                raise UnavailableError("Step Functions is busy; try again") from cause
            attempt += 1


def _input(start: "WorkflowStart") -> str:
    """Write what the state machine begins with."""
    return json.dumps(
        {
            "customerId": start.record_id.customer_id,
            "recordId": str(start.record_id),
            "attempt": start.attempt,
            "waitSeconds": start.wait_seconds,
        }
    )


def _execution(described: "DescribeExecutionOutputTypeDef") -> Execution | None:
    try:
        record_id = RecordId.parse(json.loads(described["input"])["recordId"])
    except (AttributeError, KeyError, TypeError, ValueError):
        # Somebody started it by hand, with an input of their own.
        logger.warning("An execution names no record", execution=described["name"])
        return None
    return Execution(
        name=described["name"],
        record_id=record_id,
        status=ExecutionStatus(described["status"].lower()),
        started_at=described["startDate"],
        stopped_at=described.get("stopDate"),
        error=described.get("error"),
    )


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
