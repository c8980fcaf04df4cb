"""API keys: made, found, listed and revoked; the secret is shown once and never stored."""

import base64
import hashlib
from collections.abc import Iterable

from billing.domain.api_keys import ApiKey, Scope
from billing.domain.errors import ApiKeyNotFoundError, OwnApiKeyError
from billing.domain.times import Clock
from billing.services.paging import Page, cursor_at, position_of
from billing.storage.stores import Stores

# A prefix makes a leaked key easy to find, for people and for secret scanners.
SECRET_PREFIX = "ub_"  # noqa: S105 - the part that every key has is no secret
SECRET_BYTES = 32


def create_api_key(
    *,
    key_id: str,
    name: str,
    scopes: Iterable[Scope],
    random: bytes,
    stores: Stores,
    clock: Clock,
) -> tuple[str, ApiKey]:
    """Make a key; the text returned beside it is the secret, which nobody can show again.

    The secret is made of `random`, which must be `SECRET_BYTES` long.
    """
    if len(random) != SECRET_BYTES:
        raise ValueError(f"the secret of a key takes {SECRET_BYTES} random bytes")
    secret = SECRET_PREFIX + base64.urlsafe_b64encode(random).decode().rstrip("=")
    api_key = ApiKey(
        id=key_id,
        name=name,
        scopes=frozenset(scopes),
        secret_sha256=_sha256(secret),
        created_at=clock(),
    )
    stores.api_keys.create(api_key)
    return secret, api_key


def find_api_key(secret: str, *, stores: Stores) -> ApiKey | None:
    """Find the key of a secret; None for an unknown or a revoked one."""
    api_key = stores.api_keys.find(_sha256(secret))
    return None if api_key is None or api_key.revoked_at is not None else api_key


def list_api_keys(*, limit: int, cursor: str | None, stores: Stores) -> Page[ApiKey]:
    """List keys, newest first, revoked ones too."""
    api_keys, position = stores.api_keys.page(limit=limit, before=position_of(cursor))
    return Page(api_keys, cursor_at(position))


def revoke_api_key(key_id: str, *, by: str, stores: Stores, clock: Clock) -> ApiKey:
    """Revoke a key, or leave it revoked; `by` is the key that asks.

    Raises ApiKeyNotFoundError, and OwnApiKeyError where the two are one.
    """
    if key_id == by:
        raise OwnApiKeyError(key_id)
    revoked = stores.api_keys.revoke(key_id, now=clock())
    if revoked is None:
        raise ApiKeyNotFoundError(key_id)
    return revoked


def _sha256(secret: str) -> str:
    """Hash a secret; it has 256 random bits, so that no slow hash is needed to protect it."""
    return hashlib.sha256(secret.encode()).hexdigest()
