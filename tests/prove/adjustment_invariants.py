"""What must always be true of events that were adjusted, read from the rows as they are stored."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from tests.prove.rows import Customer


def _adjusted(customer: Customer) -> Iterator[str]:
    """Each adjustment goes on from the one before, and has its row of the difference; no other."""
    rows = {event["sk"].partition("#")[2]: event for event in customer.events}
    wanted: dict[str, tuple[Decimal, str]] = {}
    for name, event in rows.items():
        counted = event["units"]
        for number, made in enumerate(event.get("adjustments", []), start=1):
            if made["before"] != counted:
                yield f"{name} counted for {counted}, and was adjusted from {made['before']}"
            counted = made["after"]
            wanted[f"{name}~{number}"] = (counted - made["before"], made["recordId"])
    found = {name: (row["units"], row["recordId"]) for name, row in rows.items() if "~" in name}
    if found != wanted:
        yield f"adjustments want the rows {wanted}, and there are {found}"


def _given_back_once(customer: Customer) -> Iterator[str]:
    """What counts of an event, less what was taken back with void records, is never below none."""
    void = {record["recordId"] for record in customer.records if record["status"] == "void"}
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for event in customer.events:
        if event["recordId"] not in void:
            charged[event["sk"].partition("#")[2].partition("~")[0]] += event["units"]
    for name, units in charged.items():
        if units < 0:
            yield f"{name} was given back as an event, and again with its record"


OF_ADJUSTMENTS = (_adjusted, _given_back_once)
