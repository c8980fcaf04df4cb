"""Every route, once: the scope checks, the answer to an unknown route and the API's description
are made from this table, and a test holds the template to it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from billing.domain.api_keys import Scope
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
    IdempotencyKeyReusedError,
    IntegrityError,
    InvalidInputError,
    LimitReachedError,
    LogFileNotFoundError,
    ProductExistsError,
    ProductNotFoundError,
    RecordNotFoundError,
    RunInProgressError,
    UnavailableError,
)
from billing.edge import schemas
from billing.edge.http.errors import (
    BodyTooLargeError,
    ForbiddenError,
    MalformedBodyError,
    MethodNotAllowedError,
    RouteNotFoundError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)
from billing.edge.http.strict_json import shown

# What any route with a key may answer, beside what it names itself.
_KEYED_ERRORS: tuple[type[BillingError], ...] = (
    UnauthenticatedError,
    ForbiddenError,
    IntegrityError,
    UnavailableError,
)
_BODY_ERRORS: tuple[type[BillingError], ...] = (
    MalformedBodyError,
    BodyTooLargeError,
    UnsupportedMediaTypeError,
)
_UNROUTED_ERRORS: tuple[type[BillingError], ...] = (RouteNotFoundError, MethodNotAllowedError)


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path: who serves it, who may call it, what goes in and what comes out.

    `function` is the folder under functions/; `scope` is None where no key is asked for.
    `statuses` says what each successful status means; `own_errors` are those beyond the usual.
    """

    method: str
    path: str
    function: str
    scope: Scope | None
    summary: str
    response: type[BaseModel] | None
    statuses: Mapping[int, str]
    request: type[BaseModel] | None = None
    query: type[BaseModel] = schemas.NoQuery
    own_errors: Sequence[type[BillingError]] = ()
    idempotency_key: Literal["required", "optional"] | None = None
    media_type: str = "application/json"
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare to match paths."""
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)))
        object.__setattr__(self, "_pattern", pattern)

    @property
    def key(self) -> str:
        """The name that API Gateway gives the route."""
        return f"{self.method} {self.path}"

    @property
    def path_parameters(self) -> list[str]:
        """The names in braces, in order."""
        return re.findall(r"\{(\w+)\}", self.path)

    @property
    def errors(self) -> tuple[type[BillingError], ...]:
        """Every error that the route may answer, besides a fault of this system."""
        return (
            *((InvalidInputError,) if self.scope is not None else ()),
            *(_BODY_ERRORS if self.request is not None else ()),
            *(_KEYED_ERRORS if self.scope is not None else ()),
            *self.own_errors,
        )

    def matches(self, path: str) -> bool:
        """Tell whether a path is one of this route's."""
        return self._pattern.fullmatch(path) is not None


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        "/billing/usage",
        "usage",
        Scope.USAGE_WRITE,
        "Record one usage event",
        request=schemas.UsageRequest,
        response=schemas.UsageEventAnswer,
        statuses={201: "Recorded.", 200: "Recorded before with the same content; the first event."},
        own_errors=(
            CustomerNotFoundError,
            ProductNotFoundError,
            EventConflictError,
            LimitReachedError,
        ),
    ),
    Route(
        "POST",
        "/billing/usage/batch",
        "usage",
        Scope.USAGE_WRITE,
        "Record up to 1,000 usage events",
        request=schemas.UsageBatchRequest,
        response=schemas.UsageBatchAnswer,
        statuses={200: "One result per event, in the same order."},
    ),
    Route(
        "GET",
        "/billing/usage/{customerId}/{eventId}",
        "usage",
        Scope.BILLING_READ,
        "Read one usage event and what bills it",
        response=schemas.BilledEventAnswer,
        statuses={200: "The event."},
        own_errors=(CustomerNotFoundError, EventNotFoundError),
    ),
    Route(
        "POST",
        "/billing/credit",
        "credit",
        Scope.BILLING_WRITE,
        "Add money to a wallet, once for each Idempotency-Key",
        request=schemas.CreditBody,
        response=schemas.CreditAnswer,
        statuses={
            201: "Credited, or credited before by the same request: the first answer again, with "
            "the header Idempotent-Replayed: true."
        },
        own_errors=(CustomerNotFoundError, IdempotencyKeyReusedError, LimitReachedError),
        idempotency_key="required",
    ),
    Route(
        "GET",
        "/billing/balance/{customerId}",
        "balance",
        Scope.BILLING_READ,
        "Read a customer's balance and usage",
        query=schemas.PageQuery,
        response=schemas.BalanceAnswer,
        statuses={200: "The balance, with the usage newest first."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/billing/ledger/{customerId}",
        "balance",
        Scope.BILLING_READ,
        "List ledger entries, now or as of a time",
        query=schemas.LedgerQuery,
        response=schemas.LedgerAnswer,
        statuses={200: "Entries, newest first."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/billing/ledger/{customerId}/verify",
        "balance",
        Scope.BILLING_READ,
        "Prove that the ledger adds up",
        query=schemas.VerifyQuery,
        response=schemas.ProofAnswer,
        statuses={200: "What the verification found, also where that is a fault."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/products",
        "products",
        Scope.BILLING_READ,
        "List products",
        query=schemas.PageQuery,
        response=schemas.ProductListAnswer,
        statuses={200: "Products, in order of their ids."},
    ),
    Route(
        "POST",
        "/products",
        "products",
        Scope.ADMIN,
        "Make a product",
        request=schemas.ProductRequest,
        response=schemas.ProductAnswer,
        statuses={201: "Made."},
        own_errors=(ProductExistsError,),
    ),
    Route(
        "GET",
        "/products/{productId}",
        "products",
        Scope.BILLING_READ,
        "Read a product with its prices",
        response=schemas.ProductAnswer,
        statuses={200: "The product."},
        own_errors=(ProductNotFoundError,),
    ),
    Route(
        "PATCH",
        "/products/{productId}",
        "products",
        Scope.ADMIN,
        "Rename a product, or set its next price",
        request=schemas.ProductChange,
        response=schemas.ProductAnswer,
        statuses={200: "The product as it is now."},
        own_errors=(ProductNotFoundError, ConcurrentChangeError, LimitReachedError),
    ),
    Route(
        "POST",
        "/users",
        "users",
        Scope.ADMIN,
        "Make a customer",
        request=schemas.CustomerRequest,
        response=schemas.CustomerAnswer,
        statuses={201: "Made."},
        own_errors=(CustomerExistsError, EmailTakenError),
    ),
    Route(
        "GET",
        "/users",
        "users",
        Scope.BILLING_READ,
        "List customers",
        query=schemas.PageQuery,
        response=schemas.CustomerListAnswer,
        statuses={200: "Customers, newest first."},
    ),
    Route(
        "GET",
        "/users/{userId}",
        "users",
        Scope.BILLING_READ,
        "Read a customer",
        response=schemas.CustomerAnswer,
        statuses={200: "The customer."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "PATCH",
        "/users/{userId}",
        "users",
        Scope.ADMIN,
        "Change a customer's terms",
        request=schemas.CustomerChange,
        response=schemas.CustomerAnswer,
        statuses={200: "The customer as it is now."},
        own_errors=(
            CustomerNotFoundError,
            EmailTakenError,
        ),
    ),
    Route(
        "DELETE",
        "/users/{userId}",
        "users",
        Scope.ADMIN,
        "Delete a customer who owes nothing and is owed nothing",
        response=None,
        statuses={204: "Deleted; the id is never used again, and the ledger stays."},
        own_errors=(
            CustomerNotFoundError,
            CustomerNotSettledError,
            ConcurrentChangeError,
        ),
    ),
    Route(
        "POST",
        "/users/{userId}/suspend",
        "users",
        Scope.ADMIN,
        "Suspend a customer",
        request=schemas.EmptyRequest,
        response=schemas.CustomerAnswer,
        statuses={200: "Suspended, also where that was so before."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "POST",
        "/users/{userId}/activate",
        "users",
        Scope.ADMIN,
        "Lift a suspension and charge what waited",
        request=schemas.EmptyRequest,
        response=schemas.CustomerAnswer,
        statuses={200: "Active, also where that was so before."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/wallets/{userId}",
        "wallets",
        Scope.BILLING_READ,
        "Read a wallet",
        response=schemas.WalletAnswer,
        statuses={200: "The wallet."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/wallets/{userId}/balance",
        "wallets",
        Scope.BILLING_READ,
        "Read what a wallet holds",
        response=schemas.WalletBalanceAnswer,
        statuses={200: "The balance."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "POST",
        "/wallets/{userId}/add-funds",
        "wallets",
        Scope.BILLING_WRITE,
        "Add money to a wallet, once for each Idempotency-Key",
        request=schemas.AddFundsBody,
        response=schemas.CreditAnswer,
        statuses={
            201: "Added, or added before by the same request: the first answer again, with the "
            "header Idempotent-Replayed: true."
        },
        own_errors=(
            CustomerNotFoundError,
            IdempotencyKeyReusedError,
            LimitReachedError,
        ),
        idempotency_key="required",
    ),
    Route(
        "POST",
        "/billing",
        "records",
        Scope.BILLING_WRITE,
        "Raise a charge that is not for recorded usage",
        request=schemas.ChargeBody,
        response=schemas.RecordDetailAnswer,
        statuses={
            201: "Raised and tried at once; `status` tells how that went. Raised before by the "
            "same request: the record as it stands now, with the header Idempotent-Replayed: true."
        },
        own_errors=(
            CustomerNotFoundError,
            IdempotencyKeyReusedError,
        ),
        idempotency_key="optional",
    ),
    Route(
        "GET",
        "/billing",
        "records",
        Scope.BILLING_READ,
        "List billing records",
        query=schemas.PageQuery,
        response=schemas.RecordListAnswer,
        statuses={200: "Records, newest first."},
    ),
    Route(
        "GET",
        "/billing/user/{userId}",
        "records",
        Scope.BILLING_READ,
        "List the billing records of a customer",
        query=schemas.PageQuery,
        response=schemas.RecordListAnswer,
        statuses={200: "Records, newest first."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/billing/{recordId}",
        "records",
        Scope.BILLING_READ,
        "Read a billing record",
        response=schemas.RecordDetailAnswer,
        statuses={200: "The record."},
        own_errors=(RecordNotFoundError,),
    ),
    Route(
        "GET",
        "/billing/{recordId}/events",
        "records",
        Scope.BILLING_READ,
        "List the usage events behind a billing record",
        query=schemas.PageQuery,
        response=schemas.RecordEventsAnswer,
        statuses={200: "Events, newest first."},
        own_errors=(RecordNotFoundError,),
    ),
    Route(
        "POST",
        "/billing/{recordId}/process",
        "records",
        Scope.BILLING_WRITE,
        "Charge a billing record now, also a failed one",
        request=schemas.EmptyRequest,
        response=schemas.ProcessAnswer,
        statuses={200: "How it ended; too little money is an outcome, not an error."},
        own_errors=(RecordNotFoundError,),
    ),
    Route(
        "GET",
        "/logs",
        "logs",
        Scope.BILLING_READ,
        "List the usage that was read from log files",
        query=schemas.PageQuery,
        response=schemas.LogUsageListAnswer,
        statuses={200: "Usage, of the newest file first, its last line first."},
    ),
    Route(
        "GET",
        "/logs/user/{userId}",
        "logs",
        Scope.BILLING_READ,
        "List the usage of a customer that was read from log files",
        query=schemas.PageQuery,
        response=schemas.LogUsageListAnswer,
        statuses={200: "Usage, newest first."},
        own_errors=(CustomerNotFoundError,),
    ),
    Route(
        "GET",
        "/logs/files",
        "logs",
        Scope.BILLING_READ,
        "List log files and what became of their lines",
        query=schemas.PageQuery,
        response=schemas.LogFileListAnswer,
        statuses={200: "Files, the newest upload first."},
    ),
    Route(
        "GET",
        "/logs/files/{fileId}",
        "logs",
        Scope.BILLING_READ,
        "Read what became of a log file, line by line",
        query=schemas.LogFileQuery,
        response=schemas.LogFileDetailAnswer,
        statuses={200: "The file's account, its usage, and the lines that were not accepted."},
        own_errors=(LogFileNotFoundError,),
    ),
    Route(
        "POST",
        "/jobs/process-logs",
        "jobs",
        Scope.ADMIN,
        "Read what is new among the log files, now",
        request=schemas.EmptyRequest,
        response=schemas.LogsAnswer,
        statuses={200: "What the run did."},
    ),
    Route(
        "POST",
        "/jobs/process-all",
        "jobs",
        Scope.ADMIN,
        "Read the log files, bill everything recorded, and charge everybody who owes, now",
        request=schemas.EmptyRequest,
        response=schemas.AllJobsAnswer,
        statuses={200: "What each of the three did."},
        own_errors=(RunInProgressError,),
    ),
    Route(
        "POST",
        "/jobs/process-retries",
        "jobs",
        Scope.ADMIN,
        "Charge everybody whose dunning runs or whose money waits, now",
        request=schemas.EmptyRequest,
        response=schemas.RetriesAnswer,
        statuses={200: "What was done."},
    ),
    Route(
        "POST",
        "/jobs/process-billing",
        "jobs",
        Scope.ADMIN,
        "Bill everything recorded, now",
        request=schemas.EmptyRequest,
        response=schemas.JobAnswer,
        statuses={200: "What the run did."},
        own_errors=(RunInProgressError,),
    ),
    Route(
        "GET",
        "/executions",
        "executions",
        Scope.BILLING_READ,
        "List the executions of the dunning workflow",
        query=schemas.PageQuery,
        response=schemas.DunningRunListAnswer,
        statuses={200: "Executions, newest first, each with its record and the attempts."},
    ),
    Route(
        "GET",
        "/executions/{recordId}",
        "executions",
        Scope.BILLING_READ,
        "Read the dunning that a billing record leads or led",
        response=schemas.DunningRunAnswer,
        statuses={200: "The attempts, when the next one is due, and all executions."},
        own_errors=(RecordNotFoundError, ExecutionNotFoundError),
    ),
    Route(
        "GET",
        "/health",
        "system",
        None,
        "Tell that the API answers",
        response=schemas.HealthAnswer,
        statuses={200: "It does."},
    ),
    Route(
        "GET",
        "/openapi.json",
        "system",
        None,
        "Describe this API as OpenAPI 3.1",
        response=None,
        statuses={200: "The description."},
    ),
    Route(
        "GET",
        "/docs",
        "system",
        None,
        "Describe this API to people",
        response=None,
        statuses={200: "One page of HTML."},
        media_type="text/html",
    ),
)


def refuse(method: str, path: str) -> RouteNotFoundError | MethodNotAllowedError:
    """Make the error for a request that no route serves."""
    matching = [route for route in ROUTES if route.matches(path)]
    # `/billing/usage` is a path of its own, though `/billing/{recordId}` would match it too.
    fewest = min((len(route.path_parameters) for route in matching), default=0)
    allowed = sorted(it.method for it in matching if len(it.path_parameters) == fewest)
    if allowed:
        return MethodNotAllowedError(f"{shown(path)} has no {method}", allowed=allowed)
    return RouteNotFoundError(f"No route has the path {shown(path)}")


def published_errors() -> list[type[BillingError]]:
    """List every error that a request may be answered with, each once, by code."""
    errors = {error for route in ROUTES for error in route.errors}.union(_UNROUTED_ERRORS)
    return sorted(errors, key=lambda error: error.code)
