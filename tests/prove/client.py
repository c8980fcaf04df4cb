"""The client of boto3 that the services are given: each call of it is a step of the schedule."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.prove.fates import BATCH, GET, QUERY, TRANSACT, UPDATE, Call, Fate, differing
from tests.prove.scheduler import Schedule
from tests.prove.store import Request, Response, Store


@dataclass(slots=True)
class Client:
    """Calls the store, under a schedule where one runs."""

    store: Store
    schedule: Schedule | None = None

    def get_item(self, **request: object) -> Response:
        """Read one item."""
        return self._read(Call(GET, request))

    def query(self, **request: object) -> Response:
        """Read one page."""
        return self._read(Call(QUERY, request))

    def update_item(self, **request: object) -> Response:
        """Change one item."""
        if self.schedule is None:
            return self.store.update_item(**request)
        return self._step(Call(UPDATE, request), lambda _fate: self.store.update_item(**request))

    def transact_write_items(self, **request: object) -> Response:
        """Carry out a transaction."""

        def carry_out(fate: Fate) -> Response:
            conflicts = () if fate.conflict_at is None else (fate.conflict_at,)
            return self.store.transact(request, conflicts)

        if self.schedule is None:
            return self.store.transact(request)
        return self._step(Call(TRANSACT, request), carry_out)

    def batch_get_item(self, **request: object) -> Response:
        """Read some items, one after another: nothing ties them together."""
        if self.schedule is None:
            return self.store.batch_get_item(**request)
        asked: Request = request
        [(table, wanted)] = asked["RequestItems"].items()
        found = [self._read_part(table, wanted, key) for key in wanted["Keys"]]
        left_out = [key for key, part in zip(wanted["Keys"], found, strict=True) if part is None]
        unprocessed = {table: {**wanted, "Keys": left_out}} if left_out else {}
        items = [item for part in found if part is not None for item in part]
        return {"Responses": {table: items}, "UnprocessedKeys": unprocessed}

    def _read_part(self, table: str, wanted: Request, key: Request) -> list[Request] | None:
        """Read one item of a batch; None where it was left out of the answer."""
        batch = {table: {**wanted, "Keys": [key]}}

        def carry_out(fate: Fate) -> list[Request] | None:
            if fate.left_out:
                return None
            items: list[Request]
            items = self.store.batch_get_item(RequestItems=batch)["Responses"][table]
            return items

        return self._step(Call(BATCH, {"TableName": table, "Key": key}), carry_out)

    def _read(self, call: Call) -> Response:
        read = self.store.get_item if call.operation == GET else self.store.query
        if self.schedule is None:
            return read(**call.request)

        def carry_out(fate: Fate) -> Response:
            if fate.pinned is None:
                return read(**call.request)
            return self._read_stale(call, fate)

        return self._step(call, carry_out)

    def _read_stale(self, call: Call, fate: Fate) -> Response:
        """Read with one row as it was, and keep it so where the index goes on lagging."""
        if fate.pinned is None:
            raise AssertionError("a stale read is stale in some row")
        table = self.store.tables[call.request["TableName"]]
        index = table.indexes[call.request.get("IndexName")]
        key, age = fate.pinned
        versions = differing(table, index, key, self.store.begun[table.name])
        place = (table.name, index.name)
        before = self.store.pins.get(place, {})
        self.store.pins[place] = {**before, key: versions[age]}
        read = self.store.get_item if call.operation == GET else self.store.query
        answer = read(**call.request)
        if not fate.stays:
            self.store.pins[place] = before
        return answer

    def _step[Answer](self, call: Call, carry_out: Callable[[Fate], Answer]) -> Answer:
        if self.schedule is None:
            raise AssertionError("a step belongs to a schedule")
        return self.schedule.call(call, carry_out)
