"""One example of each error that the API answers, by which its description shows it."""

from collections.abc import Iterable, Mapping

from billing.domain.errors import (
    BillingError,
    ConcurrentChangeError,
    CustomerExistsError,
    CustomerNotFoundError,
    CustomerNotSettledError,
    EmailTakenError,
    EventConflictError,
    EventNotFoundError,
    ExecutionNotFoundError,
    FieldError,
    IdempotencyKeyReusedError,
    IntegrityError,
    InvalidInputError,
    LimitReachedError,
    LogFileInProgressError,
    LogFileNotFoundError,
    PriceVersionInForceError,
    PriceVersionNotFoundError,
    ProductArchivedError,
    ProductExistsError,
    ProductNotFoundError,
    RecordNotFoundError,
    RecordNotPaidError,
    RecordPaidError,
    RefundTooLargeError,
    RunInProgressError,
    UnavailableError,
)
from billing.edge.http.errors import (
    BodyTooLargeError,
    ForbiddenError,
    MalformedBodyError,
    MethodNotAllowedError,
    NotAcceptableError,
    RouteNotFoundError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)

_EXAMPLES: Iterable[BillingError] = (
    BodyTooLargeError("The body is larger than 1000000 bytes"),
    ConcurrentChangeError("Product api-calls was changed at the same time"),
    CustomerExistsError("acme"),
    CustomerNotFoundError("acme"),
    CustomerNotSettledError("The customer has a balance or unpaid records"),
    EmailTakenError("billing@acme.example"),
    EventConflictError("req-2026-01-31-000017"),
    EventNotFoundError("req-2026-01-31-000017"),
    ExecutionNotFoundError("acme~0~7"),
    ForbiddenError("The API key does not have the scope billing:write"),
    IdempotencyKeyReusedError(),
    IntegrityError("The ledger has what the wallet says it has not"),
    InvalidInputError.of_fields([FieldError("units", "must be greater than 0")]),
    LimitReachedError("The wallet cannot hold this amount on top of its balance"),
    LogFileInProgressError("2b1c9a0e6f7d4c358b9a0e6f7d4c358b"),
    LogFileNotFoundError("2b1c9a0e6f7d4c358b9a0e6f7d4c358b"),
    MalformedBodyError("The body is not JSON: Expecting value at line 1, column 1"),
    MethodNotAllowedError("/users has no PUT", allowed=("GET", "POST")),
    NotAcceptableError(("application/json", "text/csv")),
    PriceVersionInForceError(
        "Price version 2 is in force, or will be before everybody knows that it is gone"
    ),
    PriceVersionNotFoundError("api-calls", 7),
    ProductArchivedError("api-calls"),
    ProductExistsError("api-calls"),
    ProductNotFoundError("api-calls"),
    RecordNotFoundError("acme~0~7"),
    RecordNotPaidError("acme~0~7", "failed"),
    RecordPaidError("acme~0~7"),
    RefundTooLargeError("acme~0~7", 500),
    RouteNotFoundError("No route has the path /customers"),
    RunInProgressError(),
    UnauthenticatedError("An API key is needed: Authorization: Bearer <key>"),
    UnavailableError("The store is busy; try again"),
    UnsupportedMediaTypeError("Content-Type must be application/json"),
)

# By code.
PROBLEM_EXAMPLES: Mapping[str, BillingError] = {error.code: error for error in _EXAMPLES}
