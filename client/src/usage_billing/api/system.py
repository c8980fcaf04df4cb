"""The operations about system, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usage_billing.calls import (
    Call,
    Pages,
    path,
    query,
)

if TYPE_CHECKING:
    from usage_billing.api import shapes


def list_keys(*, limit: int | None = None, cursor: str | None = None) -> Pages[shapes.KeyAnswer]:
    """List API keys.

    `GET /keys`; the key needs the scope `admin`.
    """
    return Pages(
        Call("GET", path("/keys"), may_repeat=True, query=query(limit=limit, cursor=cursor))
    )


def revoke_key(key_id: str) -> Call[shapes.KeyAnswer]:
    """Revoke an API key, another one than that of the request.

    `POST /keys/{keyId}/revoke`; the key needs the scope `admin`.
    """
    return Call("POST", path("/keys/{keyId}/revoke", keyId=key_id), may_repeat=True)


def get_me() -> Call[shapes.MeAnswer]:
    """Tell whose key this is, and what it allows.

    `GET /me`; any key will do.
    """
    return Call("GET", path("/me"), may_repeat=True)


def get_system_status() -> Call[shapes.SystemStatusAnswer]:
    """Tell what ran and what waits, who owes, and what somebody has to see to.

    `GET /system/status`; the key needs the scope `billing:read`.
    """
    return Call("GET", path("/system/status"), may_repeat=True)


def get_health() -> Call[shapes.HealthAnswer]:
    """Tell that the API answers.

    `GET /health`, without a key.
    """
    return Call("GET", path("/health"), may_repeat=True)


def get_openapi() -> Call[dict[str, Any]]:
    """Describe this API as OpenAPI 3.1.

    `GET /openapi.json`, without a key.
    """
    return Call("GET", path("/openapi.json"), may_repeat=True)


def get_docs() -> Call[str]:
    """Describe this API to people.

    `GET /docs`, without a key.
    """
    return Call("GET", path("/docs"), may_repeat=True, answers="text")
