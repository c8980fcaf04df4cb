"""A dirty index of any size in memory, whose every call is counted and takes its time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import batched, islice
from typing import Any, cast

from billing.domain.deadline import Deadline
from billing.domain.tabs import TabRef
from billing.edge.aws.sqs import MESSAGES_PER_CALL_MAX
from billing.edge.aws.work_queue import WORKS_PER_MESSAGE_MAX
from billing.services.dunning import Dunning
from billing.services.handing_out import Outcome
from billing.services.run_billing import BillingRun, RunReport, Sweep, charge_everybody
from billing.services.work import Billed, Work
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.stores import open_stores
from billing.storage.walks import PAGE_SIZE
from tests.prove.store import Store
from tests.support.clock import START, SettableClock, SettableMonotonic
from tests.support.tables import create_tables
from tests.support.workflow import FakeWorkflow

# Measured on one processor, of which a run with 512 MB has a share: 20 ms for a page of keys, 2 ms
# to write and send ten messages. Work itself waits more than it computes.
SHARE = 512 / 1769
PAGE_SECONDS = 0.020 / SHARE
SEND_SECONDS = 0.002 / SHARE
CALL_SECONDS = 0.005
WORK_SECONDS = 0.050

type Entry = tuple[str, str, str]


@dataclass
class Deployment:
    """Tabs and customers that are due, the queue, and what was done to whom, in order."""

    seconds: float
    clock: SettableClock = field(default_factory=SettableClock)
    monotonic: SettableMonotonic = field(default_factory=SettableMonotonic)
    partitions: dict[str, list[Entry]] = field(default_factory=dict)
    work_of: dict[Entry, Work] = field(default_factory=dict)
    gone: set[Work] = field(default_factory=set)
    messages: list[tuple[Work, ...]] = field(default_factory=list)
    handed_out: list[Work] = field(default_factory=list)
    done: list[Work] = field(default_factory=list)
    stays_due: bool = False
    read: int = 0
    read_ahead_max: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing due."""
        self.store = Store()
        self.tables = create_tables(cast("Any", self.store))

    def add_tabs(self, count: int) -> None:
        """Let this many customers have something to bill."""
        for number in range(count):
            name = f"customer-{number}"
            self._add(keys.dirty(name, 0), keys.tab(name, 0), TabRef(name, 0))
        self._sort()

    def add_customers(self, count: int) -> None:
        """Let this many customers be due, one after another."""
        for number in range(count):
            name = f"owing-{number}"
            due_at = START - timedelta(seconds=count - number)
            self._add(keys.attention(name, due_at), keys.profile(name), name)
        self._sort()

    def _add(self, index_key: dict[str, str], key: dict[str, str], work: Work) -> None:
        entry = (index_key["dirtySk"], key["pk"], key["sk"])
        self.partitions.setdefault(index_key["dirtyPk"], []).append(entry)
        self.work_of[entry] = work

    def _sort(self) -> None:
        for entries in self.partitions.values():
            entries.sort()

    @property
    def left(self) -> set[Work]:
        """Tell what is due and was neither done nor handed out, ever."""
        return set(self.work_of.values()) - self.gone - set(self.handed_out)

    def run(self) -> RunReport:
        """Run as the schedule does, a minute later."""
        dunning = self._invoke()
        return BillingRun(dunning, "run", dunning.stores.deadline, cast("Any", self)).run()

    def charge_everybody(self) -> Sweep:
        """Do what an operator asks for, a minute later."""
        dunning = self._invoke()
        return charge_everybody(dunning, "call", dunning.stores.deadline)

    def _invoke(self) -> Dunning:
        self.clock.advance(60)
        deadline = Deadline.after(self.seconds, self.monotonic)
        dynamo = Dynamo(cast("Any", self), deadline)
        return Dunning(open_stores(dynamo, self.tables), self.clock, FakeWorkflow())

    def consume(self, messages: int | None = None) -> None:
        """Let the queue's function do the work of this many messages, or of all."""
        taken = self.messages[:messages]
        self.messages = self.messages[len(taken) :]
        self.gone.update(work for message in taken for work in message)

    # What the run is given: DynamoDB, the queue, and what does a piece of work.

    def query(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3 is called
        """Read a page of a partition."""
        values = {name: each["S"] for name, each in request["ExpressionAttributeValues"].items()}
        partition = values[":partition"]
        entries = self.partitions.get(partition, [])
        begin = 0
        if "ExclusiveStartKey" in request:
            key = {name: each["S"] for name, each in request["ExclusiveStartKey"].items()}
            begin = bisect_right(entries, (key["dirtySk"], key["pk"], key["sk"]))
        wanted = (
            entry
            for entry in islice(entries, begin, None)
            if entry[0] < values.get(":by", "~") and self.work_of[entry] not in self.gone
        )
        found = list(islice(wanted, request["Limit"]))
        self.monotonic.sleep(CALL_SECONDS + PAGE_SECONDS * len(found) / PAGE_SIZE)
        self.read += len(found)
        items = [_typed(partition, entry) for entry in found]
        more = {"LastEvaluatedKey": items[-1]} if len(found) == request["Limit"] else {}
        return {"Items": items, **more}

    def update_item(self, **request: object) -> dict[str, Any]:
        """Take, renew or free a lease."""
        self.monotonic.sleep(CALL_SECONDS)
        return self.store.update_item(**request)

    def waiting(self) -> int:
        """Tell how many messages wait."""
        return len(self.messages)

    def send(self, works: Sequence[Work]) -> None:
        """Hand out work."""
        messages = list(batched(works, WORKS_PER_MESSAGE_MAX, strict=False))
        self.monotonic.sleep(SEND_SECONDS * -(-len(messages) // MESSAGES_PER_CALL_MAX))
        ahead = self.read - len(self.handed_out) - len(self.done)
        self.read_ahead_max = max(self.read_ahead_max, ahead)
        self.messages += messages
        self.handed_out += works

    def do(self, work: Work, _dunning: Dunning) -> Outcome[Work, Billed]:
        """Do a piece of work."""
        self.monotonic.sleep(WORK_SECONDS)
        if not self.stays_due:
            self.gone.add(work)
        self.done.append(work)
        return Outcome(work, Billed(1))


def _typed(partition: str, entry: Entry) -> dict[str, Any]:
    position, pk, sk = entry
    item = {"pk": pk, "sk": sk, "dirtyPk": partition, "dirtySk": position}
    return {name: {"S": value} for name, value in item.items()}
