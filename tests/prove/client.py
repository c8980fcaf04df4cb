"""The client of boto3 that the services are given: each call of it is a step of the schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.prove.fates import BATCH, GET, QUERY, TRANSACT, UPDATE, Call, Fate, differing
from tests.prove.scheduler import Schedule
from tests.prove.store import Response, Store


@dataclass(slots=True)
class Client:
    """Calls the store, under a schedule where one runs."""

    store: Store
    schedule: Schedule | None = None

    def get_item(self, **request: Any) -> Response:
        """Read one item."""
        return self._read(Call(GET, request))

    def query(self, **request: Any) -> Response:
        """Read one page."""
        return self._read(Call(QUERY, request))

    def update_item(self, **request: Any) -> Response:
        """Change one item."""
        if self.schedule is None:
            return self.store.update_item(**request)
        return self._step(Call(UPDATE, request), lambda _fate: self.store.update_item(**request))

    def transact_write_items(self, **request: Any) -> Response:
        """Carry out a transaction."""

        def carry_out(fate: Fate) -> Response:
            conflicts = () if fate.conflict_at is None else (fate.conflict_at,)
            return self.store.transact(request, conflicts)

        if self.schedule is None:
            return self.store.transact(request)
        return self._step(Call(TRANSACT, request), carry_out)

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Response:
        """Read some items, one after another: nothing ties them together."""
        if self.schedule is None:
            return self.store.batch_get_item(RequestItems=RequestItems)
        [(table, wanted)] = RequestItems.items()
        items, left_out = [], []
        for key in wanted["Keys"]:
            part = {table: {**wanted, "Keys": [key]}}
            found = self._step(
                Call(BATCH, {"TableName": table, "Key": key}),
                lambda fate, part=part: None
                if fate.left_out
                else self.store.batch_get_item(RequestItems=part)["Responses"][table],
            )
            left_out.extend([key] if found is None else [])
            items.extend(found or [])
        unprocessed = {table: {**wanted, "Keys": left_out}} if left_out else {}
        return {"Responses": {table: items}, "UnprocessedKeys": unprocessed}

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

    def _step(self, call: Call, carry_out: Any) -> Any:  # noqa: ANN401 - answers of botocore
        if self.schedule is None:
            raise AssertionError("a step belongs to a schedule")
        return self.schedule.call(call, carry_out)
