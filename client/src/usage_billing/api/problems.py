"""The errors of the API, a class a code.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    ProblemError,
    ServerFaultError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiKeyNotFoundError(NotFoundError):
    """API key not found: status 404."""

    code = "api_key_not_found"


class BillingRecordAdjustedError(ConflictError):
    """Billing record adjusted: status 409."""

    code = "billing_record_adjusted"


class BillingRecordNotFoundError(NotFoundError):
    """Billing record not found: status 404."""

    code = "billing_record_not_found"


class BillingRecordNotPaidError(ConflictError):
    """Billing record not paid: status 409."""

    code = "billing_record_not_paid"


class BillingRecordPaidError(ConflictError):
    """Billing record paid: status 409."""

    code = "billing_record_paid"


class BillingRecordVoidError(ConflictError):
    """Billing record void: status 409."""

    code = "billing_record_void"


class BodyTooLargeError(InvalidError):
    """Body too large: status 413."""

    code = "body_too_large"


class ClosingBehindError(ServerFaultError):
    """Closing is behind: status 503."""

    code = "closing_behind"


class ConcurrentChangeError(ConflictError):
    """Concurrent change: status 409."""

    code = "concurrent_change"


class CustomerExistsError(ConflictError):
    """Customer exists: status 409."""

    code = "customer_exists"


class CustomerNotFoundError(NotFoundError):
    """Customer not found: status 404."""

    code = "customer_not_found"


class CustomerNotSettledError(ConflictError):
    """Customer not settled: status 409."""

    code = "customer_not_settled"


class EmailTakenError(ConflictError):
    """E-mail address taken: status 409."""

    code = "email_taken"


class ExecutionNotFoundError(NotFoundError):
    """Execution not found: status 404."""

    code = "execution_not_found"


class IdempotencyKeyReusedError(ConflictError):
    """Idempotency key reused: status 409."""

    code = "idempotency_key_reused"


class IntegrityFaultError(ServerFaultError):
    """Integrity fault: status 500."""

    code = "integrity_fault"


class InternalErrorError(ServerFaultError):
    """Internal error: status 500."""

    code = "internal_error"


class InvalidRequestError(InvalidError):
    """Invalid request: status 400."""

    code = "invalid_request"


class LimitReachedError(ConflictError):
    """Limit reached: status 409."""

    code = "limit_reached"


class LogFileInProgressError(ConflictError):
    """Log file in progress: status 409."""

    code = "log_file_in_progress"


class LogFileNotFoundError(NotFoundError):
    """Log file not found: status 404."""

    code = "log_file_not_found"


class MalformedBodyError(InvalidError):
    """Malformed body: status 400."""

    code = "malformed_body"


class MethodNotAllowedError(InvalidError):
    """Method not allowed: status 405."""

    code = "method_not_allowed"


class NotAcceptableError(InvalidError):
    """Not acceptable: status 406."""

    code = "not_acceptable"


class OwnApiKeyError(ConflictError):
    """Own API key: status 409."""

    code = "own_api_key"


class PriceVersionInForceError(ConflictError):
    """Price version in force: status 409."""

    code = "price_version_in_force"


class PriceVersionNotFoundError(NotFoundError):
    """Price version not found: status 404."""

    code = "price_version_not_found"


class ProductArchivedError(ConflictError):
    """Product archived: status 409."""

    code = "product_archived"


class ProductExistsError(ConflictError):
    """Product exists: status 409."""

    code = "product_exists"


class ProductNotFoundError(NotFoundError):
    """Product not found: status 404."""

    code = "product_not_found"


class RefundTooLargeError(ConflictError):
    """Refund too large: status 409."""

    code = "refund_too_large"


class RouteNotFoundError(NotFoundError):
    """Route not found: status 404."""

    code = "route_not_found"


class RunInProgressError(ConflictError):
    """Run in progress: status 409."""

    code = "run_in_progress"


class ScopeMissingError(NotAllowedError):
    """Scope missing: status 403."""

    code = "scope_missing"


class UnauthenticatedError(NotAllowedError):
    """Unauthenticated: status 401."""

    code = "unauthenticated"


class UnavailableError(ServerFaultError):
    """Temporarily unavailable: status 503."""

    code = "unavailable"


class UnsupportedMediaTypeError(InvalidError):
    """Unsupported media type: status 415."""

    code = "unsupported_media_type"


class UsageEventConflictError(ConflictError):
    """Usage event conflict: status 409."""

    code = "usage_event_conflict"


class UsageEventNotFoundError(NotFoundError):
    """Usage event not found: status 404."""

    code = "usage_event_not_found"


PROBLEM_OF: Mapping[str, type[ProblemError]] = {
    "api_key_not_found": ApiKeyNotFoundError,
    "billing_record_adjusted": BillingRecordAdjustedError,
    "billing_record_not_found": BillingRecordNotFoundError,
    "billing_record_not_paid": BillingRecordNotPaidError,
    "billing_record_paid": BillingRecordPaidError,
    "billing_record_void": BillingRecordVoidError,
    "body_too_large": BodyTooLargeError,
    "closing_behind": ClosingBehindError,
    "concurrent_change": ConcurrentChangeError,
    "customer_exists": CustomerExistsError,
    "customer_not_found": CustomerNotFoundError,
    "customer_not_settled": CustomerNotSettledError,
    "email_taken": EmailTakenError,
    "execution_not_found": ExecutionNotFoundError,
    "idempotency_key_reused": IdempotencyKeyReusedError,
    "integrity_fault": IntegrityFaultError,
    "internal_error": InternalErrorError,
    "invalid_request": InvalidRequestError,
    "limit_reached": LimitReachedError,
    "log_file_in_progress": LogFileInProgressError,
    "log_file_not_found": LogFileNotFoundError,
    "malformed_body": MalformedBodyError,
    "method_not_allowed": MethodNotAllowedError,
    "not_acceptable": NotAcceptableError,
    "own_api_key": OwnApiKeyError,
    "price_version_in_force": PriceVersionInForceError,
    "price_version_not_found": PriceVersionNotFoundError,
    "product_archived": ProductArchivedError,
    "product_exists": ProductExistsError,
    "product_not_found": ProductNotFoundError,
    "refund_too_large": RefundTooLargeError,
    "route_not_found": RouteNotFoundError,
    "run_in_progress": RunInProgressError,
    "scope_missing": ScopeMissingError,
    "unauthenticated": UnauthenticatedError,
    "unavailable": UnavailableError,
    "unsupported_media_type": UnsupportedMediaTypeError,
    "usage_event_conflict": UsageEventConflictError,
    "usage_event_not_found": UsageEventNotFoundError,
}
