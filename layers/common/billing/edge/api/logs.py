"""What came of log files: their accounts, and the usage that was read from them."""

from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import (
    CustomerNotFoundError,
    LogFileInProgressError,
    LogFileNotFoundError,
)
from billing.domain.logfiles import FileState, LogFile, Problem
from billing.domain.times import optional_text, to_text
from billing.edge.api.shared import UsageEventAnswer, counts_of, show_event
from billing.edge.http.fields import PAGE_ITEMS_DEFAULT, Limit, ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import (
    AnswerSchema,
    EmptyRequest,
    ListAnswer,
    PageQuery,
    Schema,
    example,
)
from billing.services.paging import Page
from billing.services.read_usage import BilledEvent


class LogFileQuery(Schema):
    """Which pages of what came of a log file."""

    limit: Limit = Field(default=PAGE_ITEMS_DEFAULT, description="The most items to a list.")
    usage_cursor: str | None = Field(
        default=None, description="The `cursor` of the `usage` before."
    )
    problems_cursor: str | None = Field(
        default=None, description="The `cursor` of the `problems` before."
    )


class LogFileAnswer(AnswerSchema):
    """The account of a log file: `lines` is the sum of what became of each."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="2b1c9a0e6f7d4c358b9a0e6f7d4c358b",
            key="incoming/2026-01-15.json",
            bytes=941000,
            etag="5d41402abc4b2a76b9719d911017c592",
            upload=1,
            state="done",
            reason=None,
            position=10000,
            lines=10000,
            accepted=9993,
            duplicate=0,
            conflict=0,
            rejected=7,
            foundAt="2026-01-15T10:00:00.000000Z",
            startedAt="2026-01-15T10:00:00.125000Z",
            finishedAt="2026-01-15T10:00:04.500000Z",
        )
    )

    id: str
    key: str = Field(description="The file's name in the bucket.")
    bytes: int
    etag: str = Field(description="By which S3 knows its content, without quotes.")
    upload: int = Field(description="How often other content was put under this name.")
    state: FileState
    reason: str | None = Field(description="Why the file could not be read to its end.")
    position: int = Field(description="The number of the last line accounted for, from 1.")
    lines: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    found_at: ShownInstant
    started_at: ShownInstant | None
    finished_at: ShownInstant | None


class LogFileListAnswer(ListAnswer[LogFileAnswer]):
    """Accounts of log files, the newest upload first."""


class LogUsageAnswer(UsageEventAnswer):
    """A usage event that was read from a line of a log file."""

    model_config = ConfigDict(json_schema_extra=None)

    log_file_id: str
    log_line: int


class LogUsageListAnswer(ListAnswer[LogUsageAnswer]):
    """Usage read from log files; a page may be short before the end, which has no cursor."""


class LogProblemAnswer(AnswerSchema):
    """A line that was not accepted, and why."""

    line: int
    outcome: Literal["conflict", "rejected"]
    reason: str


class LogProblemListAnswer(ListAnswer[LogProblemAnswer]):
    """Lines that were not accepted, in order; of one file the first thousand are kept."""


class LogFileDetailAnswer(LogFileAnswer):
    """A log file's account, with the usage that was read from it and the lines that were not."""

    lists: ClassVar[str | None] = "problems"

    model_config = ConfigDict(json_schema_extra=None)

    usage: LogUsageListAnswer = Field(description="Of all uploads, in order of lines.")
    problems: LogProblemListAnswer


def show_log_file(file: LogFile) -> LogFileAnswer:
    """Show a log file's account."""
    return LogFileAnswer(
        id=file.id,
        key=file.stored.key,
        bytes=file.stored.size_bytes,
        etag=file.stored.etag,
        upload=file.upload,
        state=file.state,
        reason=file.reason,
        position=file.position,
        found_at=to_text(file.found_at),
        started_at=optional_text(file.started_at),
        finished_at=optional_text(file.finished_at),
        **counts_of(file.counts),
    )


def show_log_files(page: Page[LogFile]) -> LogFileListAnswer:
    """Show a page of log files' accounts."""
    return LogFileListAnswer(items=[show_log_file(file) for file in page.items], cursor=page.cursor)


def show_log_file_detail(
    file: LogFile, usage: Page[BilledEvent], problems: Page[Problem]
) -> LogFileDetailAnswer:
    """Show a log file's account with pages of what came of it."""
    return LogFileDetailAnswer(
        **dict(show_log_file(file)),
        usage=show_log_usage(usage),
        problems=LogProblemListAnswer(
            items=[
                LogProblemAnswer.model_validate(
                    {"line": each.line, "outcome": each.outcome, "reason": each.reason}
                )
                for each in problems.items
            ],
            cursor=problems.cursor,
        ),
    )


def show_log_usage(page: Page[BilledEvent]) -> LogUsageListAnswer:
    """Show a page of usage that was read from log files."""
    return LogUsageListAnswer(
        items=[_log_usage(billed) for billed in page.items], cursor=page.cursor
    )


def _log_usage(billed: BilledEvent) -> LogUsageAnswer:
    source = billed.event.source
    if source is None:
        raise ValueError(f"usage event {billed.event.event_id} was not read from a log file")
    shown = show_event(billed.event, billed_at=billed.billed_at)
    return LogUsageAnswer(**dict(shown), log_file_id=source.file_id, log_line=source.line)


LIST = Route(
    "GET",
    "/logs",
    Scope.BILLING_READ,
    "List the usage that was read from log files",
    operation_id="listLogUsage",
    query=PageQuery,
    response=LogUsageListAnswer,
    statuses={200: "Usage, of the newest file first, its last line first."},
)

LIST_OF_USER = Route(
    "GET",
    "/logs/user/{userId}",
    Scope.BILLING_READ,
    "List the usage of a customer that was read from log files",
    operation_id="listCustomerLogUsage",
    query=PageQuery,
    response=LogUsageListAnswer,
    statuses={200: "Usage, newest first."},
    own_errors=(CustomerNotFoundError,),
)

LIST_FILES = Route(
    "GET",
    "/logs/files",
    Scope.BILLING_READ,
    "List log files and what became of their lines",
    operation_id="listLogFiles",
    query=PageQuery,
    response=LogFileListAnswer,
    statuses={200: "Files, the newest upload first."},
)

READ_FILE = Route(
    "GET",
    "/logs/files/{fileId}",
    Scope.BILLING_READ,
    "Read what became of a log file, line by line",
    operation_id="getLogFile",
    query=LogFileQuery,
    response=LogFileDetailAnswer,
    statuses={200: "The file's account, its usage, and the lines that were not accepted."},
    own_errors=(LogFileNotFoundError,),
)

REREAD_FILE = Route(
    "POST",
    "/logs/files/{fileId}/reread",
    Scope.BILLING_WRITE,
    "Have a log file read again from its first line",
    operation_id="rereadLogFile",
    request=EmptyRequest,
    response=LogFileAnswer,
    statuses={202: "The file's account, which stays as it is until the file is read again."},
    own_errors=(LogFileNotFoundError, LogFileInProgressError),
)

ROUTES = (LIST, LIST_OF_USER, LIST_FILES, READ_FILE, REREAD_FILE)
