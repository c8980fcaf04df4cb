"""`billing whoami`, `doctor` and `open`: who asks, is all as it should be, and where to look."""

import webbrowser
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Annotated

import httpx
import typer

from usage_billing.cli.exits import Exit
from usage_billing.cli.output import Columns
from usage_billing.cli.session import Session, command
from usage_billing.errors import KeyRefusedError, UsageBillingError
from usage_billing.transport import REQUEST_SECONDS, settings

CLOCK_SECONDS_MAX = 60

COLUMNS = Columns(
    ("check", lambda it: it["check"]),
    ("", lambda it: "ok" if it["ok"] else "fault"),
    ("what it says", lambda it: it["says"]),
    none="Nothing to check",
)

Check = dict[str, object]


def _check(name: str, says: str, *, ok: bool) -> Check:
    return {"check": name, "ok": ok, "says": says}


def whoami(session: Session) -> None:
    """Tell whose key this is, and what it allows."""
    me = session.billing.get_me()
    shown = {"key": me["keyId"], "name": me["name"], "scopes": " ".join(me["scopes"])}
    session.output.one(me, shown)


def doctor(session: Session) -> Exit:
    """Check address, API, clock and key; the exit code is 1 where one of them is at fault."""
    checks = list(_checks(session))
    session.output.many(checks, COLUMNS)
    return Exit.DONE if all(check["ok"] for check in checks) else Exit.WRONG


def _checks(session: Session) -> Iterator[Check]:
    address = session.settings.url
    try:
        client = httpx.Client(**settings(address, None, REQUEST_SECONDS))
    except ValueError as error:
        yield _check("address", str(error), ok=False)
        return
    yield _check("address", address, ok=True)
    began = datetime.now(UTC)
    try:
        with client:
            answer = client.get("/health")
    except httpx.RequestError as error:
        yield _check("API", f"no answer: {error}", ok=False)
        return
    now = datetime.now(UTC)
    milliseconds = round((now - began).total_seconds() * 1000)
    healthy = answer.status_code == httpx.codes.OK
    says = f"answered within {milliseconds} ms" if healthy else f"status {answer.status_code}"
    yield _check("API", says, ok=healthy)
    yield from _clock(answer.headers.get("date"), now)
    if healthy:
        yield _key(session)


def _clock(date: str | None, now: datetime) -> Iterator[Check]:
    """Compare the clocks, where the answer tells the server's, to the second."""
    if date is None:
        return
    try:
        ahead = (now - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return
    says = f"{abs(round(ahead))} s {'ahead of' if ahead > 0 else 'behind'} the API's"
    yield _check("clock", says, ok=abs(ahead) <= CLOCK_SECONDS_MAX)


def _key(session: Session) -> Check:
    if session.settings.api_key is None:
        return _check("key", "none: set BILLING_API_KEY, or give --key-file", ok=False)
    try:
        me = session.billing.get_me()
    except KeyRefusedError:
        return _check("key", "unknown or revoked", ok=False)
    except UsageBillingError as error:
        return _check("key", str(error), ok=False)
    return _check("key", f"{me['name'] or me['keyId']}, for {' '.join(me['scopes'])}", ok=True)


class Page(StrEnum):
    """What to look at."""

    CONSOLE = "console"
    DOCS = "docs"


def open_page(
    session: Session, page: Annotated[Page, typer.Argument(help="Which.")] = Page.CONSOLE
) -> None:
    """Open the console, or the page of the API, in a browser, and say its address."""
    address = f"{session.settings.url.rstrip('/')}/{page.value}"
    webbrowser.open(address)
    session.output.one({"url": address})


def add_to(group: typer.Typer) -> None:
    """Add these commands to a group."""
    command(group, "whoami")(whoami)
    command(group, "doctor")(doctor)
    command(group, "open")(open_page)
