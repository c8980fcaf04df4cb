"""The dunning workflow as Step Functions runs it: starting it, and looking up what ran."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.domain.records import MANUAL_SERIES, RecordId
from billing.edge.aws.aws_console import execution_url
from billing.edge.aws.clients import CONNECTIONS_MAX
from billing.edge.aws.passing import code_of, passes
from billing.edge.observability import logger
from billing.services.executions import Execution, ExecutionStatus
from billing.services.paging import Page, not_a_cursor
from billing.storage.dynamo import Backoff

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient
    from mypy_boto3_stepfunctions.type_defs import (
        DescribeExecutionOutputTypeDef,
        ExecutionListItemTypeDef,
        ListExecutionsOutputTypeDef,
    )

    from billing.services.dunning import WorkflowStart

# Step Functions takes no longer name. A digest leaves ten digits for the number of the start, more
# than a record can ever use at one start a minute.
NAME_LENGTH_MAX = 80
_DIGEST_CHARACTERS = 32
_READABLE_CHARACTERS = 36
# Stands for the series of charges by hand in a name, and is no number of a tab.
_MANUAL = "m"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# A name may have letters, digits, `-` and `_` where executions are to be logged.
_WRITTEN = {"_": "_u", ".": "_d", ":": "_c", "~": "__"}
_READ = {written: character for character, written in _WRITTEN.items()}

# Of a workflow that has to be started anew each minute, nobody reads more than this; nor is more
# looked up for a page of a list.
EXECUTIONS_OF_RECORD_MAX = 25
DESCRIBED_OF_PAGE_MAX = 25

# The longest token that Step Functions gives, and what it is made of.
_TOKEN = re.compile(r"[\x21-\x7e]{1,3096}")

_NOT_THERE = "ExecutionDoesNotExist"

type Calling = Callable[..., Any]


def execution_name(record_id: RecordId, starts: int) -> str:
    """Name the execution of a record that was started anew `starts` times before.

    The name tells the record, so that a list need not ask what each execution was started with.
    Where that does not fit, its beginning is for people, and a digest of the whole id keeps names
    apart: they end in `-` and a number, the others in `_` and a number.
    """
    text = str(record_id)
    whole = f"{re.sub(r'[_.:~]', lambda match: _WRITTEN[match[0]], _shortened(text))}__{starts}"
    if len(whole) <= NAME_LENGTH_MAX:
        return whole
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", text)[:_READABLE_CHARACTERS]
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"{readable}-{digest}-{starts}"


def record_of(name: str) -> RecordId | None:
    """Read the record out of a name; None where a name does not tell it, or is none of ours."""
    written, _, starts = name.rpartition("__")
    text = re.sub(r"_.", lambda match: _READ.get(match[0], " "), written)
    try:
        record_id = RecordId.parse(_in_full(text))
        ours = execution_name(record_id, int(starts)) == name
    except ValueError:
        return None
    return record_id if ours else None


def _shortened(record_id: str) -> str:
    """Leave the hyphens out of the UUID of a charge by hand, so that beside a UUID of a customer it
    fits into a name.
    """
    customer_id, series, name = record_id.split("~")
    if series == MANUAL_SERIES and _UUID.fullmatch(name):
        return f"{customer_id}~{_MANUAL}~{name.replace('-', '')}"
    return record_id


def _in_full(text: str) -> str:
    """Write a record's id as it was before it was shortened."""
    customer_id, separator, name = text.partition(f"~{_MANUAL}~")
    return f"{customer_id}~{MANUAL_SERIES}~{UUID(name)}" if separator else text


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
            self.call(
                self.client.start_execution,
                stateMachineArn=self.state_machine_arn,
                name=name,
                input=_input(start),
            )
        except ClientError as error:
            if code_of(error) != "ExecutionAlreadyExists":
                raise
            # That is the answer for one that has ended, and also for one that runs where the time
            # left to wait is another by now.
            return self._is_running(name)
        return True

    def newest_first(
        self, *, limit: int, cursor: str | None, status: ExecutionStatus | None = None
    ) -> Page[Execution]:
        """List executions, leaving out those that this system did not start.

        Only those are looked up whose name does not tell the record, or that a fault ended. A page
        with too many of them is asked for again, as short as that.

        The cursor is the token of Step Functions, which is opaque already. Raises InvalidInputError
        for one that it did not give, and UnavailableError.
        """
        listed = self._list(limit, cursor, status)
        untold = [each["executionArn"] for each in listed["executions"] if _told(each) is None]
        if len(untold) > DESCRIBED_OF_PAGE_MAX:
            return self.newest_first(limit=DESCRIBED_OF_PAGE_MAX, cursor=cursor, status=status)
        described = dict(zip(untold, self._describe_all(untold), strict=True))
        found = [_told(each) or described[each["executionArn"]] for each in listed["executions"]]
        return Page([each for each in found if each is not None], listed.get("nextToken"))

    def _list(
        self, limit: int, cursor: str | None, status: ExecutionStatus | None
    ) -> "ListExecutionsOutputTypeDef":
        request: dict[str, Any] = {"stateMachineArn": self.state_machine_arn, "maxResults": limit}
        if status is not None:
            request["statusFilter"] = status.upper()
        if cursor is not None:
            if not _TOKEN.fullmatch(cursor):
                raise not_a_cursor()
            request["nextToken"] = cursor
        try:
            listed: ListExecutionsOutputTypeDef = self.call(self.client.list_executions, **request)
        except ClientError as error:
            if cursor is not None and code_of(error) in {"InvalidToken", "ValidationException"}:
                raise not_a_cursor() from error
            raise
        return listed

    def of_record(self, record_id: RecordId, *, starts: int) -> list[Execution]:
        """Find the executions of a record, newest first, and no more of them than
        `EXECUTIONS_OF_RECORD_MAX`. Raises UnavailableError.
        """
        oldest = max(0, starts + 1 - EXECUTIONS_OF_RECORD_MAX)
        names = [execution_name(record_id, number) for number in range(starts, oldest - 1, -1)]
        described = self._describe_all([self.execution_arn(name) for name in names])
        return [execution for execution in described if execution is not None]

    def execution_arn(self, name: str) -> str:
        """Spell out the ARN of an execution."""
        return f"{self.state_machine_arn.replace(':stateMachine:', ':execution:')}:{name}"

    def console_url(self, name: str) -> str | None:
        """Tell where the console of AWS shows an execution; None where it does not run there."""
        return execution_url(self.execution_arn(name), self.client.meta.endpoint_url)

    def _is_running(self, name: str) -> bool:
        # A description may lag behind the start that it describes.
        described = self.call(
            self.client.describe_execution,
            also=frozenset({_NOT_THERE}),
            executionArn=self.execution_arn(name),
        )
        return bool(described["status"] == "RUNNING")

    def _describe_all(self, arns: Sequence[str]) -> list[Execution | None]:
        """Describe executions side by side, each in its place."""
        if not arns:
            return []
        with ThreadPoolExecutor(max_workers=CONNECTIONS_MAX) as pool:
            return list(pool.map(self._describe, arns))

    def _describe(self, arn: str) -> Execution | None:
        """Describe an execution; None where its history is no longer kept, or is not ours."""
        try:
            described = self.call(self.client.describe_execution, executionArn=arn)
        except ClientError as error:
            if code_of(error) == _NOT_THERE:
                return None
            raise
        return _execution(described)

    def call(
        self,
        operation: Calling,
        *,
        also: frozenset[str] = frozenset(),
        **request: object,
    ) -> Any:  # noqa: ANN401 - botocore answers are dictionaries of a shape each operation has
        """Call Step Functions until it answers, or no time is left to try again; the codes of
        `also` pass as well.
        """
        attempt = 0
        while True:
            try:
                return operation(**request)
            except (ClientError, BotocoreConnectionError, HTTPClientError) as error:
                known = isinstance(error, ClientError) and code_of(error) in also
                if not known and not passes(error):
                    raise
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


def _told(listed: "ExecutionListItemTypeDef") -> Execution | None:
    """Read an execution from a list, where that tells all there is to tell of it."""
    record_id = record_of(listed["name"])
    if record_id is None or listed["status"] not in {"RUNNING", "SUCCEEDED"}:
        return None
    return Execution(
        name=listed["name"],
        record_id=record_id,
        status=ExecutionStatus(listed["status"].lower()),
        started_at=listed["startDate"],
        stopped_at=listed.get("stopDate"),
        error=None,
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
