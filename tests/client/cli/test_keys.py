"""Keys are made with AWS credentials, as the product's own store finds, lists and revokes them."""

import json
import os

import boto3
import pytest
from botocore.exceptions import ClientError

from billing.domain.api_keys import Scope
from billing.services.api_keys import find_api_key, list_api_keys
from tests.client.cli.conftest import Run
from tests.client.conftest import Product
from usage_billing.cli.exits import Exit
from usage_billing.cli.key_table import KeyTable


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
    assert refused.code == Exit.REFUSED
    assert "ResourceNotFoundException" in refused.words


def make_stack(name: str, outputs: dict[str, str]) -> None:
    """Deploy a stack that has nothing but outputs that matter."""
    template = {
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {output: {"Value": value} for output, value in outputs.items()},
    }
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))


def test_keys_are_those_of_the_stack_that_is_named(
    run: Run, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_stack("usage-billing", {"AccountsTableName": product.books.tables.accounts})
    monkeypatch.setenv("ACCOUNTS_TABLE", "of-another-stack")

    made = run(
        *("keys", "create", "--stack", "usage-billing", "--name", "ops", "--scope", "admin"),
        "--json",
    ).one
    listed = run("keys", "list", "--stack", "usage-billing", "--json").json
    [revoked] = run("keys", "revoke", made["id"], "--stack", "usage-billing", "--json").json

    assert made["id"] in [it["id"] for it in listed]
    assert revoked["revokedAt"] is not None
    assert find_api_key(made["secret"], stores=product.books.stores) is None


def test_a_stack_that_is_not_there_is_told_in_a_sentence(run: Run) -> None:
    refused = run("keys", "list", "--stack", "nowhere")

    assert refused.code == Exit.REFUSED
    assert refused.words.endswith("Stack with id nowhere does not exist\n")


@pytest.mark.parametrize("outputs", [{}, {"Url": "https://example.com"}], ids=["none", "others"])
def test_a_stack_of_something_else_is_told_in_a_sentence(run: Run, outputs: dict[str, str]) -> None:
    name = f"website-{len(outputs)}"
    make_stack(name, outputs)

    refused = run("keys", "list", "--stack", name)

    assert refused.code == Exit.REFUSED
    assert f"The stack {name} has no output AccountsTableName" in refused.words


@pytest.mark.parametrize("stack", [(), ("--stack", "usage-billing")], ids=["table", "stack"])
def test_keys_without_credentials_are_told_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, stack: tuple[str, ...]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    refused = run("keys", "list", *stack)

    assert refused.code == Exit.KEY
    assert refused.words == "AWS: Unable to locate credentials\n"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("AWS_DEFAULT_REGION", None, "You must specify a region"),
        ("AWS_PROFILE", "nobody", "profile (nobody) could not be found"),
    ],
    ids=["no region", "unknown profile"],
)
def test_settings_of_aws_that_are_missing_are_a_fault_of_the_command_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str | None, said: str
) -> None:
    monkeypatch.delenv(variable, raising=False)
    if value is not None:
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    refused = run("keys", "list")

    assert refused.code == Exit.USAGE
    assert said in refused.words


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        ("AccessDenied", Exit.KEY),
        ("ExpiredToken", Exit.KEY),
        ("Throttling", Exit.UNAVAILABLE),
        ("ServiceUnavailable", Exit.UNAVAILABLE),
    ],
)
def test_what_passes_is_told_from_credentials_that_do_not_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, code: str, ends: Exit
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "No"}}, "Query")

    monkeypatch.setattr(KeyTable, "all", refuse)

    assert run("keys", "list").code == ends
