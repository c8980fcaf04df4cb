"""Show wallets and add funds to them."""

import os

from billing.domain.errors import CustomerNotFoundError
from billing.edge.composition import open_container
from billing.edge.http.handler import Answer, Request, http_handler
from billing.edge.schemas import AddFundsBody
from billing.edge.views import show_receipt, show_wallet, show_wallet_balance
from billing.services.accounts import read_living_account
from billing.services.credit_wallet import CreditRequest, credit_wallet

CONTAINER = open_container(os.environ)


def get_wallet(request: Request) -> Answer:
    """Show a wallet."""
    account = read_living_account(request.id("userId"), CONTAINER.open_stores(request.context))
    return Answer.of(200, show_wallet(account))


def get_balance(request: Request) -> Answer:
    """Show what a wallet holds."""
    customer_id = request.id("userId")
    wallet = CONTAINER.open_stores(request.context).wallets.get(customer_id)
    if wallet is None or wallet.closed_at is not None:
        raise CustomerNotFoundError(customer_id)
    return Answer.of(200, show_wallet_balance(wallet))


def post_add_funds(request: Request) -> Answer:
    """Add money; a repeated request gets the first answer again."""
    customer_id, amount_cents = request.id("userId"), request.body(AddFundsBody).cents
    credit = CreditRequest(customer_id, amount_cents, request.idempotency_key())
    stores = CONTAINER.open_stores(request.context)
    receipt = credit_wallet(
        credit, stores=stores, clock=CONTAINER.clock, dunning=CONTAINER.dunning(stores)
    )
    headers = {"Idempotent-Replayed": "true"} if receipt.replayed else {}
    return Answer.of(201, show_receipt(receipt), headers=headers)


handler = http_handler(
    "wallets",
    {
        "GET /wallets/{userId}": get_wallet,
        "GET /wallets/{userId}/balance": get_balance,
        "POST /wallets/{userId}/add-funds": post_add_funds,
    },
)
