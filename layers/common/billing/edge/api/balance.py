"""A customer's balance and ledger, and the proof that the ledger adds up."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.customers import Status
from billing.domain.errors import CustomerNotFoundError
from billing.domain.ledger import Entry
from billing.domain.times import to_text
from billing.edge.api.shared import UsageEventAnswer, show_event
from billing.edge.http.fields import Cents, Flag, Instant, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, PageQuery, Schema, example
from billing.services.read_balance import Balance
from billing.services.read_ledger import LedgerPage
from billing.services.verify_ledger import Proof


class LedgerQuery(PageQuery):
    """Which page of the ledger, and as it stood when."""

    as_of: Instant | None = Field(
        default=None, description="Leave out whatever was posted after this time."
    )


class VerifyQuery(Schema):
    """How much to verify, and where to go on."""

    full: Flag = Field(
        default=False,
        description="Check every entry from the first on, instead of the days that are kept and "
        "the entries behind them.",
    )
    cursor: str | None = Field(default=None, description="The `cursor` of the proof before.")


class BalanceAnswer(AnswerSchema):
    """A customer's money at one moment, and a page of their usage, newest first."""

    lists: ClassVar[str | None] = "usage_details"

    model_config = ConfigDict(
        json_schema_extra=example(
            customerId="acme",
            balanceCents=5000,
            pendingCents=63,
            availableCents=4937,
            hasFunds=True,
            status="active",
            usageDetails=[],
            cursor=None,
        )
    )

    customer_id: str
    balance_cents: Cents
    pending_cents: int = Field(description="Recorded and not billed yet, or billed and not paid.")
    available_cents: int = Field(description="balanceCents less pendingCents.")
    has_funds: bool = Field(description="Whether balanceCents is above 0 and covers pendingCents.")
    status: Status
    usage_details: list[UsageEventAnswer]
    cursor: str | None


class EntryAnswer(AnswerSchema):
    """One ledger entry; `hash` covers everything else in it but `id`."""

    id: str
    seq: int
    kind: str
    amount_cents: Cents = Field(description="Below 0 for a debit.")
    balance_cents: Cents
    reference: str = Field(description="A credit's idempotency key, or the record that was paid.")
    posted_at: ShownInstant
    previous_hash: str
    hash: str


class LedgerAnswer(AnswerSchema):
    """Ledger entries, newest first, and the balance after the newest up to `asOf`."""

    lists: ClassVar[str | None] = "items"

    items: list[EntryAnswer]
    balance_cents: Cents
    cursor: str | None


class ProofAnswer(AnswerSchema):
    """What a verification found; `ok` only when all was checked and adds up."""

    model_config = ConfigDict(
        json_schema_extra=example(
            ok=True,
            complete=True,
            entries=2,
            sumCents=4938,
            balanceCents=4938,
            headHash="f380a74acc233c1e438b28c6e61063451c38a19abe9b38150e1b609b3ad03455",
            fault=None,
            cursor=None,
            days=0,
        )
    )

    ok: bool
    complete: bool = Field(description="False when time ran out: go on with `cursor`.")
    entries: int
    sum_cents: int
    balance_cents: int
    head_hash: str
    fault: str | None
    cursor: str | None
    days: int = Field(
        description="Days that this answer checked as they are kept; behind them, entry by entry."
    )


def show_balance(balance: Balance) -> BalanceAnswer:
    """Show a balance."""
    return BalanceAnswer(
        customer_id=balance.customer.id,
        balance_cents=balance.balance_cents,
        pending_cents=balance.pending_cents,
        available_cents=balance.available_cents,
        has_funds=balance.has_funds,
        status=balance.customer.status,
        usage_details=[
            show_event(billed.event, billed_at=billed.billed_at) for billed in balance.usage.items
        ],
        cursor=balance.usage.cursor,
    )


def show_ledger(page: LedgerPage) -> LedgerAnswer:
    """Show a page of the ledger."""
    return LedgerAnswer(
        items=[_entry(entry) for entry in page.entries],
        balance_cents=page.balance_cents,
        cursor=page.cursor,
    )


def show_proof(proof: Proof) -> ProofAnswer:
    """Show what a verification found."""
    return ProofAnswer(
        ok=proof.ok,
        complete=proof.complete,
        entries=proof.entries,
        sum_cents=proof.sum_cents,
        balance_cents=proof.balance_cents,
        head_hash=proof.head_hash,
        fault=proof.fault,
        cursor=proof.cursor,
        days=proof.days,
    )


def _entry(entry: Entry) -> EntryAnswer:
    return EntryAnswer(
        id=entry.id,
        seq=entry.seq,
        kind=entry.kind,
        amount_cents=entry.amount_cents,
        balance_cents=entry.balance_cents,
        reference=entry.reference,
        posted_at=to_text(entry.posted_at),
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )


READ = Route(
    "GET",
    "/billing/balance/{customerId}",
    Scope.BILLING_READ,
    "Read a customer's balance and usage",
    operation_id="getBalance",
    query=PageQuery,
    response=BalanceAnswer,
    statuses={200: "The balance, with the usage newest first."},
    own_errors=(CustomerNotFoundError,),
)

LIST_LEDGER = Route(
    "GET",
    "/billing/ledger/{customerId}",
    Scope.BILLING_READ,
    "List ledger entries, now or as of a time",
    operation_id="listLedgerEntries",
    query=LedgerQuery,
    response=LedgerAnswer,
    statuses={200: "Entries, newest first."},
    own_errors=(CustomerNotFoundError,),
)

VERIFY_LEDGER = Route(
    "GET",
    "/billing/ledger/{customerId}/verify",
    Scope.BILLING_READ,
    "Prove that the ledger adds up",
    operation_id="verifyLedger",
    query=VerifyQuery,
    response=ProofAnswer,
    statuses={200: "What the verification found, also where that is a fault."},
    own_errors=(CustomerNotFoundError,),
)

ROUTES = (READ, LIST_LEDGER, VERIFY_LEDGER)
