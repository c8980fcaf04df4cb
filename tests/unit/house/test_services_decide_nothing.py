"""Services read, ask the domain and write; what a change means is decided one floor down."""

from pathlib import Path

import pytest

from tests.unit.house.code import called, modules


@pytest.mark.parametrize("module", modules("services"), ids=lambda module: module.stem)
def test_a_service_changes_nothing_by_itself_but_asks_the_domain_for_a_verb(module: Path) -> None:
    assert "replace" not in called(module)
