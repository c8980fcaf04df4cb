"""The last run of a job as the value of an attribute."""

from billing.domain.runs import LastRun
from billing.domain.times import from_text, to_text
from billing.storage.items import Item, whole


def last_run_item(run: LastRun) -> Item:
    """Write what is kept of a run; its counts keep the names that services give them."""
    return {
        "startedAt": to_text(run.started_at),
        "endedAt": to_text(run.ended_at),
        "counts": dict(run.counts),
    }


def last_run_of(item: Item | None) -> LastRun | None:
    """Read the last run back out of an item that may have none, or may not be there."""
    value = (item or {}).get("lastRun")
    if value is None:
        return None
    return LastRun(
        started_at=from_text(value["startedAt"]),
        ended_at=from_text(value["endedAt"]),
        counts={name: whole(count) for name, count in value["counts"].items()},
    )
