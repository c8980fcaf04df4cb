"""`billing jobs`: what schedules do by themselves, now."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from usage_billing.cli.session import Session, command

group = typer.Typer(help="What schedules do by themselves, done now.", no_args_is_help=True)


class Job(StrEnum):
    """What to do."""

    LOGS = "logs"
    BILLING = "billing"
    RETRIES = "retries"
    CLOSING = "closing"
    ALL = "all"


@command(group, "run")
def run(
    session: Session,
    job: Annotated[Job, typer.Argument(help="Which.")] = Job.ALL,
    to_the_end: Annotated[
        bool, typer.Option("--to-the-end", help="Ask again until nothing remains.")
    ] = False,
) -> None:
    """Read log files, bill what is recorded, charge who owes, close days, or all of it."""
    answer = _ask(session, job)
    while to_the_end and remaining(answer):
        session.output.say(f"Remaining: {remaining(answer)}")
        answer = _ask(session, job)
    flat = {
        f"{name} {inner}" if isinstance(value, Mapping) else name: count
        for name, value in answer.items()
        for inner, count in (value.items() if isinstance(value, Mapping) else [("", value)])
    }
    session.output.one(answer, flat)
    if remaining(answer):
        session.output.say(f"Remaining: {remaining(answer)}. Run it again, or with --to-the-end")


def _ask(session: Session, job: Job) -> Mapping[str, Any]:
    billing = session.billing
    runs = {
        Job.LOGS: billing.run_logs_job,
        Job.BILLING: billing.run_billing_job,
        Job.RETRIES: billing.run_retries_job,
        Job.CLOSING: billing.run_closing_job,
        Job.ALL: billing.run_all_jobs,
    }
    answer: Mapping[str, Any] = runs[job]()
    return answer


def remaining(answer: Mapping[str, Any]) -> int:
    """Tell how much a job left, or the four jobs together."""
    own = answer.get("remaining")
    if own is not None:
        return int(own)
    return sum(remaining(part) for part in answer.values())
