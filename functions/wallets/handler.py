"""Show wallets and add funds to them."""

import os

from billing.edge.api import wallets
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.services.accounts import read_living_account, read_living_wallet
from billing.services.credit_wallet import CreditRequest, credit_wallet

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "DUNNING_STATE_MACHINE_ARN", "RETRY_SCHEDULE_SECONDS"},
)


def get_wallet(request: Request) -> Answer:
    """Show a wallet."""
    account = read_living_account(request.id("userId"), CONTAINER.open_stores(request.context))
    return Answer.of(200, wallets.show_wallet(account))


def get_balance(request: Request) -> Answer:
    """Show what a wallet holds."""
    wallet = read_living_wallet(request.id("userId"), CONTAINER.open_stores(request.context))
    return Answer.of(200, wallets.show_wallet_balance(wallet))


def post_add_funds(request: Request) -> Answer:
    """Add money; a repeated request gets the first answer again."""
    customer_id, amount_cents = request.id("userId"), request.body(wallets.AddFundsBody).cents
    credit = CreditRequest(customer_id, amount_cents, request.idempotency_key())
    receipt = credit_wallet(credit, dunning=CONTAINER.dunning(request.context))
    return Answer.created(wallets.show_added_funds(receipt), replayed=receipt.replayed)


handler = http_handler(
    {
        wallets.READ: get_wallet,
        wallets.READ_BALANCE: get_balance,
        wallets.ADD_FUNDS: post_add_funds,
    }
)
