"""Create, list and revoke API keys, on the local cloud or in an account.

    make api-key ARGS="create --name ci --scope usage:write"
    make api-key ARGS="list"
    make api-key ARGS="revoke <key id>"

Without `--stack` the keys are those of the running local cloud (`.local/env`); with it, those of a
deployed stack, by the credentials and region of the shell.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import boto3

from billing.domain.api_keys import ApiKey, Scope
from billing.domain.deadline import Deadline
from billing.domain.ids import uuid7
from billing.domain.times import to_text
from billing.services.api_keys import SECRET_BYTES, create_api_key, list_api_keys, revoke_api_key
from billing.services.paging import PAGE_ITEMS_MAX
from billing.storage.dynamo import Dynamo
from billing.storage.stores import Stores, Tables, open_stores
from tools.local_cloud import env_file
from tools.local_cloud.env_file import ENV_FILE

PATIENCE_SECONDS = 20.0


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    stores = _stores(options.stack)
    if options.command == "create":
        return _create(options.name, options.scope, stores)
    if options.command == "list":
        return _list(stores)
    return _revoke(options.key_id, stores)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make api-key ARGS=…", description=__doc__)
    parser.add_argument("--stack", help="name of a deployed stack; without it, the local cloud")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key and show its secret, once")
    create.add_argument("--name", required=True, help="whose key it is, for people")
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        type=Scope,
        choices=list(Scope),
        help="may be given several times; admin includes all",
    )
    commands.add_parser("list", help="list all keys, newest first")
    revoke = commands.add_parser("revoke", help="revoke a key; it stops working within a minute")
    revoke.add_argument("key_id", metavar="KEY_ID")
    return parser


def _create(name: str, scopes: Sequence[Scope], stores: Stores) -> int:
    secret, api_key = create_api_key(
        key_id=uuid7(_now(), os.urandom(10)),
        name=name,
        scopes=scopes,
        random=os.urandom(SECRET_BYTES),
        stores=stores,
        clock=_now,
    )
    print(f"id      {api_key.id}")
    print(f"scopes  {_scopes(api_key)}")
    print(f"secret  {secret}")
    print("The secret is not stored and cannot be shown again.")
    return 0


def _list(stores: Stores) -> int:
    for api_key in _all_keys(stores):
        state = (
            "in force" if api_key.revoked_at is None else f"revoked {to_text(api_key.revoked_at)}"
        )
        made = to_text(api_key.created_at)
        print(f"{api_key.id}  {made}  {state}  {_scopes(api_key)}  {api_key.name}")
    return 0


def _revoke(key_id: str, stores: Stores) -> int:
    for api_key in _all_keys(stores):
        if api_key.id == key_id:
            done = revoke_api_key(api_key, stores=stores, clock=_now)
            print(f"{key_id} {'is revoked' if done else 'was revoked already'}")
            return 0
    print(f"There is no key {key_id}", file=sys.stderr)
    return 1


def _all_keys(stores: Stores) -> Iterator[ApiKey]:
    cursor: str | None = None
    while True:
        page = list_api_keys(limit=PAGE_ITEMS_MAX, cursor=cursor, stores=stores)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _stores(stack: str | None) -> Stores:
    environment = _local_environment() if stack is None else {}
    client = boto3.client(
        "dynamodb",
        endpoint_url=environment.get("AWS_ENDPOINT_URL"),
        region_name=environment.get("AWS_REGION"),
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
    )
    accounts = environment["ACCOUNTS_TABLE"] if stack is None else _accounts_table(stack)
    deadline = Deadline.after(PATIENCE_SECONDS, time.monotonic)
    # Keys live in the accounts table alone; the other two are never touched from here.
    return open_stores(Dynamo(client, deadline), Tables(accounts, ledger="-", usage="-"))


def _local_environment() -> dict[str, str]:
    if not ENV_FILE.exists():
        raise SystemExit(
            "The local cloud is not running: start it with 'make run', or name a --stack"
        )
    return env_file.read(ENV_FILE)


def _accounts_table(stack: str) -> str:
    stacks = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
    return outputs["AccountsTableName"]


def _scopes(api_key: ApiKey) -> str:
    return ",".join(sorted(api_key.scopes))


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
