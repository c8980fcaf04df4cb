"""What every command has: the client, the output, the options that are everywhere, and its end."""

import inspect
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar, get_type_hints

import typer

from usage_billing import Billing
from usage_billing.cli.exits import CommandError, Exit, UsageProblemError
from usage_billing.cli.output import Output
from usage_billing.cli.settings import Settings, is_open_to_others, settle
from usage_billing.errors import (
    AnsweredError,
    InvalidError,
    KeyRefusedError,
    NotAllowedError,
    ProblemError,
    UsageBillingError,
)

P = ParamSpec("P")
T = TypeVar("T")

Url = Annotated[
    str | None, typer.Option(help="Address of the API; else BILLING_URL.", show_default=False)
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the API key, alone or as BILLING_API_KEY=…; else BILLING_API_KEY.",
        show_default=False,
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Write JSON: one answer, or an item of a list a line.")
]


@dataclass
class Session:
    """One run of one command."""

    output: Output
    url: str | None
    key_file: Path | None
    _opened: list[Billing] = field(default_factory=list)

    @cached_property
    def settings(self) -> Settings:
        """Where the API is, and the key; asked for by those that need them."""
        found = settle(self.url, self.key_file)
        if self.key_file is not None and is_open_to_others(self.key_file):
            self.output.say(f"{self.key_file} can be read by others: chmod 600 it")
        return found

    @cached_property
    def billing(self) -> Billing:
        """The client."""
        try:
            billing = Billing(self.settings.url, self.settings.api_key)
        except ValueError as error:
            raise UsageProblemError(str(error)) from None
        except OSError as error:
            words = f"The certificates of SSL_CERT_FILE or SSL_CERT_DIR: {error.strerror}"
            raise UsageProblemError(words) from None
        self._opened.append(billing)
        return billing

    def close(self) -> None:
        """Close what was opened."""
        for billing in self._opened:
            billing.close()


def command(
    group: typer.Typer, name: str
) -> Callable[[Callable[Concatenate[Session, P], T]], Callable[Concatenate[Session, P], T]]:
    """Make a command of a function whose first parameter is the session.

    It has the options of all commands behind its own. What the function returns is the exit code.
    """

    def register(
        function: Callable[Concatenate[Session, P], T],
    ) -> Callable[Concatenate[Session, P], T]:
        hints = get_type_hints(function, include_extras=True)
        _, *own = inspect.signature(function).parameters.values()

        def run(**given: Any) -> None:  # noqa: ANN401  Typer gives what the signature says.
            _run(function, given)

        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            *(it.replace(kind=kind, annotation=hints[it.name]) for it in own),
            inspect.Parameter("url", kind, default=None, annotation=Url),
            inspect.Parameter("key_file", kind, default=None, annotation=KeyFile),
            inspect.Parameter("as_json", kind, default=False, annotation=Json),
        ]
        vars(run)["__signature__"] = inspect.Signature(parameters)
        run.__annotations__ = {it.name: it.annotation for it in parameters}
        run.__doc__ = function.__doc__
        group.command(name)(run)
        return function

    return register


def _run(function: Callable[..., Any], given: dict[str, Any]) -> None:
    output = Output(as_json=given.pop("as_json"))
    session = Session(output, given.pop("url"), given.pop("key_file"))
    try:
        with _waits_told(output):
            code: int = function(session, **given)
    except (UsageBillingError, CommandError) as error:
        output.complain(_words(error))
        code = _code(error)
    except KeyboardInterrupt:
        output.complain("Interrupted")
        code = Exit.INTERRUPTED
    except BrokenPipeError:
        output.close()
        code = Exit.CLOSED
    except OSError as error:
        # A disk that is full, for one; Python would complain of it once more at its end.
        output.close()
        output.complain(f"Reading or writing failed: {error.strerror or error}")
        code = Exit.USAGE
    finally:
        session.close()
    sys.exit(code or Exit.DONE)


@contextmanager
def _waits_told(output: Output) -> Iterator[None]:
    """Say at a terminal for what a request waits that is tried again."""
    told = logging.getLogger("usage_billing")
    handler = _AtTheBottom(output)
    level = told.level
    told.addHandler(handler)
    told.setLevel(logging.INFO)
    try:
        yield
    finally:
        told.setLevel(level)
        told.removeHandler(handler)


class _AtTheBottom(logging.Handler):
    """Shows a record at the bottom of the terminal, until something else is shown there."""

    def __init__(self, output: Output) -> None:
        super().__init__(logging.INFO)
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Show it."""
        self._output.line(record.getMessage())


def _code(error: UsageBillingError | CommandError) -> int:
    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, KeyRefusedError | NotAllowedError):
        return Exit.KEY
    if isinstance(error, AnsweredError) and error.nothing_done and not error.passes:
        return Exit.REFUSED
    return Exit.UNAVAILABLE


def _words(error: UsageBillingError | CommandError) -> str:
    if isinstance(error, KeyRefusedError):
        return f"The API key is missing, unknown or revoked ({error.detail})"
    if not isinstance(error, ProblemError):
        return str(error)
    lines = [f"{error.detail} ({error.code})"]
    if isinstance(error, InvalidError):
        lines += [f"  {fault.field}: {fault.message}" for fault in error.errors[1:]]
    if error.status >= 500 and error.request_id:  # noqa: PLR2004 - a fault of the server
        lines.append(f"The logs have it as {error.request_id}")
    return "\n".join(lines)
