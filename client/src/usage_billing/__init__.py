"""The client of usage-based billing: send usage that counts once, and call every operation."""

from usage_billing.api.clients import AsyncBilling, Billing
from usage_billing.calls import UNSET
from usage_billing.errors import (
    AnsweredError,
    ConflictError,
    FieldError,
    GatewayError,
    InvalidError,
    KeyRefusedError,
    NoAnswerError,
    NotAllowedError,
    NotFoundError,
    ProblemError,
    ServerFaultError,
    TimedOutError,
    TooManyRequestsError,
    UnreadableAnswerError,
    UsageBillingError,
)
from usage_billing.exchange import Retries
from usage_billing.listing import AsyncListing, Listing
from usage_billing.meter import Meter

__all__ = [
    "UNSET",
    "AnsweredError",
    "AsyncBilling",
    "AsyncListing",
    "Billing",
    "ConflictError",
    "FieldError",
    "GatewayError",
    "InvalidError",
    "KeyRefusedError",
    "Listing",
    "Meter",
    "NoAnswerError",
    "NotAllowedError",
    "NotFoundError",
    "ProblemError",
    "Retries",
    "ServerFaultError",
    "TimedOutError",
    "TooManyRequestsError",
    "UnreadableAnswerError",
    "UsageBillingError",
]
