"""Where a flow may die and leave something behind: after each kind of write that it makes.

To die before a write, or after a read, is to have died after the write before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from billing.storage.stores import Tables
from tests.prove.decisions import Decisions, Replay
from tests.prove.fates import START, TRANSACT, UPDATE, Call
from tests.prove.requests import Request
from tests.prove.running import Case, Runner
from tests.prove.stories import STORIES

NOTHING = "nothing, under conditions"


def crash_points(stories: Iterable[str]) -> dict[str, set[str]]:
    """Tell by flow after what it may die, at any of some beginnings, by the kinds of rows."""
    points: dict[str, set[str]] = defaultdict(set)
    for story in stories:
        for flow in STORIES[story].flows:
            runner = Runner(Case(story, (flow,)))
            _, called = runner.run(Replay(Decisions()))
            written = (_written(call, runner.world.tables) for _, call, _ in called)
            points[flow] |= {text for text in written if text}
    return dict(points)


def _written(call: Call, tables: Tables) -> str:
    if call.operation == START:
        return START
    if call.operation == UPDATE:
        return _kind(call.request, tables)
    if call.operation != TRANSACT:
        return ""
    writes = [next(iter(item.items())) for item in call.request["TransactItems"]]
    kinds = [_kind(write, tables) for kind, write in writes if kind != "ConditionCheck"]
    return " + ".join(dict.fromkeys(kinds)) or NOTHING


def _kind(write: Request, tables: Tables) -> str:
    if write["TableName"] == tables.usage:
        return "event"
    key: Mapping[str, Mapping[str, str]] = write.get("Key") or write["Item"]
    # Of a shard of a report the partition says what it is.
    partition, sort = (key[name]["S"].partition("#")[0].lower() for name in ("pk", "sk"))
    return partition if partition == "report" else sort
