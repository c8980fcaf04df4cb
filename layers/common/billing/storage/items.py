"""Items as DynamoDB has them: values with their types, and names under aliases."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

type Item = dict[str, Any]
type Key = dict[str, str]

_ALIAS = re.compile(r"#([A-Za-z]+)\b")
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def aliases(*expressions: str) -> dict[str, str]:
    """Alias every `#word` of the expressions to the attribute `word`.

    Every attribute name is aliased, so that no reserved word of DynamoDB, of today or tomorrow,
    can break an expression.
    """
    return {f"#{word}": word for expression in expressions for word in _ALIAS.findall(expression)}


def typed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serializer.serialize(value) for name, value in item.items()}


def plain(typed_item: Mapping[str, Any]) -> Item:
    return {name: _deserializer.deserialize(value) for name, value in typed_item.items()}


def whole(number: Decimal) -> int:
    """Read a stored number that is an integer by construction."""
    as_int = int(number)
    if as_int != number:
        raise ValueError(f"{number} is not an integer")
    return as_int
