"""The operations about wallets, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.calls import (
    Call,
    Pages,
    body,
    given,
    idempotency,
    path,
    query,
)

if TYPE_CHECKING:
    from datetime import datetime

    from usage_billing.api import shapes


def credit_wallet(
    customer_id: str, amount_cents: int, *, idempotency_key: str | None = None
) -> Call[shapes.CreditAnswer]:
    """Add money to a wallet, once for each Idempotency-Key.

    `POST /billing/credit`; the key needs the scope `billing:write`.
    """
    return Call(
        "POST",
        path("/billing/credit"),
        may_repeat=True,
        headers=idempotency(idempotency_key),
        body=body(given(customerId=customer_id, amountCents=amount_cents)),
    )


def get_balance(
    customer_id: str, *, limit: int | None = None, cursor: str | None = None
) -> Call[shapes.BalanceAnswer]:
    """Read a customer's balance and usage.

    `GET /billing/balance/{customerId}`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET",
        path("/billing/balance/{customerId}", customerId=customer_id),
        may_repeat=True,
        query=query(limit=limit, cursor=cursor),
    )


def list_ledger_entries(
    customer_id: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    as_of: str | datetime | None = None,
) -> Pages[shapes.EntryAnswer]:
    """List ledger entries, now or as of a time.

    `GET /billing/ledger/{customerId}`; the key needs the scope `billing:read`.
    """
    return Pages(
        Call(
            "GET",
            path("/billing/ledger/{customerId}", customerId=customer_id),
            may_repeat=True,
            query=query(limit=limit, cursor=cursor, asOf=as_of),
        )
    )


def verify_ledger(
    customer_id: str, *, full: bool | None = None, cursor: str | None = None
) -> Call[shapes.ProofAnswer]:
    """Prove that the ledger adds up.

    `GET /billing/ledger/{customerId}/verify`; the key needs the scope `billing:read`.
    """
    return Call(
        "GET",
        path("/billing/ledger/{customerId}/verify", customerId=customer_id),
        may_repeat=True,
        query=query(full=full, cursor=cursor),
    )


def get_wallet(customer_id: str) -> Call[shapes.WalletAnswer]:
    """Read a wallet.

    `GET /wallets/{userId}`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/wallets/{userId}", userId=customer_id), may_repeat=True)


def get_wallet_balance(customer_id: str) -> Call[shapes.WalletBalanceAnswer]:
    """Read what a wallet holds.

    `GET /wallets/{userId}/balance`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/wallets/{userId}/balance", userId=customer_id), may_repeat=True)


def add_funds(
    customer_id: str, amount_cents: int, *, idempotency_key: str | None = None
) -> Call[shapes.CreditAnswer]:
    """Add money to a wallet, once for each Idempotency-Key.

    `POST /wallets/{userId}/add-funds`; the key needs the scope `billing:write`.
    """
    return Call(
        "POST",
        path("/wallets/{userId}/add-funds", userId=customer_id),
        may_repeat=True,
        headers=idempotency(idempotency_key),
        body=body(given(amountCents=amount_cents)),
    )
