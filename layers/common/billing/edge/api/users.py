"""Customers, and the terms that are agreed with them."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.customers import (
    RETRIES_MAX,
    RETRY_DELAY_SECONDS_MAX,
    Customer,
    Mode,
    Status,
    SuspendedBy,
    Terms,
)
from billing.domain.errors import (
    ConcurrentChangeError,
    CustomerExistsError,
    CustomerNotFoundError,
    CustomerNotSettledError,
    EmailTakenError,
)
from billing.domain.money import MAX_CENTS
from billing.domain.times import optional_text, to_text
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.fields import Email, Id, Name, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import (
    AnswerSchema,
    EmptyRequest,
    ListAnswer,
    PageQuery,
    Schema,
    example,
)
from billing.services.paging import Page

type RetrySchedule = Annotated[
    list[Annotated[int, Field(ge=1, le=RETRY_DELAY_SECONDS_MAX)]],
    Field(min_length=1, max_length=RETRIES_MAX),
]


def seconds_of(schedule: list[int] | None) -> tuple[int, ...] | None:
    """Return a retry schedule as the domain holds it."""
    return None if schedule is None else tuple(schedule)


class CustomerRequest(Schema):
    """A customer to make."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="acme",
            name="Acme Ltd",
            email="billing@acme.example",
            mode="postpaid",
            creditLimitCents=100_000,
        )
    )

    id: Id | None = Field(default=None, description="Your name for the customer; made here if not.")
    name: Name | None = None
    email: Email | None = Field(default=None, description="Unique; case does not matter.")
    mode: Literal["prepaid", "postpaid"] = "prepaid"
    credit_limit_cents: Annotated[int, Field(ge=0, le=MAX_CENTS)] | None = Field(
        default=None,
        description="How far below zero a postpaid balance may fall; without limit when left out.",
    )
    retry_schedule: RetrySchedule | None = Field(
        default=None, description="Seconds before each retry; the deployment's own when left out."
    )

    @property
    def terms(self) -> Terms:
        """What the request says, in the domain's terms."""
        return Terms(
            name=self.name,
            email=self.email,
            mode=Mode(self.mode),
            credit_limit_cents=self.credit_limit_cents,
            retry_schedule_seconds=seconds_of(self.retry_schedule),
        )


class CustomerChange(Schema):
    """What to change about a customer; null takes a value away, what is left out stays."""

    model_config = ConfigDict(json_schema_extra=example(creditLimitCents=200_000))

    name: Name | None = None
    email: Email | None = None
    mode: Literal["prepaid", "postpaid"] | None = None
    credit_limit_cents: Annotated[int, Field(ge=0, le=MAX_CENTS)] | None = None
    retry_schedule: RetrySchedule | None = None

    def applied_to(self, terms: Terms) -> Terms:
        """Return the terms after this change; a customer always has a mode."""
        if "mode" in self.model_fields_set and self.mode is None:
            raise InvalidRequestError.of_field("mode", "must be prepaid or postpaid")
        wanted: dict[str, Any] = {
            "name": self.name,
            "email": self.email,
            "mode": Mode(self.mode or terms.mode),
            "credit_limit_cents": self.credit_limit_cents,
            "retry_schedule_seconds": seconds_of(self.retry_schedule),
        }
        given = {_TERM_OF.get(name, name) for name in self.model_fields_set}
        return replace(terms, **{name: value for name, value in wanted.items() if name in given})


_TERM_OF = {"retry_schedule": "retry_schedule_seconds"}


class CustomerAnswer(AnswerSchema):
    """A customer."""

    id: str
    name: str | None
    email: str | None
    mode: Mode
    status: Status
    suspended_by: SuspendedBy | None = Field(
        description="A suspension by dunning ends when everything is paid, an operator's does not."
    )
    suspended_at: ShownInstant | None
    credit_limit_cents: int | None
    retry_schedule: list[int] | None
    created_at: ShownInstant


class CustomerListAnswer(ListAnswer[CustomerAnswer]):
    """Customers, newest first."""


def show_customer(customer: Customer) -> CustomerAnswer:
    """Show a customer."""
    schedule = customer.retry_schedule_seconds
    return CustomerAnswer(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        mode=customer.mode,
        status=customer.status,
        suspended_by=customer.suspended_by,
        suspended_at=optional_text(customer.suspended_at),
        credit_limit_cents=customer.credit_limit_cents,
        retry_schedule=None if schedule is None else list(schedule),
        created_at=to_text(customer.created_at),
    )


def show_customers(page: Page[Customer]) -> CustomerListAnswer:
    """Show a page of customers."""
    return CustomerListAnswer(
        items=[show_customer(customer) for customer in page.items], cursor=page.cursor
    )


CREATE = Route(
    "POST",
    "/users",
    Scope.ADMIN,
    "Make a customer",
    operation_id="createCustomer",
    request=CustomerRequest,
    response=CustomerAnswer,
    statuses={201: "Made."},
    own_errors=(CustomerExistsError, EmailTakenError),
)

LIST = Route(
    "GET",
    "/users",
    Scope.BILLING_READ,
    "List customers",
    operation_id="listCustomers",
    query=PageQuery,
    response=CustomerListAnswer,
    statuses={200: "Customers, newest first."},
)

READ = Route(
    "GET",
    "/users/{userId}",
    Scope.BILLING_READ,
    "Read a customer",
    operation_id="getCustomer",
    response=CustomerAnswer,
    statuses={200: "The customer."},
    own_errors=(CustomerNotFoundError,),
)

CHANGE = Route(
    "PATCH",
    "/users/{userId}",
    Scope.ADMIN,
    "Change a customer's terms",
    operation_id="updateCustomer",
    request=CustomerChange,
    response=CustomerAnswer,
    statuses={200: "The customer as it is now."},
    own_errors=(CustomerNotFoundError, EmailTakenError),
)

DELETE = Route(
    "DELETE",
    "/users/{userId}",
    Scope.ADMIN,
    "Delete a customer who owes nothing and is owed nothing",
    operation_id="deleteCustomer",
    response=None,
    statuses={204: "Deleted; the id is never used again, and the ledger stays."},
    own_errors=(CustomerNotFoundError, CustomerNotSettledError, ConcurrentChangeError),
)

SUSPEND = Route(
    "POST",
    "/users/{userId}/suspend",
    Scope.ADMIN,
    "Suspend a customer",
    operation_id="suspendCustomer",
    request=EmptyRequest,
    response=CustomerAnswer,
    statuses={200: "Suspended, also where that was so before."},
    own_errors=(CustomerNotFoundError,),
)

ACTIVATE = Route(
    "POST",
    "/users/{userId}/activate",
    Scope.ADMIN,
    "Lift a suspension and charge what waited",
    operation_id="activateCustomer",
    request=EmptyRequest,
    response=CustomerAnswer,
    statuses={200: "Active, also where that was so before."},
    own_errors=(CustomerNotFoundError,),
)

ROUTES = (CREATE, LIST, READ, CHANGE, DELETE, SUSPEND, ACTIVATE)
