"""A customer, as every route shows them that does something to one."""

from pydantic import Field

from billing.domain.customers import Customer, Mode, Status, SuspendedBy
from billing.domain.times import optional_text, to_text
from billing.edge.http.fields import ShownInstant
from billing.edge.http.schema import AnswerSchema, ListAnswer
from billing.services.paging import Page


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
