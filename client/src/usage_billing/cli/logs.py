"""`billing logs`: usage that is read from files of the bucket."""

import io
from collections.abc import Callable
from concurrent.futures import Future, wait
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Annotated

import httpx
import typer

from usage_billing.api.problems import LogFileNotFoundError
from usage_billing.api.shapes import LogFileDetailAnswer, UploadAnswer
from usage_billing.cli.customers import Limit, say_if_cut
from usage_billing.cli.exits import CommandError, Exit, UsageProblemError
from usage_billing.cli.output import Columns, counted, when
from usage_billing.cli.session import Session, command

group = typer.Typer(help="Log files in the bucket.", no_args_is_help=True)

FILES = Columns(
    ("file", lambda it: it["id"]),
    ("key", lambda it: it["key"]),
    ("state", lambda it: it["state"]),
    ("lines", lambda it: it["lines"]),
    ("accepted", lambda it: it["accepted"]),
    ("not", lambda it: it["lines"] - it["accepted"]),
    none="No log files",
    numeric=("lines", "accepted", "not"),
)

PROBLEMS = Columns(
    ("line", lambda it: it["line"]),
    ("outcome", lambda it: it["outcome"]),
    ("reason", lambda it: it["reason"]),
    none="Every line was accepted",
    numeric=("line",),
)


@command(group, "show")
def show(
    session: Session,
    file: Annotated[
        str | None, typer.Argument(help="A file's id.", show_default="all files")
    ] = None,
    limit: Limit = None,
) -> None:
    """Show log files, or what became of one, with the lines that were not accepted."""
    size = min(limit or 100, 100)
    if file is None:
        found = session.billing.list_log_files(limit=size)
        say_if_cut(session, session.output.many(islice(found, limit), FILES), limit)
        return
    _show(session, session.billing.get_log_file(file, limit=size))


def _show(session: Session, answer: LogFileDetailAnswer) -> None:
    if session.output.as_json:
        session.output.one(answer)
        return
    names = ("key", "state", "reason", "lines", "accepted", "duplicate", "conflict", "rejected")
    counts = {name: value for name, value in answer.items() if name in names and value is not None}
    session.output.one(answer, {**counts, "read": when(answer["finishedAt"])})
    session.output.text("\n")
    session.output.many(answer["problems"]["items"], PROBLEMS)
    if answer["problems"]["cursor"] is not None:
        session.output.say("There are more lines than these: --limit")


# A file may take long; only where the bucket hangs does it take so long for the next byte.
UPLOAD_SECONDS = 60.0
POLL_SECONDS = 1.0
ENDED = frozenset({"done", "failed"})


@command(group, "upload")
def upload(
    session: Session,
    file: Annotated[Path, typer.Argument(help="A log file, as in docs/api.md.")],
    name: Annotated[
        str | None,
        typer.Option(
            help="What it is called in the bucket: the same name again replaces it.",
            show_default="the name of the file",
        ),
    ] = None,
    read: Annotated[
        bool, typer.Option("--read", help="Have it read now, and wait; needs the scope admin.")
    ] = False,
) -> Exit:
    """Put a log file into the bucket, to be read within the hour.

    Each line counts once, however often a file of this name is put there. With --read, the exit
    code is 1 where a line was not accepted.
    """
    try:
        size = file.stat().st_size
        with session.output.bytes_progress("Uploading") as bar:
            task = bar.add_task("", total=size, done="")
            with _Watched(file, lambda count: bar.advance(task, count)) as stream:
                offer = session.billing.create_log_upload(name or file.name)
                if size > offer["maxBytes"]:
                    raise UsageProblemError(f"{file} has more than {offer['maxBytes']} bytes")
                _post(offer, stream)
    except OSError as error:
        raise UsageProblemError(f"{file} cannot be read: {error.strerror}") from None
    if not read:
        session.output.one({"fileId": offer["fileId"], "key": offer["key"]})
        return Exit.DONE
    try:
        account = _read_now(session, offer["fileId"])
    except KeyboardInterrupt:
        words = f"Interrupted: the file is in the bucket; see billing logs show {offer['fileId']}"
        raise CommandError(words, Exit.INTERRUPTED) from None
    _show(session, account)
    good = account["state"] == "done" and not (account["conflict"] or account["rejected"])
    return Exit.DONE if good else Exit.WRONG


class _Watched(io.FileIO):
    """A file that tells how much of it was read."""

    def __init__(self, path: Path, count: Callable[[int], None]) -> None:
        super().__init__(path)
        self._count = count

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(-1 if size is None else size) or b""
        self._count(len(found))
        return found


def _post(offer: UploadAnswer, stream: io.FileIO) -> None:
    """Send the form that was offered; it carries no key, and is good for this file alone."""
    try:
        answer = httpx.post(
            offer["url"], data=offer["fields"], files={"file": stream}, timeout=UPLOAD_SECONDS
        )
    except httpx.RequestError as error:
        raise CommandError(f"The bucket did not take the file: {error}", Exit.UNAVAILABLE) from None
    if not answer.is_success:
        words = f"The bucket did not take the file: status {answer.status_code}, {answer.text}"
        raise CommandError(words, Exit.UNAVAILABLE)


def _read_now(session: Session, file_id: str) -> LogFileDetailAnswer:
    """Ask for one run after another until the file is read, and show how far it is."""
    billing = session.billing
    while True:
        job = _begun(billing.run_logs_job)
        while not wait([job], timeout=POLL_SECONDS).done:
            session.output.line(_how_far(session, file_id))
        job.result()
        account = billing.get_log_file(file_id, limit=100)
        if account["state"] in ENDED:
            return account
        session.output.say(f"{counted(account['lines'], 'line')} read, and it goes on")


def _begun(job: Callable[[], object]) -> Future[object]:
    """Begin a request in a thread that nobody waits for who interrupts the command."""
    future: Future[object] = Future()

    def carry_out() -> None:
        try:
            future.set_result(job())
        except Exception as error:  # noqa: BLE001  Whoever asks for the result is told.
            future.set_exception(error)

    Thread(target=carry_out, daemon=True).start()
    return future


def _how_far(session: Session, file_id: str) -> str:
    try:
        account = session.billing.get_log_file(file_id, limit=1)
    except LogFileNotFoundError:
        return "Not found yet"
    return f"{account['state']}: {counted(account['lines'], 'line')}"
