"""Faults of AWS at chosen calls, most of DynamoDB: emulators never raise these by themselves.

A fault strikes before a request takes effect, or after it, when only the answer is lost.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.model import OperationModel

from tests.support.faithful import Answer, answer, body_of, refusal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_stepfunctions.client import SFNClient


class ProcessKilledError(BaseException):
    """The process is gone; none of its code may catch this and run on."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way: its number among all, and among those of its operation, from 1."""

    number: int
    operation: str
    occurrence: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call: `before` may answer it or raise, `after` may raise.

    `operations` are those that are worth striking one by one, None meaning all.
    """

    name: str
    before: Callable[[Call], Answer | None] | None = None
    after: Callable[[Call], None] | None = None
    operations: frozenset[str] | None = None

    def __str__(self) -> str:
        """Name the fault in the id of a test."""
        return self.name


type Plan = Callable[[Call], Fault | None]


def at(number: int, fault: Fault) -> Plan:
    """Strike one call."""
    return lambda call: fault if call.number == number else None


def on(operation: str, fault: Fault, *, occurrence: int = 1) -> Plan:
    """Strike one call of an operation."""
    return lambda call: (
        fault if (call.operation, call.occurrence) == (operation, occurrence) else None
    )


def always(fault: Fault, *, operation: str | None = None) -> Plan:
    """Strike every call, or every one of an operation."""
    return lambda call: fault if operation in {None, call.operation} else None


def from_call(number: int, fault: Fault) -> Plan:
    """Strike a call and all that come after it."""
    return lambda call: fault if call.number >= number else None


def meanwhile(action: Callable[[], object]) -> Fault:
    """Let something else happen before the call does, as another process would make it."""

    def act(_call: Call) -> None:
        action()

    return Fault("meanwhile", before=act)


def _throttle(_call: Call) -> Answer:
    return refusal("ProvisionedThroughputExceededException", "Slow down")


def _fail(_call: Call) -> Answer:
    return refusal("InternalServerError", "Something broke", status=500)


def _fail_after(call: Call) -> None:
    _, parsed = refusal("InternalServerError", "Something broke", status=500)
    raise ClientError(parsed, call.operation)  # type: ignore[arg-type]


def _time_out(_call: Call) -> None:
    raise ReadTimeoutError(endpoint_url="https://dynamodb.test")


def _kill(_call: Call) -> None:
    raise ProcessKilledError


def cancellation(codes: Mapping[int, str], call: Call) -> Answer:
    """Cancel a transaction for the reasons given by position, negative ones from its end."""
    count = len(call.body["TransactItems"])
    by_position = {position % count: code for position, code in codes.items()}
    reasons = [{"Code": by_position.get(position, "None")} for position in range(count)]
    return refusal(
        "TransactionCanceledException", "Transaction cancelled", CancellationReasons=reasons
    )


def cancelled(codes: Mapping[int, str], *, because: Callable[[], object]) -> Fault:
    """Let something else happen, and cancel a transaction for what came of it, by position."""

    def act(call: Call) -> Answer:
        because()
        return cancellation(codes, call)

    return Fault("cancelled", before=act)


def _meet_conflict(call: Call) -> Answer | None:
    if call.operation == "TransactWriteItems":
        return cancellation({-1: "TransactionConflict"}, call)
    if call.operation == "UpdateItem":
        return refusal("TransactionConflictException", "A transaction is ongoing for the item")
    return None


def _leave_unprocessed(call: Call) -> Answer | None:
    if call.operation != "BatchGetItem":
        return None
    return answer(200, Responses={}, UnprocessedKeys=call.body["RequestItems"])


_WRITES = frozenset({"TransactWriteItems", "UpdateItem"})

THROTTLED = Fault("throttled", before=_throttle)
CONFLICT = Fault("conflict", before=_meet_conflict, operations=_WRITES)
FAILED = Fault("failed", before=_fail)
FAILED_AFTER_EFFECT = Fault("failed-after-effect", after=_fail_after, operations=_WRITES)
TIMED_OUT = Fault("timed-out", before=_time_out)
ANSWER_LOST = Fault("answer-lost", after=_time_out, operations=_WRITES)
UNPROCESSED = Fault(
    "unprocessed", before=_leave_unprocessed, operations=frozenset({"BatchGetItem"})
)
KILLED_BEFORE = Fault("killed-before", before=_kill)
KILLED_AFTER = Fault("killed-after", after=_kill)

# Those that DynamoDB documents to pass by themselves.
PASSING = (THROTTLED, CONFLICT, FAILED_AFTER_EFFECT, TIMED_OUT, ANSWER_LOST)


def die_at(number: int, kill: Fault) -> Plan:
    """Kill the process at a call; whatever of it still runs gets no call out any more."""

    def plan(call: Call) -> Fault | None:
        if call.number == number:
            return kill
        return KILLED_BEFORE if call.number > number else None

    return plan


class Faults:
    """Watches the calls of a client and does to them what the plan of the moment says."""

    def __init__(self, client: "DynamoDBClient | SFNClient") -> None:
        """Begin to watch; nothing strikes yet."""
        self.calls: list[Call] = []
        self._plan: Plan = lambda _call: None
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._aside = threading.local()
        # The stubs of botocore forget that a handler may answer a call itself.
        events: Any = client.meta.events
        service = client.meta.service_model.service_id.hyphenize()
        events.register(f"before-call.{service}", self._before)
        events.register(f"after-call.{service}", self._after)

    @contextmanager
    def planned(self, plan: Plan) -> Iterator[None]:
        """Count calls from 1 and strike those that the plan chooses, until the block ends."""
        self.calls, self._counts = [], Counter()
        before, self._plan = self._plan, plan
        try:
            yield
        finally:
            self._plan = before

    def count(self, action: Callable[[], object]) -> int:
        """Count the calls that something takes when nothing strikes."""
        with self.planned(lambda _call: None):
            action()
        return len(self.calls)

    def _before(
        self,
        *,
        model: OperationModel,
        params: Mapping[str, Any],
        context: dict[str, Any],
        **_: object,
    ) -> Answer | None:
        if getattr(self._aside, "busy", False):
            return None
        call = self._numbered(model.name, body_of(params))
        fault = self._plan(call)
        if fault is None:
            return None
        context["strike_after"] = (call, fault)
        return None if fault.before is None else self._strike(fault.before, call)

    def _strike(self, before: Callable[[Call], Answer | None], call: Call) -> Answer | None:
        """Strike, leaving alone the calls that the fault itself makes."""
        self._aside.busy = True
        try:
            return before(call)
        finally:
            self._aside.busy = False

    def _numbered(self, operation: str, body: Mapping[str, Any]) -> Call:
        with self._counting:
            self._counts[operation] += 1
            call = Call(len(self.calls) + 1, operation, self._counts[operation], body)
            self.calls.append(call)
        return call

    def _after(self, *, context: dict[str, Any], **_: object) -> None:
        call, fault = context.pop("strike_after", (None, None))
        if fault is not None and fault.after is not None:
            fault.after(call)
