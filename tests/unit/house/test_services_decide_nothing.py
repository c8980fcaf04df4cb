"""Services read, ask the domain and write: rules live one floor down, and so do items."""

from pathlib import Path

import pytest

from tests.unit.house.code import called, mentioned, modules

SERVICES = pytest.mark.parametrize("module", modules("services"), ids=lambda module: module.stem)

# What only a store reads: its gateway, and how a write was refused.
OF_STORES = {
    "ConditionFailedError",
    "TransactionCancelledError",
    "dynamo",
    "failure_of",
    "item",
    "transact",
}


@SERVICES
def test_a_service_changes_nothing_by_itself_but_asks_the_domain_for_a_verb(module: Path) -> None:
    assert "replace" not in called(module)


@SERVICES
def test_a_service_reads_no_item_and_no_reason_of_a_cancellation(module: Path) -> None:
    assert mentioned(module) & OF_STORES == set()
