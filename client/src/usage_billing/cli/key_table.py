"""API keys as items of the table of accounts, written and read with AWS credentials.

The item is that of the product's own store, which finds a key by the SHA-256 of its secret.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SECRET_PREFIX = "ub_"  # noqa: S105 - the part that every key has is no secret
SECRET_BYTES = 32
_LIST = "APIKEYS"
_INDEX = "listing"


@dataclass(frozen=True)
class Key:
    """A key without its secret, of which only the SHA-256 is kept; times are RFC 3339 in UTC."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: str
    revoked_at: str | None
    secret_sha256: str

    def shown(self) -> dict[str, object]:
        """Return it as JSON, without the hash."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "createdAt": self.created_at,
            "revokedAt": self.revoked_at,
        }


class KeyTable:
    """Makes, lists and revokes keys."""

    def __init__(self, dynamodb: Any, table: str) -> None:  # noqa: ANN401  boto3 has no types.
        """Use a client of DynamoDB."""
        self._dynamodb = dynamodb
        self._table = table

    def create(
        self, *, key_id: str, name: str, scopes: tuple[str, ...], random: bytes, now: datetime
    ) -> tuple[str, Key]:
        """Make a key of `SECRET_BYTES` random bytes; the text returned beside it is its secret."""
        secret = SECRET_PREFIX + base64.urlsafe_b64encode(random).decode().rstrip("=")
        sha256 = hashlib.sha256(secret.encode()).hexdigest()
        key = Key(key_id, name, tuple(sorted(scopes)), _text(now), None, sha256)
        item = {
            **_primary(sha256),
            "listPk": {"S": _LIST},
            "listSk": {"S": f"{key.created_at}#{key.id}"},
            "keyId": {"S": key.id},
            "name": {"S": key.name},
            "scopes": {"L": [{"S": scope} for scope in key.scopes]},
            "createdAt": {"S": key.created_at},
        }
        self._dynamodb.put_item(
            TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
        )
        return secret, key

    def all(self) -> Iterator[Key]:
        """List keys, newest first, revoked ones too; one made a moment ago may be missing."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=_INDEX,
            KeyConditionExpression="listPk = :list",
            ExpressionAttributeValues={":list": {"S": _LIST}},
            ScanIndexForward=False,
        )
        for page in pages:
            for entry in page["Items"]:
                primary = {name: entry[name] for name in ("pk", "sk")}
                found = self._dynamodb.get_item(
                    TableName=self._table, Key=primary, ConsistentRead=True
                )
                if "Item" in found:
                    yield _key(found["Item"])

    def revoke(self, key: Key, *, now: datetime) -> Key:
        """Revoke a key; one that was revoked before keeps the time of then."""
        done = self._dynamodb.update_item(
            TableName=self._table,
            Key=_primary(key.secret_sha256),
            UpdateExpression="SET revokedAt = if_not_exists(revokedAt, :now)",
            # A key that somebody removed meanwhile must not come back as a half one.
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":now": {"S": _text(now)}},
            ReturnValues="ALL_NEW",
        )
        return _key(done["Attributes"])


def _primary(sha256: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"APIKEY#{sha256}"}, "sk": {"S": "APIKEY"}}


def _key(item: dict[str, Any]) -> Key:
    revoked = item.get("revokedAt")
    return Key(
        id=item["keyId"]["S"],
        name=item["name"]["S"],
        scopes=tuple(scope["S"] for scope in item["scopes"]["L"]),
        created_at=item["createdAt"]["S"],
        revoked_at=None if revoked is None else revoked["S"],
        secret_sha256=item["pk"]["S"].removeprefix("APIKEY#"),
    )


def _text(now: datetime) -> str:
    return f"{now.astimezone(UTC).replace(tzinfo=None).isoformat('T', 'microseconds')}Z"
