"""The errors that a caller can meet, as one small tree with stable codes.

Each leaf has a `code` that never changes once published; the edge maps the branch
(`NotFoundError`, `ConflictError`, …) to a status, so that a new leaf needs no new mapping.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True)
class FieldError:
    """One input field, named as in Python, such as `occurred_at`, and what is wrong with it."""

    field: str
    message: str


class BillingError(Exception):
    """Anything that this system refuses or cannot do, with a stable code and a sentence."""

    code: ClassVar[str] = "billing_error"
    title: ClassVar[str] = "Billing error"

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class InvalidInputError(BillingError):
    """The request can never succeed as it stands."""

    code = "invalid_request"
    title = "Invalid request"

    @classmethod
    def of_field(cls, field: str, message: str) -> Self:
        """Make the error for one field; the sentence names the field."""
        return cls.of_fields([FieldError(field, message)])

    @classmethod
    def of_fields(cls, faults: Sequence[FieldError]) -> Self:
        """Make the error for one or more fields; the sentence names the first."""
        more = "" if len(faults) == 1 else f" (and {len(faults) - 1} more)"
        return cls(f"{faults[0].field}: {faults[0].message}{more}", errors=faults)


class NotFoundError(BillingError):
    """What the request names does not exist."""

    code = "not_found"
    title = "Not found"


class CustomerNotFoundError(NotFoundError):
    """No such customer, or a deleted one."""

    code = "customer_not_found"
    title = "Customer not found"

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"Customer {customer_id} not found")


class ProductNotFoundError(NotFoundError):
    """No such product."""

    code = "product_not_found"
    title = "Product not found"

    def __init__(self, product_id: str) -> None:
        super().__init__(f"Product {product_id} not found")


class PriceVersionNotFoundError(NotFoundError):
    """The product never had a price version of this number."""

    code = "price_version_not_found"
    title = "Price version not found"

    def __init__(self, product_id: str, version: int) -> None:
        super().__init__(f"Product {product_id} has no price version {version}")


class EventNotFoundError(NotFoundError):
    """The customer has no usage event of this id."""

    code = "usage_event_not_found"
    title = "Usage event not found"

    def __init__(self, event_id: str) -> None:
        super().__init__(f"Usage event {event_id} not found")


class RecordNotFoundError(NotFoundError):
    """No such billing record."""

    code = "billing_record_not_found"
    title = "Billing record not found"

    def __init__(self, record_id: str) -> None:
        super().__init__(f"Billing record {record_id} not found")


class ExecutionNotFoundError(NotFoundError):
    """No dunning workflow ran for this billing record."""

    code = "execution_not_found"
    title = "Execution not found"

    def __init__(self, record_id: str) -> None:
        super().__init__(f"No dunning ran for billing record {record_id}")


class LogFileNotFoundError(NotFoundError):
    """No log file of this id was ever found in the bucket."""

    code = "log_file_not_found"
    title = "Log file not found"

    def __init__(self, file_id: str) -> None:
        super().__init__(f"Log file {file_id} not found")


class ApiKeyNotFoundError(NotFoundError):
    """No API key of this id was ever made."""

    code = "api_key_not_found"
    title = "API key not found"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"API key {key_id} not found")


class ConflictError(BillingError):
    """The request contradicts what is already recorded."""

    code = "conflict"
    title = "Conflict"


class CustomerExistsError(ConflictError):
    """The chosen customer id is taken, by a customer or by one who was deleted."""

    code = "customer_exists"
    title = "Customer exists"

    def __init__(self, customer_id: str, *, deleted: bool = False) -> None:
        super().__init__(
            f"The id {customer_id} belonged to a customer who was deleted, and is never used again"
            if deleted
            else f"Customer {customer_id} already exists"
        )


class EmailTakenError(ConflictError):
    """Another customer has this e-mail address; case does not matter."""

    code = "email_taken"
    title = "E-mail address taken"

    def __init__(self, email: str) -> None:
        super().__init__(
            f"Another customer has the e-mail address {email}",
            errors=[FieldError("email", "is taken by another customer")],
        )


class ProductExistsError(ConflictError):
    """The chosen product id is taken."""

    code = "product_exists"
    title = "Product exists"

    def __init__(self, product_id: str) -> None:
        super().__init__(f"Product {product_id} already exists")


class ProductArchivedError(ConflictError):
    """The product is archived, and takes no usage from then on."""

    code = "product_archived"
    title = "Product archived"

    def __init__(self, product_id: str) -> None:
        super().__init__(f"Product {product_id} is archived, and takes no new usage")


class PriceVersionInForceError(ConflictError):
    """A price version that is in force, or that another one needs, cannot be taken back."""

    code = "price_version_in_force"
    title = "Price version in force"


class RecordPaidError(ConflictError):
    """What is paid stays paid: money goes back by a refund."""

    code = "billing_record_paid"
    title = "Billing record paid"

    def __init__(self, record_id: str) -> None:
        super().__init__(f"Billing record {record_id} is paid: refund it instead")


class RecordNotPaidError(ConflictError):
    """There is nothing to give back."""

    code = "billing_record_not_paid"
    title = "Billing record not paid"

    def __init__(self, record_id: str, status: str) -> None:
        super().__init__(
            f"Billing record {record_id} is {status}, and took no money that could go back"
        )


class RecordVoidError(ConflictError):
    """What was billed to a record that is void was taken back with it."""

    code = "billing_record_void"
    title = "Billing record void"

    def __init__(self, record_id: str) -> None:
        super().__init__(f"Billing record {record_id} is void, and its usage taken back with it")


class RecordAdjustedError(ConflictError):
    """What is taken back event by event is not taken back as a whole besides."""

    code = "billing_record_adjusted"
    title = "Billing record adjusted"

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"Usage of billing record {record_id} was adjusted: void the rest of it event by event"
        )


class RefundTooLargeError(ConflictError):
    """Refunds of a record never come to more than it took."""

    code = "refund_too_large"
    title = "Refund too large"

    def __init__(self, record_id: str, left_cents: int) -> None:
        super().__init__(f"Of billing record {record_id} {left_cents} cents can still be refunded")


class ConcurrentChangeError(ConflictError):
    """Somebody else changed the same thing meanwhile; reading it again shows how."""

    code = "concurrent_change"
    title = "Concurrent change"


class EventConflictError(ConflictError):
    """The event id is already used for an event with other content."""

    code = "usage_event_conflict"
    title = "Usage event conflict"

    def __init__(self, event_id: str) -> None:
        super().__init__(f"Usage event {event_id} was already recorded with other content")


class OwnApiKeyError(ConflictError):
    """A key does not revoke itself, so that nobody locks themselves out by a slip."""

    code = "own_api_key"
    title = "Own API key"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"API key {key_id} is the one that asks: revoke it with another one")


class IdempotencyKeyReusedError(ConflictError):
    """The idempotency key was already used for another request."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"

    def __init__(self) -> None:
        super().__init__("Idempotency-Key already used with different request parameters")


class RunInProgressError(ConflictError):
    """Another billing run holds the lease."""

    code = "run_in_progress"
    title = "Run in progress"

    def __init__(self) -> None:
        super().__init__("Another billing run is at work; try again when it has finished")


class LogFileInProgressError(ConflictError):
    """The log file is being read, or is about to be read on."""

    code = "log_file_in_progress"
    title = "Log file in progress"

    def __init__(self, file_id: str) -> None:
        super().__init__(f"Log file {file_id} is being read; try again when it is read to its end")


class CustomerNotSettledError(ConflictError):
    """A customer with a balance, unbilled usage or unpaid records cannot be deleted."""

    code = "customer_not_settled"
    title = "Customer not settled"


class LimitReachedError(ConflictError):
    """The request is well formed, but would pass a documented limit of this system."""

    code = "limit_reached"
    title = "Limit reached"


class UnavailableError(BillingError):
    """The work could not be done in time; nothing doubles when the caller repeats it."""

    code = "unavailable"
    title = "Temporarily unavailable"
    retry_after_seconds: ClassVar[int] = 1


class ClosingBehindError(UnavailableError):
    """More entries wait for the closing run than one answer adds up by itself."""

    code = "closing_behind"
    title = "Closing is behind"
    retry_after_seconds: ClassVar[int] = 60


class IntegrityError(BillingError):
    """Stored money contradicts an invariant; an operator must look before anything else moves."""

    code = "integrity_fault"
    title = "Integrity fault"
