"""Usage that counts once, whatever happens to process, network or server on the way."""

from usage_billing.meter.backoff import Backoff
from usage_billing.meter.errors import (
    MeterClosedError,
    MeterError,
    SpoolError,
    SpoolFullError,
    UnsentError,
)
from usage_billing.meter.lambda_function import flushes
from usage_billing.meter.meter import Meter, Stats
from usage_billing.meter.rejects import Reject
from usage_billing.meter.sender import Counts

__all__ = [
    "Backoff",
    "Counts",
    "Meter",
    "MeterClosedError",
    "MeterError",
    "Reject",
    "SpoolError",
    "SpoolFullError",
    "Stats",
    "UnsentError",
    "flushes",
]
