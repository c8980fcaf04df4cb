"""Billing records: raised, listed, shown, charged and taken back."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    LimitReachedError,
    RecordAdjustedError,
    RecordNotFoundError,
    RecordNotPaidError,
    RecordPaidError,
    RefundTooLargeError,
)
from billing.domain.money import MAX_CENTS
from billing.domain.records import BillingRecord, RecordStatus
from billing.domain.usage import UsageEvent
from billing.edge.api.record_answers import (
    ProcessAnswer,
    RecordDetailAnswer,
    show_charged_now,
    show_record_in_full,
)
from billing.edge.api.shared import (
    AmountBody,
    CreditAnswer,
    UsageEventAnswer,
    show_event,
)
from billing.edge.http.fields import Cents, Id, Name
from billing.edge.http.routes import Route
from billing.edge.http.schema import (
    EmptyRequest,
    ListAnswer,
    PageQuery,
    Schema,
    example,
)
from billing.services.paging import Page
from billing.services.reverse_records import RefundReceipt


class ChargeBody(AmountBody):
    """A charge that is not for recorded usage."""

    model_config = ConfigDict(
        json_schema_extra=example(userId="acme", amountCents=12_000, description="Set-up fee")
    )

    user_id: Id
    description: Name | None = None


class VoidBody(Schema):
    """Why a record is taken back."""

    model_config = ConfigDict(json_schema_extra=example(reason="Charged to the wrong customer"))

    reason: Name | None = None


class RefundBody(Schema):
    """What is given back, and why."""

    model_config = ConfigDict(json_schema_extra=example(amountCents=500, reason="Outage"))

    amount_cents: Annotated[int, Field(ge=1, le=MAX_CENTS)] | None = Field(
        default=None, description="All that was not refunded yet, where it is left out."
    )
    reason: Name | None = None


class RefundAnswer(CreditAnswer):
    """The entry that a refund made, its amount, and the balance right after it."""

    model_config = ConfigDict(
        json_schema_extra=example(entryId="acme~3", balanceCents=4750, amountCents=500)
    )

    amount_cents: Cents


class RecordListQuery(PageQuery):
    """Which page of which billing records."""

    status: Literal["retrying", "failed"] | None = Field(
        default=None, description="Only those of this status; all when left out."
    )

    @property
    def wanted_status(self) -> RecordStatus | None:
        """The status as the domain has it."""
        return None if self.status is None else RecordStatus(self.status)


class RecordListAnswer(ListAnswer[RecordDetailAnswer]):
    """Billing records, newest first."""


class RecordEventsAnswer(ListAnswer[UsageEventAnswer]):
    """The events behind a record, newest first; a page may be short and still have a cursor."""


show_record = show_record_in_full
show_processed = show_charged_now


def show_refund(receipt: RefundReceipt) -> RefundAnswer:
    """Show what a refund did."""
    return RefundAnswer(
        entry_id=receipt.entry_id,
        amount_cents=receipt.amount_cents,
        balance_cents=receipt.balance_cents,
    )


def show_records(page: Page[BillingRecord]) -> RecordListAnswer:
    """Show a page of billing records."""
    return RecordListAnswer(
        items=[show_record(record) for record in page.items], cursor=page.cursor
    )


def show_record_events(page: Page[UsageEvent], record: BillingRecord) -> RecordEventsAnswer:
    """Show a page of the events behind a record."""
    return RecordEventsAnswer(
        items=[show_event(event, billed_at=record.paid_at) for event in page.items],
        cursor=page.cursor,
    )


CHARGE = Route(
    "POST",
    "/billing",
    Scope.BILLING_WRITE,
    "Raise a charge that is not for recorded usage",
    operation_id="chargeCustomer",
    request=ChargeBody,
    response=RecordDetailAnswer,
    statuses={
        201: "Raised and tried at once; `status` tells how that went. Raised before by the "
        "same request: the record as it stands now, with the header Idempotent-Replayed: true."
    },
    own_errors=(CustomerNotFoundError, IdempotencyKeyReusedError),
    idempotency_key="optional",
)

LIST = Route(
    "GET",
    "/billing",
    Scope.BILLING_READ,
    "List billing records, all or those of a status",
    operation_id="listRecords",
    query=RecordListQuery,
    response=RecordListAnswer,
    statuses={200: "Records, newest first."},
)

LIST_OF_USER = Route(
    "GET",
    "/billing/user/{userId}",
    Scope.BILLING_READ,
    "List the billing records of a customer",
    operation_id="listCustomerRecords",
    query=PageQuery,
    response=RecordListAnswer,
    statuses={200: "Records, newest first."},
    own_errors=(CustomerNotFoundError,),
)

READ = Route(
    "GET",
    "/billing/{recordId}",
    Scope.BILLING_READ,
    "Read a billing record",
    operation_id="getRecord",
    response=RecordDetailAnswer,
    statuses={200: "The record."},
    own_errors=(RecordNotFoundError,),
)

LIST_EVENTS = Route(
    "GET",
    "/billing/{recordId}/events",
    Scope.BILLING_READ,
    "List the usage events behind a billing record",
    operation_id="listRecordEvents",
    query=PageQuery,
    response=RecordEventsAnswer,
    statuses={200: "Events, newest first."},
    own_errors=(RecordNotFoundError,),
)

PROCESS = Route(
    "POST",
    "/billing/{recordId}/process",
    Scope.BILLING_WRITE,
    "Charge a billing record now, also a failed one",
    operation_id="chargeRecord",
    request=EmptyRequest,
    response=ProcessAnswer,
    statuses={200: "How it ended; too little money is an outcome, not an error."},
    own_errors=(RecordNotFoundError,),
)

VOID = Route(
    "POST",
    "/billing/{recordId}/void",
    Scope.BILLING_WRITE,
    "Take back a billing record that is not paid",
    operation_id="voidRecord",
    request=VoidBody,
    request_is_optional=True,
    response=RecordDetailAnswer,
    statuses={200: "The record, which is void, now or from before."},
    own_errors=(RecordNotFoundError, RecordPaidError, RecordAdjustedError),
)

REFUND = Route(
    "POST",
    "/billing/{recordId}/refund",
    Scope.BILLING_WRITE,
    "Give back a paid billing record, or a part of it, once for each Idempotency-Key",
    operation_id="refundRecord",
    request=RefundBody,
    request_is_optional=True,
    response=RefundAnswer,
    statuses={
        201: "Refunded, or refunded before by the same request: the first answer again, with "
        "the header Idempotent-Replayed: true."
    },
    own_errors=(
        RecordNotFoundError,
        RecordNotPaidError,
        RefundTooLargeError,
        CustomerNotFoundError,
        IdempotencyKeyReusedError,
        LimitReachedError,
    ),
    idempotency_key="required",
)

ROUTES = (CHARGE, LIST, LIST_OF_USER, READ, LIST_EVENTS, PROCESS, VOID, REFUND)
