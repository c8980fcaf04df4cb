"""Keys are made with AWS credentials, as the product's own store finds, lists and revokes them."""

import pytest

from billing.domain.api_keys import Scope
from billing.services.api_keys import find_api_key, list_api_keys
from tests.client.cli.conftest import Run
from tests.client.conftest import Product
from usage_billing.cli.exits import Exit


@pytest.fixture(autouse=True)
def aws(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the shell the table of the product."""
    monkeypatch.setenv("ACCOUNTS_TABLE", product.books.tables.accounts)


def test_a_key_is_made_and_is_good(run: Run, product: Product) -> None:
    made = run("keys", "create", "--name", "ci", "--scope", "usage:write", "--json").one

    found = find_api_key(made["secret"], stores=product.books.stores)

    assert found is not None
    assert (found.id, found.name) == (made["id"], "ci")
    assert found.scopes == {Scope.USAGE_WRITE}
    assert run("customer", "list", "--json").code == Exit.DONE


def test_keys_are_listed_without_their_secrets(run: Run, product: Product) -> None:
    made = run("keys", "create", "--name", "listed", "--scope", "admin", "--json").one

    listed = run("keys", "list")
    of_the_product = list_api_keys(limit=100, cursor=None, stores=product.books.stores).items

    assert [it["id"] for it in run("keys", "list", "--json").json] == [
        key.id for key in of_the_product
    ]
    assert made["secret"] not in listed.data
    assert "listed" in listed.data


def test_a_key_is_revoked_once(run: Run, product: Product) -> None:
    made = run("keys", "create", "--name", "gone", "--scope", "admin", "--json").one

    [first] = run("keys", "revoke", made["id"], "--json").json
    [again] = run("keys", "revoke", made["id"], "--json").json

    assert first["revokedAt"] is not None
    assert again == first
    assert find_api_key(made["secret"], stores=product.books.stores) is None


def test_a_key_that_is_none_is_refused(run: Run) -> None:
    assert run("keys", "revoke", "nothing").code == Exit.REFUSED
    assert run("keys", "create", "--name", "x", "--scope", "all").code == Exit.USAGE


def test_keys_without_a_table_are_a_fault_of_the_command_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACCOUNTS_TABLE")
    assert run("keys", "list").code == Exit.USAGE


def test_what_aws_refuses_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTS_TABLE", "another-table")
    refused = run("keys", "list")
    assert refused.code == Exit.UNAVAILABLE
    assert "ResourceNotFoundException" in refused.words
