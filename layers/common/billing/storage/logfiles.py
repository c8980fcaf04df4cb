"""Log files as items: one tally per file, and beside it the lines that were not accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.domain.logfiles import FileState, LineCounts, LogFile, Problem, StoredFile
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.lists import listing, newest_first
from billing.storage.writes import (
    ConditionFailedError,
    Put,
    TransactionCancelledError,
    Update,
    Write,
)

# A file is found once; two runs may see it at the same time.
NOT_FOUND_YET = "attribute_not_exists(#pk)"

# The problems of a batch are kept with its tally, so once.
NOT_KEPT_YET = "attribute_not_exists(#pk)"

# Somebody else who saw the new upload first has begun the tally of it.
STILL_THIS_UPLOAD = "#upload = :upload"

# Whoever finished the file, or saw something new under its key, ended what we were about to do.
UNFINISHED = "#upload = :upload AND #state IN (:found, :processing)"

# Another run that read the same lines may have counted them: they count once.
NOT_COUNTED_YET = "#upload = :upload AND #state = :processing AND #position = :seen"

# Of two comparisons, the later one counts, whichever ends first.
NEVER_EARLIER = "attribute_not_exists(#comparedAt) OR #comparedAt < :at"

PROBLEMS_OF_UPLOAD = "#pk = :pk AND begins_with(#sk, :prefix)"

_START = (
    "SET #state = :processing, #attempts = #attempts + :one,"
    " #startedAt = if_not_exists(#startedAt, :now)"
)
_COUNT = (
    "SET #position = :position, #accepted = :accepted, #duplicate = :duplicate,"
    " #conflict = :conflict, #rejected = :rejected, #problemsKept = :problemsKept,"
    " #attempts = :zero"
)
_GIVE_BACK = "SET #attempts = :attempts"
_FINISH = "SET #state = :finished, #finishedAt = :now"
_FINISH_WITH_REASON = f"{_FINISH}, #reason = :reason"
_COMPARED = "SET #comparedAt = :at"

_PROBLEMS_PAGE_SIZE = 100


class FileLostError(Exception):
    """Another run has the file now, or it was put there anew: what this run read counts no more."""


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Reads and writes the tallies of log files."""

    dynamo: Dynamo
    table: str

    def get(self, file_id: str) -> LogFile | None:
        """Read a file's tally, strongly consistent."""
        item = self.dynamo.get(self.table, keys.log_file(file_id))
        return None if item is None else _log_file(item)

    def get_many(self, file_ids: Sequence[str]) -> dict[str, LogFile]:
        """Read several tallies; files that were never found are left out."""
        found = self.dynamo.get_many(self.table, [keys.log_file(each) for each in file_ids])
        files = [_log_file(item) for item in found]
        return {file.id: file for file in files}

    def page(self, *, limit: int, before: str | None) -> tuple[list[LogFile], str | None]:
        """List tallies, the newest upload first, and the position to go on before."""
        items, position = newest_first(
            self.dynamo, self.table, listing(keys.LOG_FILES_LIST), limit=limit, before=before
        )
        return [_log_file(item) for item in items], position

    def find(self, stored: StoredFile, *, now: datetime) -> LogFile:
        """Begin the tally of a file, or return the one that another run has just begun."""
        file = LogFile(stored, upload=1, state=FileState.FOUND, found_at=now)
        return self._open(file, NOT_FOUND_YET, {})

    def find_again(self, known: LogFile, stored: StoredFile, *, now: datetime) -> LogFile:
        """Begin the tally of the next upload under a key, in place of the one before."""
        file = LogFile(stored, upload=known.upload + 1, state=FileState.FOUND, found_at=now)
        return self._open(file, STILL_THIS_UPLOAD, {":upload": known.upload})

    def _open(self, file: LogFile, condition: str, values: dict[str, Any]) -> LogFile:
        put = Put(self.table, _item(file), condition, values)
        try:
            self.dynamo.transact([put])
        except TransactionCancelledError as cancelled:
            failure = cancelled.failure_of(put)
            if failure is None or failure.item is None:
                raise
            return _log_file(failure.item)
        return file

    def start(self, file: LogFile, *, now: datetime) -> LogFile:
        """Begin to read, or go on; returns the tally as it stands then.

        Raises FileLostError where it is finished or replaced.
        """
        values = {
            ":upload": file.upload,
            ":found": FileState.FOUND.value,
            ":processing": FileState.PROCESSING.value,
            ":one": 1,
            ":now": to_text(now),
        }
        return self._update(file, _START, UNFINISHED, values)

    def give_back(self, file: LogFile) -> None:
        """Uncount an attempt that ended in good order, or through no fault of the file."""
        values = {**_as_read(file), ":attempts": max(0, file.attempts - 1)}
        self._update(file, _GIVE_BACK, NOT_COUNTED_YET, values)

    def count(
        self, file: LogFile, *, position: int, counts: LineCounts, problems: Sequence[Problem]
    ) -> LogFile:
        """Count the lines up to `position`, in one transaction with their problems.

        Raises FileLostError where that has been done already, or the file is replaced.
        """
        after = file.read_on(position, counts, problems_kept=len(problems))
        values = {
            **_as_read(file),
            **{f":{name}": value for name, value in _progress(after).items()},
            ":zero": 0,
        }
        update = Update(self.table, keys.log_file(file.id), _COUNT, NOT_COUNTED_YET, values)
        writes: list[Write] = [update]
        if problems:
            writes.append(self._keeping(file, problems))
        try:
            self.dynamo.transact(writes)
        except TransactionCancelledError as cancelled:
            raise FileLostError from cancelled
        return after

    def _keeping(self, file: LogFile, problems: Sequence[Problem]) -> Put:
        key = keys.log_problems(file.id, file.upload, problems[0].line)
        rows = [
            {"line": each.line, "outcome": each.outcome, "reason": each.reason} for each in problems
        ]
        return Put(self.table, {**key, "problems": rows}, NOT_KEPT_YET)

    def finish(self, file: LogFile, *, reason: str | None, now: datetime) -> LogFile:
        """Close a tally: done, or failed where there is a reason.

        Raises FileLostError where another run went on with the file, or it is replaced.
        """
        finished = FileState.DONE if reason is None else FileState.FAILED
        values = {**_as_read(file), ":finished": finished.value, ":now": to_text(now)}
        expression = _FINISH
        if reason is not None:
            expression, values = _FINISH_WITH_REASON, {**values, ":reason": reason}
        try:
            return self._update(file, expression, NOT_COUNTED_YET, values)
        except FileLostError as lost:
            # An earlier try may have done it, whose answer was lost: then whoever counts the files
            # that failed must hear of it now, for nobody finishes the file again.
            done = self.get(file.id)
            if done is None or (done.upload, done.state, done.finished_at, done.reason) != (
                file.upload,
                finished,
                now,
                reason,
            ):
                raise lost from None
            return done

    def problems(self, file: LogFile) -> list[Problem]:
        """Read what is kept of the lines that were not accepted, in order of lines."""
        values = {
            ":pk": keys.log_file(file.id)["pk"],
            ":prefix": keys.log_problems_prefix(file.upload),
        }
        found = self.dynamo.query_all(
            self.table, condition=PROBLEMS_OF_UPLOAD, values=values, page_size=_PROBLEMS_PAGE_SIZE
        )
        return [_problem(row) for item in found for row in item["problems"]]

    def compared_at(self) -> datetime | None:
        """Tell when all files of the bucket were last compared, and none was left to read."""
        item = self.dynamo.get(self.table, keys.LOG_SCAN)
        return None if item is None else from_text(item["comparedAt"])

    def set_compared_at(self, at: datetime) -> None:
        """Remember when all files of the bucket were compared."""
        try:
            self.dynamo.update(
                Update(self.table, keys.LOG_SCAN, _COMPARED, NEVER_EARLIER, {":at": to_text(at)})
            )
        except ConditionFailedError:
            # A comparison that began later is remembered already.
            return

    def _update(
        self, file: LogFile, expression: str, condition: str, values: dict[str, Any]
    ) -> LogFile:
        update = Update(self.table, keys.log_file(file.id), expression, condition, values)
        try:
            return _log_file(self.dynamo.update(update))
        except ConditionFailedError as failed:
            raise FileLostError from failed


def position_of(file: LogFile) -> str:
    """Tell where a file stands in the list of files."""
    return keys.listing(keys.LOG_FILES_LIST, file.found_at, file.id)["listSk"]


def _as_read(file: LogFile) -> dict[str, Any]:
    return {
        ":upload": file.upload,
        ":processing": FileState.PROCESSING.value,
        ":seen": file.position,
    }


def _progress(file: LogFile) -> Item:
    return {
        "position": file.position,
        "accepted": file.counts.accepted,
        "duplicate": file.counts.duplicate,
        "conflict": file.counts.conflict,
        "rejected": file.counts.rejected,
        "problemsKept": file.problems_kept,
    }


def _item(file: LogFile) -> Item:
    """Write a fresh tally as an item; what it lacks comes with reading."""
    return {
        **keys.log_file(file.id),
        **keys.listing(keys.LOG_FILES_LIST, file.found_at, file.id),
        "key": file.stored.key,
        "etag": file.stored.etag,
        "sizeBytes": file.stored.size_bytes,
        "modifiedAt": to_text(file.stored.modified_at),
        "upload": file.upload,
        "state": file.state.value,
        "foundAt": to_text(file.found_at),
        "attempts": file.attempts,
        **_progress(file),
    }


def _log_file(item: Item) -> LogFile:
    return LogFile(
        stored=StoredFile(
            key=item["key"],
            etag=item["etag"],
            size_bytes=whole(item["sizeBytes"]),
            modified_at=from_text(item["modifiedAt"]),
        ),
        upload=whole(item["upload"]),
        state=FileState(item["state"]),
        found_at=from_text(item["foundAt"]),
        position=whole(item["position"]),
        counts=LineCounts(
            accepted=whole(item["accepted"]),
            duplicate=whole(item["duplicate"]),
            conflict=whole(item["conflict"]),
            rejected=whole(item["rejected"]),
        ),
        attempts=whole(item["attempts"]),
        problems_kept=whole(item["problemsKept"]),
        started_at=_instant(item, "startedAt"),
        finished_at=_instant(item, "finishedAt"),
        reason=item.get("reason"),
    )


def _instant(item: Item, name: str) -> datetime | None:
    text = item.get(name)
    return None if text is None else from_text(text)


def _problem(row: Item) -> Problem:
    return Problem(whole(row["line"]), row["outcome"], row["reason"])
