"""The gateway: what is tried again, for how long, and what a cancelled transaction tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.storage.dynamo import BACKOFF_BASE_SECONDS, BACKOFF_CAP_SECONDS, Backoff, Dynamo
from billing.storage.items import whole
from billing.storage.writes import (
    Check,
    ConditionFailedError,
    Put,
    TransactionCancelledError,
    TransactionThrottledError,
    Update,
)
from tests.support.clock import SettableMonotonic
from tests.support.naming import in_words

PUT = Put("t", {"pk": "a", "sk": "b"}, "attribute_not_exists(#pk)")
CHECK = Check("t", {"pk": "c", "sk": "d"}, "attribute_exists(#pk)")
UPDATE = Update("t", {"pk": "e", "sk": "f"}, "SET #x = :x", "#x = :y", {":x": 1, ":y": 2})

TIME_OUTS = [ReadTimeoutError(endpoint_url="u"), ConnectTimeoutError(endpoint_url="u")]
PASSING = [
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
]
FINAL = [
    "AccessDeniedException",
    "IdempotentParameterMismatchException",
    "ResourceNotFoundException",
    "ValidationException",
]


def error(code: str, **content: object) -> ClientError:
    """Make the error that botocore raises for a code."""
    return ClientError({"Error": {"Code": code}, **content}, "Operation")  # type: ignore[typeddict-item]


def cancelled(*codes: str, item: Mapping[str, Any] | None = None) -> ClientError:
    """Make a cancelled transaction; failed conditions show the item."""
    reasons = [
        {"Code": code, **({"Item": item} if item and code == "ConditionalCheckFailed" else {})}
        for code in codes
    ]
    return error("TransactionCanceledException", CancellationReasons=reasons)


@dataclass
class ScriptedClient:
    """Answers with what the script says, one call after another; its last line repeats."""

    script: Sequence[Exception | Mapping[str, Any]]
    requests: list[dict[str, Any]] = field(default_factory=list)

    def _call(self, **request: object) -> Mapping[str, Any]:
        step = self.script[min(len(self.requests), len(self.script) - 1)]
        self.requests.append(request)
        if isinstance(step, Exception):
            raise step
        return step

    get_item = update_item = transact_write_items = batch_get_item = query = _call


def gateway(
    *script: Exception | Mapping[str, Any], patience_seconds: float = 10.0
) -> tuple[Dynamo, ScriptedClient, SettableMonotonic]:
    """Open a gateway over a scripted client, with time that only passes in pauses."""
    monotonic = SettableMonotonic()
    client = ScriptedClient(script)
    backoff = Backoff(sleep=monotonic.sleep, uniform=lambda _low, high: high)
    deadline = Deadline.after(patience_seconds, monotonic)
    return Dynamo(cast("Any", client), deadline, backoff), client, monotonic


@pytest.mark.parametrize(
    "fault", [*map(error, PASSING), *TIME_OUTS], ids=lambda fault: in_words(str(fault))
)
def test_what_passes_by_itself_is_tried_again(fault: Exception) -> None:
    dynamo, client, monotonic = gateway(fault, fault, {"Item": {"n": {"N": "1"}}})

    assert dynamo.get("t", {"pk": "a"}) == {"n": Decimal(1)}
    assert len(client.requests) == 3
    assert monotonic.slept == [BACKOFF_BASE_SECONDS, 2 * BACKOFF_BASE_SECONDS]


@pytest.mark.parametrize("code", FINAL)
def test_what_never_passes_is_raised_at_once(code: str) -> None:
    dynamo, client, monotonic = gateway(error(code))

    with pytest.raises(ClientError):
        dynamo.get("t", {"pk": "a"})
    assert len(client.requests) == 1
    assert monotonic.slept == []


@pytest.mark.parametrize(
    "fault", [error("ThrottlingException"), TIME_OUTS[0]], ids=lambda fault: in_words(str(fault))
)
def test_what_does_not_pass_in_time_is_unavailable(fault: Exception) -> None:
    dynamo, client, monotonic = gateway(fault, patience_seconds=5.0)

    with pytest.raises(UnavailableError) as given_up:
        dynamo.get("t", {"pk": "a"})
    assert given_up.value.__cause__ is fault
    assert len(client.requests) == len(monotonic.slept) + 1
    assert 4.0 < monotonic.seconds < 5.0


def test_without_time_left_there_is_one_try_and_no_pause() -> None:
    dynamo, client, monotonic = gateway(error("ThrottlingException"), patience_seconds=0.0)

    with pytest.raises(UnavailableError):
        dynamo.get("t", {"pk": "a"})
    assert (len(client.requests), monotonic.slept) == (1, [])


@given(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 10))
def test_pauses_have_full_jitter_below_a_bound_and_before_the_deadline(
    attempt: int, share: float, patience_seconds: float
) -> None:
    monotonic = SettableMonotonic()
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return low + share * (high - low)

    backoff = Backoff(sleep=monotonic.sleep, uniform=uniform)
    went_on = backoff.pause(attempt, Deadline.after(patience_seconds, monotonic))

    [(low, high)] = bounds
    assert low == 0.0
    assert high == min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2 ** min(attempt, 16))
    assert went_on == (share * high < patience_seconds)
    assert sum(monotonic.slept) == (share * high if went_on else 0.0)


def test_all_tries_of_a_transaction_carry_one_token_and_the_next_has_its_own() -> None:
    dynamo, client, _ = gateway(TIME_OUTS[0], error("TransactionInProgressException"), {})

    dynamo.transact([PUT])
    dynamo.transact([PUT])

    tokens = [request["ClientRequestToken"] for request in client.requests]
    assert len(tokens) == 4
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]


def test_a_transaction_of_more_writes_than_dynamodb_takes_is_never_sent() -> None:
    dynamo, client, _ = gateway({})

    with pytest.raises(ValueError, match="at most 100"):
        dynamo.transact([PUT] * 101)
    assert client.requests == []


@pytest.mark.parametrize(
    "codes",
    [
        ("None", "TransactionConflict"),
        ("ThrottlingError", "None"),
        ("ProvisionedThroughputExceeded", "TransactionConflict"),
        (),
    ],
)
def test_a_transaction_cancelled_by_what_passes_is_tried_again(codes: tuple[str, ...]) -> None:
    dynamo, client, _ = gateway(cancelled(*codes), {})

    dynamo.transact([PUT, CHECK])

    assert len(client.requests) == 2


def test_a_conflict_is_told_to_a_caller_who_would_rather_go_elsewhere() -> None:
    dynamo, client, monotonic = gateway(cancelled("None", "TransactionConflict"))

    with pytest.raises(TransactionCancelledError) as refused:
        dynamo.transact([PUT, UPDATE], retry_conflicts=False)

    assert (len(client.requests), monotonic.slept) == (1, [])
    assert not refused.value.contention_on(PUT)
    assert refused.value.contention_on(UPDATE)
    assert refused.value.failure_of(UPDATE) is None


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_throttled_write_is_told_to_a_caller_who_would_rather_go_elsewhere(code: str) -> None:
    dynamo, client, monotonic = gateway(cancelled("None", code))

    with pytest.raises(TransactionCancelledError) as refused:
        dynamo.transact([PUT, UPDATE], retry_throttling=False)

    assert (len(client.requests), monotonic.slept) == (1, [])
    assert [refused.value.throttled(write) for write in (PUT, UPDATE)] == [False, True]
    assert refused.value.failure_of(UPDATE) is None


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_a_transaction_throttled_as_a_whole_is_told_likewise(code: str) -> None:
    dynamo, client, monotonic = gateway(error(code))

    with pytest.raises(TransactionThrottledError):
        dynamo.transact([PUT, UPDATE], retry_throttling=False)

    assert (len(client.requests), monotonic.slept) == (1, [])


@pytest.mark.parametrize(
    "fault",
    [error("RequestLimitExceeded"), cancelled("None", "TransactionConflict"), TIME_OUTS[0]],
    ids=["account", "conflict", "time-out"],
)
def test_who_would_flee_throttling_waits_for_all_else(fault: Exception) -> None:
    dynamo, client, _ = gateway(fault, {})

    dynamo.transact([PUT, UPDATE], retry_throttling=False)

    assert len(client.requests) == 2


@pytest.mark.parametrize("other", ["None", "TransactionConflict", "ThrottlingError"])
def test_a_failed_condition_is_told_with_its_item_whatever_else_happened(other: str) -> None:
    dynamo, client, _ = gateway(cancelled("ConditionalCheckFailed", other, item={"n": {"N": "7"}}))

    with pytest.raises(TransactionCancelledError) as refused:
        dynamo.transact([PUT, CHECK])

    assert len(client.requests) == 1
    failure = refused.value.failure_of(PUT)
    assert failure is not None
    assert failure.item == {"n": Decimal(7)}
    assert refused.value.failure_of(CHECK) is None
    with pytest.raises(ValueError, match="not part"):
        refused.value.failure_of(UPDATE)


def test_a_failed_condition_on_nothing_has_no_item() -> None:
    dynamo, _, _ = gateway(cancelled("ConditionalCheckFailed"))

    with pytest.raises(TransactionCancelledError) as refused:
        dynamo.transact([UPDATE])

    failure = refused.value.failure_of(UPDATE)
    assert failure is not None
    assert failure.item is None


def test_a_transaction_that_can_never_succeed_is_no_matter_of_conditions() -> None:
    dynamo, client, _ = gateway(cancelled("None", "ValidationError"))

    with pytest.raises(ClientError):
        dynamo.transact([PUT, UPDATE])
    assert len(client.requests) == 1


def test_a_refused_update_tells_the_item_in_its_way() -> None:
    refusal = error("ConditionalCheckFailedException", Item={"x": {"N": "3"}})
    dynamo, client, _ = gateway(refusal)

    with pytest.raises(ConditionFailedError) as refused:
        dynamo.update(UPDATE)

    assert refused.value.item == {"x": Decimal(3)}
    assert len(client.requests) == 1


def test_every_name_of_an_expression_is_aliased() -> None:
    dynamo, client, _ = gateway({"Attributes": {}})
    dynamo.update(UPDATE)

    [request] = client.requests
    assert request["ExpressionAttributeNames"] == {"#x": "x"}
    assert request["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_page_without_items_that_is_not_the_last_is_read_on_from() -> None:
    item, key = {"pk": {"S": "a"}}, {"pk": {"S": "b"}}
    dynamo, client, _ = gateway(
        {"Items": [], "LastEvaluatedKey": key},
        {"Items": [], "LastEvaluatedKey": {"pk": {"S": "c"}}},
        {"Items": [item], "LastEvaluatedKey": item},
    )

    page = dynamo.query("t", condition="#pk = :pk", values={":pk": "a"}, limit=3)

    assert (page.items, page.last_key) == ([{"pk": "a"}], {"pk": "a"})
    starts = [request.get("ExclusiveStartKey") for request in client.requests]
    assert starts[1:] == [key, {"pk": {"S": "c"}}]


def batch(keys: Sequence[str], unprocessed: Sequence[str] = ()) -> Mapping[str, Any]:
    """Make the answer of a BatchGetItem."""
    left = {"t": {"Keys": [{"pk": {"S": key}} for key in unprocessed]}} if unprocessed else {}
    return {"Responses": {"t": [{"pk": {"S": key}} for key in keys]}, "UnprocessedKeys": left}


def test_keys_that_a_batch_left_out_are_asked_for_again() -> None:
    dynamo, client, monotonic = gateway(
        batch(["a"], ["b", "c"]), batch([], ["b", "c"]), batch("bc")
    )

    found = dynamo.get_many("t", [{"pk": key} for key in "abc"])

    assert [item["pk"] for item in found] == ["a", "b", "c"]
    asked = [request["RequestItems"]["t"]["Keys"] for request in client.requests]
    assert [len(keys) for keys in asked] == [3, 2, 2]
    assert len(monotonic.slept) == 2


def test_keys_that_are_always_left_out_are_unavailable() -> None:
    dynamo, _, monotonic = gateway(batch([], ["a"]), patience_seconds=3.0)

    with pytest.raises(UnavailableError):
        dynamo.get_many("t", [{"pk": "a"}])
    assert monotonic.seconds < 3.0


@pytest.mark.parametrize(("count", "calls"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_many_keys_are_read_a_hundred_at_a_time(count: int, calls: int) -> None:
    dynamo, client, _ = gateway(batch([]))

    assert dynamo.get_many("t", [{"pk": str(n)} for n in range(count)]) == []
    assert len(client.requests) == calls


@pytest.mark.parametrize("text", ["0.5", "-1.000000000000000001"])
def test_a_number_that_must_be_whole_and_is_not_is_a_fault(text: str) -> None:
    with pytest.raises(ValueError, match="not an integer"):
        whole(Decimal(text))


@pytest.mark.parametrize("number", [0, -7, 10**15])
def test_a_whole_number_is_read_exactly(number: int) -> None:
    assert whole(Decimal(number)) == number
    assert type(whole(Decimal(number))) is int
