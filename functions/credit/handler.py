"""Add money to a wallet, once for each idempotency key."""

import os

from billing.edge.composition import open_container
from billing.edge.http.handler import Answer, Request, http_handler
from billing.edge.schemas import CreditBody
from billing.edge.views import show_receipt
from billing.services.credit_wallet import credit_wallet

CONTAINER = open_container(os.environ)


def post_credit(request: Request) -> Answer:
    """Credit a wallet; a repeated request gets the first answer again."""
    credit = request.body(CreditBody).request(request.idempotency_key())
    stores = CONTAINER.open_stores(request.context)
    receipt = credit_wallet(
        credit, stores=stores, clock=CONTAINER.clock, dunning=CONTAINER.dunning(stores)
    )
    headers = {"Idempotent-Replayed": "true"} if receipt.replayed else {}
    return Answer.of(201, show_receipt(receipt), headers=headers)


handler = http_handler("credit", {"POST /billing/credit": post_credit})
