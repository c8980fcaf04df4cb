"""Money that came in for a customer."""

from typing import Annotated

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    IdempotencyKeyReusedError,
    LimitReachedError,
)
from billing.domain.money import MAX_CENTS
from billing.edge.api.shared import CreditAnswer, show_receipt
from billing.edge.http.fields import Id
from billing.edge.http.routes import Route
from billing.edge.http.schema import Schema, example
from billing.services.credit_wallet import CreditRequest


class CreditBody(Schema):
    """Money that came in for a customer."""

    model_config = ConfigDict(json_schema_extra=example(customerId="acme", amountCents=5000))

    customer_id: Id
    amount_cents: Annotated[int, Field(ge=1, le=MAX_CENTS)]

    def request(self, idempotency_key: str) -> CreditRequest:
        """Return the request that this body makes under a key."""
        return CreditRequest(self.customer_id, self.amount_cents, idempotency_key)


show_credit = show_receipt


CREDIT = Route(
    "POST",
    "/billing/credit",
    Scope.BILLING_WRITE,
    "Add money to a wallet, once for each Idempotency-Key",
    operation_id="creditWallet",
    request=CreditBody,
    response=CreditAnswer,
    statuses={
        201: "Credited, or credited before by the same request: the first answer again, with "
        "the header Idempotent-Replayed: true."
    },
    own_errors=(CustomerNotFoundError, IdempotencyKeyReusedError, LimitReachedError),
    idempotency_key="required",
)

ROUTES = (CREDIT,)
