"""`billing status`: what ran and what waits, and what somebody has to see to."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from usage_billing.cli.exits import Exit
from usage_billing.cli.output import Columns, when
from usage_billing.cli.session import Session, command

if TYPE_CHECKING:
    from usage_billing.api.shapes import SystemStatusAnswer

# Each with its seconds.
_UNITS = ((1, "s"), (60, "min"), (3600, "h"), (86_400, "days"))

QUEUES = Columns(
    ("queue", lambda it: it["name"]),
    ("waiting", lambda it: it["waiting"]),
    ("under way", lambda it: it["underWay"]),
    none="No queues",
    numeric=("waiting", "under way"),
)
DEAD_LETTERS = Columns(
    ("dead letters", lambda it: it["name"]),
    ("messages", lambda it: it["messages"]),
    ("", lambda it: "fault" if it["messages"] else "ok"),
    none="No queues of dead letters",
    numeric=("messages",),
)
IMBALANCES = Columns(
    ("books that do not verify", lambda it: it["customerId"]),
    ("fault", lambda it: it["fault"]),
    ("found", lambda it: when(it["foundAt"])),
    none="No books were found that do not verify",
)


def status(session: Session) -> Exit:
    """Tell how the system is; the exit code is 1 where there are dead letters or imbalances."""
    answer = session.billing.get_system_status()
    output, imbalances = session.output, answer["imbalances"]
    output.one(answer, _facts(answer))
    if not output.as_json:
        for items, columns in (
            (answer["runs"], _runs(answer["at"])),
            (answer["queues"], QUEUES),
            (answer["deadLetters"], DEAD_LETTERS),
        ):
            output.text("\n")
            output.many(items, columns)
        if imbalances["items"]:
            output.text("\n")
        output.many(imbalances["items"], IMBALANCES)
    if imbalances["more"]:
        output.say(
            f"More than {len(imbalances['items'])} books do not verify; the newest are shown"
        )
    dead = any(each["messages"] for each in answer["deadLetters"])
    return Exit.WRONG if dead or imbalances["items"] else Exit.DONE


def _facts(answer: "SystemStatusAnswer") -> dict[str, object]:
    counts = {
        "customers": answer["customers"],
        "customers suspended": answer["suspended"],
        "records retrying": answer["retrying"],
        "records failed": answer["failed"],
    }
    told = {
        name: f"more than {it['count']}" if it["more"] else it["count"]
        for name, it in counts.items()
    }
    return {"version": answer["version"], "asked at": when(answer["at"]), **told}


def _runs(at: str) -> Columns:
    """Show runs as they were at an instant, by the clock of the system."""
    return Columns(
        ("job", lambda it: it["job"]),
        ("last run", lambda it: "running" if it["running"] else _ended(it["endedAt"], at)),
        ("what it did", lambda it: _did(it["counts"]) if it["endedAt"] else ""),
        none="No jobs",
    )


def _ended(ended_at: str | None, at: str) -> str:
    if ended_at is None:
        return "never"
    seconds = (datetime.fromisoformat(at) - datetime.fromisoformat(ended_at)).total_seconds()
    return ago(seconds)


def ago(seconds: float) -> str:
    """Tell how long something is ago, in the largest unit of which there are two; a clock that is
    behind makes it no future.
    """
    past = max(0.0, seconds)
    size, unit = max((each for each in _UNITS if past >= 2 * each[0]), default=_UNITS[0])
    return f"{int(past // size)} {unit} ago"


def _did(counts: Mapping[str, Any]) -> str:
    """Name what a run counted and how often, without what did not happen."""
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "nothing"


def add_to(group: typer.Typer) -> None:
    """Add this command to a group."""
    command(group, "status")(status)
