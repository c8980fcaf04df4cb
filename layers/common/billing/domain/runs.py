"""Runs of the jobs that schedules start: what is kept of the last one that ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Job(StrEnum):
    """Work that a schedule does by itself, each under the name of its lease, where it has one."""

    BILLING = "billing-run"
    RETRIES = "retries"
    CLOSING = "closing-run"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Schedules:
    """When a deployment starts its jobs, as EventBridge Scheduler writes it, and after how many
    seconds each it tries the charge of a customer again who has no schedule of their own.
    """

    starts: Mapping[Job, str]
    retry_seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LastRun:
    """When the last run of a job that came to its end began and ended, and what it counted."""

    started_at: datetime
    ended_at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class JobState:
    """Whether a run of a job is at work, and the last one that ended; None where none ever did."""

    is_running: bool = False
    last_run: LastRun | None = None
