"""API keys as items, found by the hash of their secret."""

from dataclasses import dataclass
from datetime import datetime

from billing.domain.api_keys import ApiKey, Scope
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, Key
from billing.storage.lists import listing, newest_first
from billing.storage.writes import ConditionFailedError, Put, Update

UNCLAIMED = "attribute_not_exists(#pk)"

# A key that somebody removed meanwhile must not come back as a half one.
IS_THERE = "attribute_exists(#pk)"

ALL_KEYS = "#listPk = :list"

# The first revocation tells when.
_REVOKE = "SET #revokedAt = if_not_exists(#revokedAt, :now)"

_KEYS_PAGE_SIZE = 500


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

    def revoke(self, key_id: str, *, now: datetime) -> ApiKey | None:
        """Revoke a key, and return it as it is then; one that was revoked before keeps the time of
        then. None where there is none of this id, or it was made a moment ago.
        """
        key = self._key_of(key_id)
        if key is None:
            return None
        try:
            item = self.dynamo.update(
                Update(self.table, key, _REVOKE, IS_THERE, {":now": to_text(now)})
            )
        except ConditionFailedError:
            return None
        return _api_key(item)

    def _key_of(self, key_id: str) -> Key | None:
        """Look through the list of keys, which are as many as people and programs made."""
        entries = self.dynamo.query_all(
            self.table,
            index=keys.LISTING_INDEX,
            condition=ALL_KEYS,
            values={":list": keys.API_KEYS_LIST},
            page_size=_KEYS_PAGE_SIZE,
        )
        for entry in entries:
            if entry["listSk"].partition("#")[2] == key_id:
                return {"pk": entry["pk"], "sk": entry["sk"]}
        return None


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
