"""Faults of AWS that pass are told as such by every adapter, and no other fault is hidden."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from billing.domain.errors import UnavailableError
from billing.domain.tabs import TabRef
from billing.edge.aws.passing import passes
from billing.edge.aws.settle_queue import sqs_settle_queue
from billing.edge.aws.work_queue import SqsWorkQueue
from billing.services.work import Work

WHERE = "https://sqs.example"


def refusal(status: int, code: str) -> ClientError:
    """Make what botocore raises for an answer that is an error."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Call")


PASSING = {
    "no-connection": EndpointConnectionError(endpoint_url=WHERE),
    "slow-connection": ConnectTimeoutError(endpoint_url=WHERE),
    "slow-answer": ReadTimeoutError(endpoint_url=WHERE),
    "server-error": refusal(500, "InternalFailure"),
    "bare-gateway": refusal(502, "502"),
    "slow-down": refusal(503, "SlowDown"),
    "throttled": refusal(400, "ThrottlingException"),
    "queue-throttled": refusal(403, "RequestThrottled"),
    "key-throttled": refusal(400, "AWS.SimpleQueueService.KmsThrottled"),
}

LASTING = {
    "denied": refusal(403, "AccessDenied"),
    "no-queue": refusal(400, "AWS.SimpleQueueService.NonExistentQueue"),
    "no-credentials": NoCredentialsError(),
    "defect": ValueError("no"),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_known(name: str) -> None:
    assert passes(PASSING[name])


@pytest.mark.parametrize("name", LASTING)
def test_what_somebody_must_mend_does_not_pass(name: str) -> None:
    assert not passes(LASTING[name])


class BrokenSqs:
    """Fails each call with the same error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_queue_attributes(self, **_request: object) -> None:
        """Fail."""
        raise self.error

    def send_message_batch(self, **_request: object) -> None:
        """Fail."""
        raise self.error


CALLS: dict[str, Callable[[SqsWorkQueue[Work]], object]] = {
    "waiting": lambda queue: queue.waiting(),
    "send": lambda queue: queue.send([TabRef("acme", 0), "acme"]),
    "send-alone": lambda queue: queue.send_alone([TabRef("acme", 0)]),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", PASSING)
def test_a_queue_that_cannot_be_reached_is_unavailable(call: str, name: str) -> None:
    queue = sqs_settle_queue(BrokenSqs(PASSING[name]), "url")  # type: ignore[arg-type]  # A fake.

    with pytest.raises(UnavailableError):
        CALLS[call](queue)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", LASTING)
def test_a_queue_that_is_set_up_wrong_is_told_as_it_is(call: str, name: str) -> None:
    queue = sqs_settle_queue(BrokenSqs(LASTING[name]), "url")  # type: ignore[arg-type]  # A fake.

    with pytest.raises(type(LASTING[name])):
        CALLS[call](queue)
