"""Customers, and the terms that are agreed with them."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.customers import (
    RETRIES_MAX,
    RETRY_DELAY_SECONDS_MAX,
    Mode,
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
from billing.edge.api.customer_answers import CustomerAnswer, CustomerListAnswer
from billing.edge.api.customer_answers import show_customer as show_one
from billing.edge.api.customer_answers import show_customers as show_page
from billing.edge.http.errors import InvalidRequestError
from billing.edge.http.fields import Email, Id, Name
from billing.edge.http.routes import Route
from billing.edge.http.schema import (
    EmptyRequest,
    PageQuery,
    Schema,
    example,
)
from billing.services.manage_customers import CustomerSearch

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


class CustomerListQuery(PageQuery):
    """Which page of which customers; at most one of the three says which."""

    status: Literal["suspended"] | None = Field(
        default=None, description="Only those who are suspended, the newest suspension first."
    )
    email: Email | None = Field(
        default=None, description="Only who has this address, in whatever case."
    )
    id_prefix: Id | None = Field(
        default=None, description="Only those whose ids begin so, in order of their ids."
    )

    @property
    def search(self) -> CustomerSearch:
        """Whom to list."""
        return CustomerSearch(self.status is not None, self.email, self.id_prefix)


show_customer = show_one
show_customers = show_page

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
    "List customers, or find some of them",
    operation_id="listCustomers",
    query=CustomerListQuery,
    response=CustomerListAnswer,
    statuses={200: "Customers, newest first, unless what is asked for has another order."},
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
