"""How the rules of schedules are broken."""

from typing import Any

from tests.template.breaches.breaking import Breach, Source, properties
from tests.template.rules import schedules


def _schedule(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return properties(source, "RunBillingFunction")["Events"]["BillingSchedule"]["Properties"]


BREACHES: tuple[Breach, ...] = (
    (
        schedules.scheduled_failures_are_kept,
        lambda s: _schedule(s).pop("DeadLetterConfig"),
        "RunBillingFunctionBillingSchedule has no dead-letter queue",
    ),
    (
        schedules.scheduled_failures_are_kept,
        lambda s: _schedule(s).pop("RetryPolicy"),
        "RunBillingFunctionBillingSchedule does not say how often it retries",
    ),
    (
        schedules.scheduled_failures_are_kept,
        lambda s: properties(s, "RunBillingFunction").pop("EventInvokeConfig"),
        "RunBillingFunction is invoked asynchronously and loses its failures",
    ),
)
