"""What a function is told by its environment, read once when its container starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from billing.domain.customers import check_retry_schedule
from billing.domain.errors import InvalidInputError

BILLING_INTERVAL_SECONDS_MAX = 86_400

_SCHEDULE = re.compile(r"[0-9]{1,9}(,[0-9]{1,9})*")


class SettingsError(Exception):
    """The environment lacks a variable, or gives it a value that makes no sense."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The names of what the stack made, the seconds between two billing runs, and the schedule of
    retries, in seconds, for customers who have none of their own.

    Each field is read from the variable of the same name in capitals.
    """

    accounts_table: str
    ledger_table: str
    usage_table: str
    settle_queue_url: str
    billing_interval_seconds: int
    dunning_state_machine_arn: str
    logs_bucket: str
    retry_schedule_seconds: tuple[int, ...]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read all settings; raises SettingsError naming every variable that is missing."""
        names = [field.name.upper() for field in fields(cls)]
        missing = [name for name in names if not environ.get(name)]
        if missing:
            raise SettingsError(f"The environment lacks {', '.join(missing)}")
        return cls(
            accounts_table=environ["ACCOUNTS_TABLE"],
            ledger_table=environ["LEDGER_TABLE"],
            usage_table=environ["USAGE_TABLE"],
            settle_queue_url=environ["SETTLE_QUEUE_URL"],
            billing_interval_seconds=_seconds(
                "BILLING_INTERVAL_SECONDS", environ["BILLING_INTERVAL_SECONDS"]
            ),
            dunning_state_machine_arn=environ["DUNNING_STATE_MACHINE_ARN"],
            logs_bucket=environ["LOGS_BUCKET"],
            retry_schedule_seconds=_schedule(
                "RETRY_SCHEDULE_SECONDS", environ["RETRY_SCHEDULE_SECONDS"]
            ),
        )


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
