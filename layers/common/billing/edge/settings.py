"""What a function is told by its environment, read once when its container starts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from billing.domain.customers import check_retry_schedule
from billing.domain.errors import InvalidInputError

# A handler names those that it reads, and the template gives it these and no others.
type Variable = Literal[
    "ACCOUNTS_TABLE",
    "LEDGER_TABLE",
    "USAGE_TABLE",
    "SETTLE_QUEUE_URL",
    "CLOSING_QUEUE_URL",
    "SETTLE_DEAD_LETTER_QUEUE_URL",
    "RUN_BILLING_DEAD_LETTER_QUEUE_URL",
    "CLOSING_DEAD_LETTER_QUEUE_URL",
    "INGEST_LOGS_DEAD_LETTER_QUEUE_URL",
    "BILLING_SCHEDULE",
    "CLOSING_SCHEDULE",
    "LOGS_SCHEDULE",
    "BILLING_INTERVAL_SECONDS",
    "DUNNING_STATE_MACHINE_ARN",
    "LOGS_BUCKET",
    "LOG_FILE_QUEUE_URL",
    "RETRY_SCHEDULE_SECONDS",
]

BILLING_INTERVAL_SECONDS_MAX = 86_400

_SCHEDULE = re.compile(r"[0-9]{1,9}(,[0-9]{1,9})*")


class SettingsError(Exception):
    """The environment lacks a variable, or gives it a value that makes no sense."""


def _seconds(name: str, text: str) -> int:
    plain = text.isascii() and text.isdigit()
    if not plain or not 1 <= int(text[:9]) <= BILLING_INTERVAL_SECONDS_MAX:
        raise SettingsError(
            f"{name} must be an integer from 1 to {BILLING_INTERVAL_SECONDS_MAX}, not {text!r}"
        )
    return int(text)


def _schedule(name: str, text: str) -> tuple[int, ...]:
    if not _SCHEDULE.fullmatch(text):
        raise SettingsError(f"{name} must be integers with commas between them, not {text!r}")
    schedule_seconds = tuple(map(int, text.split(",")))
    try:
        check_retry_schedule(schedule_seconds)
    except InvalidInputError as error:
        raise SettingsError(f"{name} {error.errors[0].message}, not {text!r}") from error
    return schedule_seconds


def _text(_name: str, text: str) -> str:
    return text


class Setting[Value]:
    """One setting: the variable of its own name in capitals, and how that variable is read."""

    def __init__(self, read: Callable[[str, str], Value]) -> None:
        """Remember how to read the variable's text; it is given the name to complain with."""
        self.read = read
        self.variable = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        """Learn the name that the setting was given."""
        self.variable = name.upper()

    def __get__(self, settings: "Settings", _owner: type) -> Value:
        """Return the value; raises SettingsError where the function never said that it reads it."""
        if self.variable not in settings.values:
            raise SettingsError(
                f"This function uses {self.variable} without saying that it reads it"
            )
        value: Value = settings.values[self.variable]
        return value


@dataclass(frozen=True, slots=True)
class Settings:
    """The names of what the stack made, the seconds between two billing runs, and the schedule of
    retries, in seconds, for customers who have none of their own; a function has those it reads.
    """

    values: Mapping[str, Any]

    accounts_table = Setting(_text)
    ledger_table = Setting(_text)
    usage_table = Setting(_text)
    settle_queue_url = Setting(_text)
    closing_queue_url = Setting(_text)
    settle_dead_letter_queue_url = Setting(_text)
    run_billing_dead_letter_queue_url = Setting(_text)
    closing_dead_letter_queue_url = Setting(_text)
    ingest_logs_dead_letter_queue_url = Setting(_text)
    billing_interval_seconds = Setting(_seconds)
    dunning_state_machine_arn = Setting(_text)
    billing_schedule = Setting(_text)
    closing_schedule = Setting(_text)
    logs_schedule = Setting(_text)
    logs_bucket = Setting(_text)
    log_file_queue_url = Setting(_text)
    retry_schedule_seconds = Setting(_schedule)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], reads: set[Variable]) -> "Settings":
        """Read some variables; raises SettingsError naming every one of them that is missing."""
        settings = [each for each in vars(cls).values() if isinstance(each, Setting)]
        read = [setting for setting in settings if setting.variable in reads]
        missing = [setting.variable for setting in read if not environ.get(setting.variable)]
        if missing:
            raise SettingsError(f"The environment lacks {', '.join(missing)}")
        return cls(
            {each.variable: each.read(each.variable, environ[each.variable]) for each in read}
        )
