"""Wallets: what they hold, and funds that are added."""

from pydantic import ConfigDict, Field

from billing.domain.accounts import Account
from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    LimitReachedError,
)
from billing.domain.ledger import Wallet
from billing.edge.api.shared import AmountBody, CreditAnswer, show_receipt
from billing.edge.http.fields import Cents, ShownDecimal
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, example


class AddFundsBody(AmountBody):
    """Money that came in for a wallet."""

    model_config = ConfigDict(json_schema_extra=example(amount=50))


class WalletBalanceAnswer(AnswerSchema):
    """What a wallet holds."""

    model_config = ConfigDict(
        json_schema_extra=example(userId="acme", balanceCents=4250, balance="42.50")
    )

    user_id: str
    balance_cents: Cents
    balance: ShownDecimal = Field(description="The same in major units.")


class WalletAnswer(WalletBalanceAnswer):
    """A wallet: what it holds, what is owed, and how far it may fall."""

    model_config = ConfigDict(json_schema_extra=None)

    outstanding_cents: int = Field(description="The sum of the records that are not paid.")
    outstanding_records: int
    floor_cents: int | None = Field(description="The least balance a charge leaves; null: none.")
    entries: int = Field(description="How many ledger entries make up the balance.")


def show_wallet_balance(wallet: Wallet) -> WalletBalanceAnswer:
    """Show what a wallet holds."""
    return WalletBalanceAnswer(
        user_id=wallet.customer_id,
        balance_cents=wallet.balance_cents,
        balance=_major_units(wallet.balance_cents),
    )


def show_wallet(account: Account) -> WalletAnswer:
    """Show a wallet."""
    wallet = account.wallet
    return WalletAnswer(
        **dict(show_wallet_balance(wallet)),
        outstanding_cents=wallet.outstanding_cents,
        outstanding_records=wallet.outstanding_records,
        floor_cents=wallet.floor_cents if account.customer.has_floor else None,
        entries=wallet.seq,
    )


# Funds that are added are a credit like any other.
show_added_funds = show_receipt


def _major_units(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


READ = Route(
    "GET",
    "/wallets/{userId}",
    Scope.BILLING_READ,
    "Read a wallet",
    operation_id="getWallet",
    response=WalletAnswer,
    statuses={200: "The wallet."},
    own_errors=(CustomerNotFoundError,),
)

READ_BALANCE = Route(
    "GET",
    "/wallets/{userId}/balance",
    Scope.BILLING_READ,
    "Read what a wallet holds",
    operation_id="getWalletBalance",
    response=WalletBalanceAnswer,
    statuses={200: "The balance."},
    own_errors=(CustomerNotFoundError,),
)

ADD_FUNDS = Route(
    "POST",
    "/wallets/{userId}/add-funds",
    Scope.BILLING_WRITE,
    "Add money to a wallet, once for each Idempotency-Key",
    operation_id="addFunds",
    request=AddFundsBody,
    response=CreditAnswer,
    statuses={
        201: "Added, or added before by the same request: the first answer again, with the "
        "header Idempotent-Replayed: true."
    },
    own_errors=(CustomerNotFoundError, IdempotencyKeyReusedError, LimitReachedError),
    idempotency_key="required",
)

ROUTES = (READ, READ_BALANCE, ADD_FUNDS)
