"""Log files as items: one tally per file, and beside it the lines that were not accepted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from billing.domain.logfiles import FileState, LineCounts, LogFile, Problem, Search, StoredFile
from billing.domain.runs import LastRun
from billing.domain.times import from_text, optional_instant, optional_text, to_text
from billing.storage import keys, log_keys
from billing.storage.changes import Owned, item_of, revise
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.lists import listing, newest_first
from billing.storage.runs import last_run_item, last_run_of
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

# Whoever else reads the file, or saw something new under its key, has changed the tally: what was
# read on the old one counts no more. A tally of before revisions were counted has none.
UNCHANGED_SINCE_READ = "attribute_not_exists(#revision) OR #revision = :seen"

# Two runs may go on with one search: it never goes back to what one of them has looked at.
NEVER_BACK = "attribute_not_exists(#after) OR #beganAt <> :beganAt OR #after < :after"
PAUSED = "attribute_exists(#after)"

# Of two comparisons, the later one counts, whichever ends first.
NEVER_EARLIER = "attribute_not_exists(#comparedAt) OR #comparedAt < :at"

# Of two looks side by side, what the later one did is kept, whichever says it first.
NEVER_BEFORE = "attribute_not_exists(#lastRun) OR #lastRun.#endedAt < :endedAt"

PROBLEMS_OF_READING = "#pk = :pk AND begins_with(#sk, :prefix)"
UNFINISHED = "#dirtyPk = :partition"

_COMPARED = "SET #comparedAt = :at"
_PAUSED = "SET #beganAt = :beganAt, #after = :after, #since = :since"
_PAUSED_WHOLE = "SET #beganAt = :beganAt, #after = :after REMOVE #since"
_ENDED = "REMOVE #beganAt, #after, #since"
_LOOKED = "SET #lastRun = :lastRun"

_PROBLEMS_PAGE_SIZE = 100
_UNFINISHED_PAGE_SIZE = 500


class FileLostError(Exception):
    """Another run has the file now, or it was put there anew: what this run read counts no more."""


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Reads and writes the tallies of log files."""

    dynamo: Dynamo
    table: str

    def get(self, file_id: str) -> LogFile | None:
        """Read a file's tally, strongly consistent."""
        item = self.dynamo.get(self.table, log_keys.log_file(file_id))
        return None if item is None else _log_file(item)

    def get_many(self, file_ids: Sequence[str]) -> dict[str, LogFile]:
        """Read several tallies; files that were never found are left out."""
        found = self.dynamo.get_many(self.table, [log_keys.log_file(each) for each in file_ids])
        files = [_log_file(item) for item in found]
        return {file.id: file for file in files}

    def page(self, *, limit: int, before: str | None) -> tuple[list[LogFile], str | None]:
        """List tallies, the newest upload first, and the position to go on before."""
        items, position = newest_first(
            self.dynamo, self.table, [listing(keys.LOG_FILES_LIST)], limit=limit, before=before
        )
        return [_log_file(item) for item in items], position

    def unfinished(self) -> Iterator[tuple[str, datetime]]:
        """List the files that are still to be read, each by its id and since when it waits.

        Those come first that wait longest. The index may lag by a moment.
        """
        found = self.dynamo.query_all(
            self.table,
            index=keys.DIRTY_INDEX,
            condition=UNFINISHED,
            values={":partition": log_keys.UNFINISHED_LOG_FILES},
            page_size=_UNFINISHED_PAGE_SIZE,
        )
        for item in found:
            yield (
                log_keys.log_file_of(item["pk"]),
                from_text(log_keys.waiting_since_of(item["dirtySk"])),
            )

    def add(self, file: LogFile) -> None:
        """Put the tally of a file that was just found; raises FileLostError where it has one."""
        item = item_of(log_keys.log_file(file.id), _owned(file))
        self._transact([Put(self.table, item, NOT_FOUND_YET)])

    def change(
        self, before: LogFile, after: LogFile, *, problems: Sequence[Problem] = ()
    ) -> LogFile:
        """Take a tally from one state to the next, in one transaction with the lines' problems.

        Returns the tally as it stands then; raises FileLostError where it had changed.
        """
        key = log_keys.log_file(before.id)
        writes: list[Write] = [
            revise(self.table, key, _owned, before, after, condition=UNCHANGED_SINCE_READ)
        ]
        if problems:
            writes.append(self._keeping(after, problems))
        self._transact(writes)
        return replace(after, revision=before.revision + 1)

    def _transact(self, writes: Sequence[Write]) -> None:
        try:
            self.dynamo.transact(writes)
        except TransactionCancelledError as cancelled:
            raise FileLostError from cancelled

    def _keeping(self, file: LogFile, problems: Sequence[Problem]) -> Put:
        key = log_keys.log_problems(file.id, file.reading, problems[0].line)
        rows = [
            {"line": each.line, "outcome": each.outcome, "reason": each.reason} for each in problems
        ]
        return Put(self.table, {**key, "problems": rows}, NOT_KEPT_YET)

    def problems(self, file: LogFile) -> list[Problem]:
        """Read what is kept of the lines that were not accepted, in order of lines."""
        values = {
            ":pk": log_keys.log_file(file.id)["pk"],
            ":prefix": log_keys.log_problems_prefix(file.reading),
        }
        found = self.dynamo.query_all(
            self.table, condition=PROBLEMS_OF_READING, values=values, page_size=_PROBLEMS_PAGE_SIZE
        )
        return [_problem(row) for item in found for row in item["problems"]]

    def search(self) -> tuple[Search | None, datetime | None]:
        """Read the search that is not at its end, and when all files were last compared."""
        item = self.dynamo.get(self.table, log_keys.LOG_SCAN) or {}
        compared_at = optional_instant(item.get("comparedAt"))
        if "after" not in item:
            return None, compared_at
        began_at, since = from_text(item["beganAt"]), optional_instant(item.get("since"))
        return Search(began_at, since, item["after"]), compared_at

    def pause_search(self, search: Search) -> None:
        """Remember how far a search came, for the next run to go on."""
        values: Item = {":beganAt": to_text(search.began_at), ":after": search.after}
        expression = _PAUSED_WHOLE
        if search.since is not None:
            expression, values = _PAUSED, {**values, ":since": to_text(search.since)}
        self._update_search(expression, NEVER_BACK, values)

    def end_search(self, search: Search, *, was_paused: bool) -> None:
        """Forget a search that came to its end; a whole one is a comparison of all files."""
        if was_paused:
            self._update_search(_ENDED, PAUSED, {})
        if search.is_whole:
            self._update_search(_COMPARED, NEVER_EARLIER, {":at": to_text(search.began_at)})

    def note_run(self, run: LastRun) -> None:
        """Keep what a look for log files did, beside its search: a look holds no lease."""
        values = {":lastRun": last_run_item(run), ":endedAt": to_text(run.ended_at)}
        self._update_search(_LOOKED, NEVER_BEFORE, values)

    def last_run(self) -> LastRun | None:
        """Read what the last look for log files did."""
        return last_run_of(self.dynamo.get(self.table, log_keys.LOG_SCAN, consistent=False))

    def _update_search(self, expression: str, condition: str, values: Mapping[str, Any]) -> None:
        try:
            self.dynamo.update(Update(self.table, log_keys.LOG_SCAN, expression, condition, values))
        except ConditionFailedError:
            # Another run came further, ended it, or ended later.
            return


def position_of(file: LogFile) -> str:
    """Tell where a file stands in the list of files."""
    return keys.listing(keys.LOG_FILES_LIST, file.found_at, file.id)["listSk"]


def _owned(file: LogFile) -> Owned:
    waiting: dict[str, str | None] = dict.fromkeys(keys.DIRTY_ATTRIBUTES)
    if file.waiting_since is not None:
        waiting |= log_keys.unfinished_log_file(file.id, file.waiting_since)
    return {
        **waiting,
        **keys.listing(keys.LOG_FILES_LIST, file.found_at, file.id),
        "key": file.stored.key,
        "etag": file.stored.etag,
        "sizeBytes": file.stored.size_bytes,
        "modifiedAt": to_text(file.stored.modified_at),
        "upload": file.upload,
        "reading": file.reading,
        "state": file.state.value,
        "foundAt": to_text(file.found_at),
        "waitingSince": optional_text(file.waiting_since),
        "attempts": file.attempts,
        "position": file.position,
        "accepted": file.counts.accepted,
        "duplicate": file.counts.duplicate,
        "conflict": file.counts.conflict,
        "rejected": file.counts.rejected,
        "problemsKept": file.problems_kept,
        "revision": file.revision,
        "startedAt": optional_text(file.started_at),
        "finishedAt": optional_text(file.finished_at),
        "reason": file.reason,
    }


def _log_file(item: Item) -> LogFile:
    upload = whole(item["upload"])
    return LogFile(
        stored=StoredFile(
            key=item["key"],
            etag=item["etag"],
            size_bytes=whole(item["sizeBytes"]),
            modified_at=from_text(item["modifiedAt"]),
        ),
        upload=upload,
        state=FileState(item["state"]),
        found_at=from_text(item["foundAt"]),
        waiting_since=optional_instant(item.get("waitingSince")),
        # Before readings were counted, each upload was read once.
        reading=whole(item.get("reading", upload)),
        position=whole(item["position"]),
        counts=LineCounts(
            accepted=whole(item["accepted"]),
            duplicate=whole(item["duplicate"]),
            conflict=whole(item["conflict"]),
            rejected=whole(item["rejected"]),
        ),
        attempts=whole(item["attempts"]),
        problems_kept=whole(item["problemsKept"]),
        started_at=optional_instant(item.get("startedAt")),
        finished_at=optional_instant(item.get("finishedAt")),
        reason=item.get("reason"),
        revision=whole(item.get("revision", 0)),
    )


def _problem(row: Item) -> Problem:
    return Problem(whole(row["line"]), row["outcome"], row["reason"])
