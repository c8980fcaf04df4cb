"""`billing keys`: API keys, made by whoever may write the table of accounts.

No route makes keys, so that one that leaked makes no others: it takes AWS credentials, for the
first key as for any other.
"""

import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from usage_billing.cli.exits import CommandError, Exit, UsageProblemError
from usage_billing.cli.key_table import SECRET_BYTES, KeyTable
from usage_billing.cli.output import Columns, when
from usage_billing.cli.session import Session, command

group = typer.Typer(
    help="API keys, by the AWS credentials of the shell; needs the extra 'aws'.",
    no_args_is_help=True,
)

TABLE_VARIABLE = "ACCOUNTS_TABLE"
TABLE_OUTPUT = "AccountsTableName"

# What AWS says of what is not there, such as a stack, or is meant for nothing that it has.
_REFUSED_CODES = frozenset(
    {
        "ConditionalCheckFailedException",
        "ResourceNotFoundException",
        "ValidationError",
        "ValidationException",
    }
)
# What it says of credentials that are none, are over, or do not allow it.
_CREDENTIAL_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

Stack = Annotated[
    str | None,
    typer.Option(help="The deployed stack; else the table of ACCOUNTS_TABLE.", show_default=False),
]


class Scope(StrEnum):
    """What a key allows."""

    USAGE_WRITE = "usage:write"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    ADMIN = "admin"


COLUMNS = Columns(
    ("key", lambda it: it["id"]),
    ("made", lambda it: when(it["createdAt"])[:10]),
    ("state", lambda it: "in force" if it["revokedAt"] is None else "revoked"),
    ("scopes", lambda it: " ".join(it["scopes"])),
    ("name", lambda it: it["name"]),
    none="No keys",
)


@command(group, "create")
def create(
    session: Session,
    name: Annotated[str, typer.Option(help="Whose key it is, for people.", show_default=False)],
    scope: Annotated[
        list[Scope],
        typer.Option(help="May be given several times; admin is all.", show_default=False),
    ],
    stack: Stack = None,
) -> None:
    """Make a key and show its secret, once."""
    with _table(stack) as table:
        secret, key = table.create(
            key_id=str(uuid.uuid4()),
            name=name,
            scopes=tuple({it.value for it in scope}),
            random=secrets.token_bytes(SECRET_BYTES),
            now=datetime.now(UTC),
        )
    shown = {"id": key.id, "scopes": " ".join(key.scopes), "secret": secret}
    session.output.one({**key.shown(), "secret": secret}, shown)
    session.output.say("The secret is not stored and cannot be shown again.")


@command(group, "list")
def list_keys(session: Session, stack: Stack = None) -> None:
    """List all keys, newest first, revoked ones too."""
    with _table(stack) as table:
        session.output.many((key.shown() for key in table.all()), COLUMNS)


@command(group, "revoke")
def revoke(
    session: Session,
    key: Annotated[str, typer.Argument(help="The key's id.", show_default=False)],
    stack: Stack = None,
) -> None:
    """Revoke a key, for ever; it stops working within a minute."""
    with _table(stack) as table:
        found = next((it for it in table.all() if it.id == key), None)
        if found is None:
            raise CommandError(f"There is no key {key}", Exit.REFUSED)
        session.output.many([table.revoke(found, now=datetime.now(UTC)).shown()], COLUMNS)


@contextmanager
def _table(stack: str | None) -> Iterator[KeyTable]:
    try:
        import boto3
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            NoCredentialsError,
            NoRegionError,
            PartialCredentialsError,
            ProfileNotFound,
        )
    except ImportError:
        raise UsageProblemError(
            "Keys need AWS credentials and boto3: install usage-billing-client[cli,aws]"
        ) from None
    try:
        name = os.environ.get(TABLE_VARIABLE)
        if stack is not None:
            name = _accounts_table(boto3.client("cloudformation"), stack)
        if not name:
            raise UsageProblemError(f"Whose keys? Give --stack, or set {TABLE_VARIABLE}")
        yield KeyTable(boto3.client("dynamodb"), name)
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise CommandError(f"AWS: {error}", Exit.KEY) from None
    except (NoRegionError, ProfileNotFound) as error:
        raise UsageProblemError(f"AWS: {error}") from None
    except ClientError as error:
        raise CommandError(f"AWS: {error}", _exit_of(error.response["Error"]["Code"])) from None
    except BotoCoreError as error:
        raise CommandError(f"AWS: {error}", Exit.UNAVAILABLE) from None


def _exit_of(code: str) -> Exit:
    if code in _REFUSED_CODES:
        return Exit.REFUSED
    return Exit.KEY if code in _CREDENTIAL_CODES else Exit.UNAVAILABLE


def _accounts_table(cloudformation: Any, stack: str) -> str:  # noqa: ANN401  It has no types.
    [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    # A stack that is being made has no outputs yet.
    outputs = {it["OutputKey"]: it["OutputValue"] for it in found.get("Outputs", ())}
    name = outputs.get(TABLE_OUTPUT)
    if name is None:
        raise CommandError(
            f"The stack {stack} has no output {TABLE_OUTPUT}: it is none of usage-based billing, "
            f"or is still being made ({found['StackStatus']})",
            Exit.REFUSED,
        )
    return str(name)
