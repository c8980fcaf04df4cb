"""Reads results as the stories of recording do."""

from billing.domain.errors import (
    BillingError,
)
from billing.services.record_usage import Outcome, Refused, UsageResult

ACCEPTED, DUPLICATE, CONFLICTING, REJECTED = (
    Outcome.ACCEPTED,
    Outcome.DUPLICATE,
    Outcome.CONFLICT,
    Outcome.REJECTED,
)


def outcomes(results: list[UsageResult]) -> list[Outcome]:
    """Tell only what became of the claims."""
    return [result.outcome for result in results]


def error_of(result: UsageResult) -> BillingError:
    """Give the error of a claim that was refused."""
    assert isinstance(result, Refused)
    return result.error
