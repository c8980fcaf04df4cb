"""Add money to a wallet, once for each idempotency key."""

import os

from billing.edge.api import credit
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.services.credit_wallet import credit_wallet

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "LEDGER_TABLE", "DUNNING_STATE_MACHINE_ARN", "RETRY_SCHEDULE_SECONDS"},
)


def post_credit(request: Request) -> Answer:
    """Credit a wallet; a repeated request gets the first answer again."""
    wanted = request.body(credit.CreditBody).request(request.idempotency_key())
    receipt = credit_wallet(wanted, dunning=CONTAINER.dunning(request.context))
    return Answer.created(credit.show_credit(receipt), replayed=receipt.replayed)


handler = http_handler({credit.CREDIT: post_credit})
