"""API keys as items, found by the hash of their secret."""

from dataclasses import dataclass
from datetime import datetime

from billing.domain.api_keys import ApiKey, Scope
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item
from billing.storage.lists import listing, newest_first
from billing.storage.writes import ConditionFailedError, Put, Update

UNCLAIMED = "attribute_not_exists(#pk)"

# Only a key that exists can be revoked, and the first revocation tells when.
IN_FORCE = "attribute_exists(#pk) AND attribute_not_exists(#revokedAt)"

_REVOKE = "SET #revokedAt = :now"


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Reads and writes API keys."""

    dynamo: Dynamo
    table: str

    def create(self, api_key: ApiKey) -> None:
        """Store a new key."""
        item: Item = {
            **keys.api_key(api_key.secret_sha256),
            **keys.listing(keys.API_KEYS_LIST, api_key.created_at, api_key.id),
            "keyId": api_key.id,
            "name": api_key.name,
            "scopes": sorted(scope.value for scope in api_key.scopes),
            "createdAt": to_text(api_key.created_at),
        }
        self.dynamo.transact([Put(self.table, item, UNCLAIMED)])

    def find(self, secret_sha256: str) -> ApiKey | None:
        """Find a key by the hash of its secret, strongly consistent, revoked or not."""
        item = self.dynamo.get(self.table, keys.api_key(secret_sha256))
        return None if item is None else _api_key(item)

    def page(self, *, limit: int, before: str | None) -> tuple[list[ApiKey], str | None]:
        """List keys, newest first, and the position to go on before."""
        items, position = newest_first(
            self.dynamo, self.table, [listing(keys.API_KEYS_LIST)], limit=limit, before=before
        )
        return [_api_key(item) for item in items], position

    def revoke(self, secret_sha256: str, *, now: datetime) -> bool:
        """Revoke a key; False where it does not exist or was revoked before."""
        key = keys.api_key(secret_sha256)
        try:
            self.dynamo.update(Update(self.table, key, _REVOKE, IN_FORCE, {":now": to_text(now)}))
        except ConditionFailedError as refused:
            # Unless it was an earlier try, whose answer was lost.
            return refused.item is not None and refused.item.get("revokedAt") == to_text(now)
        return True


def _api_key(item: Item) -> ApiKey:
    revoked_at = item.get("revokedAt")
    return ApiKey(
        id=item["keyId"],
        name=item["name"],
        scopes=frozenset(Scope(scope) for scope in item["scopes"]),
        secret_sha256=item["pk"].removeprefix("APIKEY#"),
        created_at=from_text(item["createdAt"]),
        revoked_at=None if revoked_at is None else from_text(revoked_at),
    )
