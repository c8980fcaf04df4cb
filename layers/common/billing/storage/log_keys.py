"""The keys of log files and of their lines; the table of access patterns is in `keys.py`."""

from datetime import datetime

from billing.domain.times import to_text
from billing.storage.items import Key

_READING_DIGITS = 6
_LINE_DIGITS = 12

_LOG_FILE_PREFIX = "LOGFILE#"


def log_file(file_id: str) -> Key:
    """Address a log file's tally."""
    return {"pk": f"{_LOG_FILE_PREFIX}{file_id}", "sk": "FILE"}


def log_file_of(pk: str) -> str:
    """Read the id of a log file back out of the name of its partition."""
    return pk.removeprefix(_LOG_FILE_PREFIX)


UNFINISHED_LOG_FILES = "LOGFILES"


def unfinished_log_file(file_id: str, waiting_since: datetime) -> dict[str, str]:
    """Return the two attributes that list a log file among those that are still to be read."""
    return {
        "dirtyPk": UNFINISHED_LOG_FILES,
        "dirtySk": f"{to_text(waiting_since)}#{file_id}",
    }


def waiting_since_of(sort_key: str) -> str:
    """Read since when a log file waits back out of the sort key of that list."""
    return sort_key.partition("#")[0]


def log_problems_prefix(reading: int) -> str:
    """Begin the sort key of everything that one reading of a log file did not accept."""
    return f"PROBLEMS#{reading:0{_READING_DIGITS}d}#"


def log_problems(file_id: str, reading: int, first_line: int) -> Key:
    """Address the lines of one batch that were not accepted, by the first of them."""
    sort = f"{log_problems_prefix(reading)}{first_line:0{_LINE_DIGITS}d}"
    return {"pk": log_file(file_id)["pk"], "sk": sort}


LOG_SCAN: Key = {"pk": "LOGSCAN", "sk": "LOGSCAN"}


def log_line(file_id: str, line: int, upload: int) -> dict[str, str]:
    """Return the two attributes that list a usage event under the log file it came from.

    The upload ends the sort key, because a corrected line may have made a second event.
    """
    return {"logFileId": file_id, "logLine": f"{line:0{_LINE_DIGITS}d}#{upload}"}


def log_line_reference(log_line: str) -> tuple[int, int]:
    """Read the line and the upload back out of the sort key."""
    line, _, upload = log_line.partition("#")
    return int(line), int(upload)
