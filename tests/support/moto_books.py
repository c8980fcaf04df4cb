"""Books on moto, in this process, with what makes moto exact and quick."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Inexact, Rounded
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from moto import mock_aws
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from tests.support.books import Books
from tests.support.faithful import make_faithful
from tests.support.sessions import testing_session
from tests.support.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

# DynamoDB holds 38 digits, and refuses a sum that would need more.
_DIGITS_38 = Context(prec=38, traps=[Inexact, Rounded])

_TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})

# Nobody checks a signature or reads who calls, and both take time to write.
_CONFIG = Config(signature_version=UNSIGNED, user_agent="tests")


@contextmanager
def moto_books() -> Iterator[Books]:
    """Give empty books over fresh tables; nothing ever leaves this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoType, "__add__", _add_exactly)
        _pick_attribute_values_at_once(patch)
        _copy_tables_only_to_undo(patch)
        with mock_aws():
            client = plain_client()
            tables = create_tables(client)
            make_faithful(client)
            yield Books(client, tables)


def plain_client() -> "DynamoDBClient":
    """Make another client of the same tables, without any addition."""
    return testing_session().client("dynamodb", config=_CONFIG)


def _add_exactly(left: DynamoType, right: DynamoType) -> DynamoType:
    """Add as DynamoDB does; moto rounds to 28 digits, and cannot read 1E-18."""
    return DynamoType({"N": str(_DIGITS_38.add(left.cast_value, right.cast_value))})


def _pick_attribute_values_at_once(patch: pytest.MonkeyPatch) -> None:
    """Keep moto from trying each of the ten types of a value under a dozen spellings."""
    pick = AttributePicker.__call__

    def pick_at_once(picker: AttributePicker, context: AttributePickerContext) -> object:
        value = context.obj
        if isinstance(value, dict) and len(value) == 1 and value.keys() <= _TYPES:
            return value.get(context.key)
        return pick(picker, context)

    patch.setattr(AttributePicker, "__call__", pick_at_once)


def _copy_tables_only_to_undo(patch: pytest.MonkeyPatch) -> None:
    """Keep moto from copying the table for each write of a transaction that nothing will undo."""
    carry_out = DynamoDBBackend.transact_write_items

    def transact_write_items(backend: DynamoDBBackend, writes: list[dict[str, Any]]) -> None:
        nothing_to_undo = all(_holds(backend, next(iter(write.values()))) for write in writes)
        with pytest.MonkeyPatch.context() as quick:
            if nothing_to_undo:
                quick.setattr("moto.dynamodb.models.copy", SimpleNamespace(deepcopy=copy_items))
            carry_out(backend, writes)

    def copy_items(thing: object) -> object:
        return thing if isinstance(thing, Table) else copy.deepcopy(thing)

    patch.setattr(DynamoDBBackend, "transact_write_items", transact_write_items)


def _holds(backend: DynamoDBBackend, write: dict[str, Any]) -> bool:
    """Tell whether the condition of a write holds, as moto itself is about to find."""
    item = write.get("Key") or {name: write["Item"][name] for name in ("pk", "sk")}
    condition = get_filter_expression(
        write.get("ConditionExpression"),
        write.get("ExpressionAttributeNames"),
        write.get("ExpressionAttributeValues"),
    )
    return bool(condition.expr(backend.get_item(write["TableName"], item)))
