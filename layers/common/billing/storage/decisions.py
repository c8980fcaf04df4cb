"""Decisions as they are kept in the item of what was decided about."""

from billing.domain.records import Decision
from billing.domain.times import from_text, to_text
from billing.storage.items import Item


def decision_item(decision: Decision) -> Item:
    """Write who decided something, when and why."""
    item: Item = {"at": to_text(decision.at), "by": decision.by}
    return item if decision.reason is None else {**item, "reason": decision.reason}


def decision_of(item: Item) -> Decision:
    """Read a decision from the item that it is part of."""
    return Decision(from_text(item["at"]), item["by"], item.get("reason"))
