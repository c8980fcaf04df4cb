"""Flushes a meter before a Lambda function's container is frozen."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from usage_billing.meter.errors import MeterError
from usage_billing.meter.meter import Meter, logger

T = TypeVar("T")


class LambdaContext(Protocol):
    """What Lambda tells a handler about its invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still take."""


def flushes(
    meter: Meter, *, spare_seconds: float = 1.0
) -> Callable[[Callable[[Any, Any], T]], Callable[[Any, Any], T]]:
    """Make a decorator of handlers that sends what they recorded before they return.

    It takes no more time than the invocation has, less what is spared. An invocation whose usage
    was not sent raises UnsentError, so that its trigger repeats it: name events by what triggered
    them. An error of the handler itself goes before.
    """

    def decorate(handler: Callable[[Any, Any], T]) -> Callable[[Any, Any], T]:
        @wraps(handler)
        def handle(event: Any, context: LambdaContext) -> T:  # noqa: ANN401  Each trigger has its own.
            try:
                answer = handler(event, context)
            except BaseException:
                try:
                    meter.flush(_seconds_left(context, spare_seconds))
                except MeterError:
                    logger.exception("Usage of an invocation that failed is not sent yet")
                raise
            meter.flush(_seconds_left(context, spare_seconds))
            return answer

        return handle

    return decorate


def _seconds_left(context: LambdaContext, spare_seconds: float) -> float:
    return max(0.0, context.get_remaining_time_in_millis() / 1000 - spare_seconds)
