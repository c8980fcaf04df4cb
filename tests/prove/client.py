"""The client of boto3 that the services are given, and what answers its calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.prove.fates import BATCH, DONE, GET, QUERY, TRANSACT, UPDATE, Call, Fate
from tests.prove.store import Request, Response, Store

type Answering = Callable[[Call], Any]


@dataclass(slots=True)
class Client:
    """What a process calls; `ask` has each call answered."""

    ask: Answering

    def get_item(self, **request: object) -> Response:
        """Read one item."""
        return self._answer(Call(GET, request))

    def query(self, **request: object) -> Response:
        """Read one page."""
        return self._answer(Call(QUERY, request))

    def update_item(self, **request: object) -> Response:
        """Change one item."""
        return self._answer(Call(UPDATE, request))

    def transact_write_items(self, **request: object) -> Response:
        """Carry out a transaction."""
        return self._answer(Call(TRANSACT, request))

    def batch_get_item(self, **request: object) -> Response:
        """Read some items, one after another: nothing ties them together."""
        asked: Request = request
        [(table, wanted)] = asked["RequestItems"].items()
        found = [self.ask(Call(BATCH, {"TableName": table, "Key": key})) for key in wanted["Keys"]]
        left_out = [key for key, part in zip(wanted["Keys"], found, strict=True) if part is None]
        unprocessed = {table: {**wanted, "Keys": left_out}} if left_out else {}
        items = [item for part in found if part is not None for item in part]
        return {"Responses": {table: items}, "UnprocessedKeys": unprocessed}

    def _answer(self, call: Call) -> Response:
        answer: Response = self.ask(call)
        return answer


def answer_from(store: Store, call: Call, fate: Fate = DONE) -> Any:  # noqa: ANN401 - as boto3 answers
    """Carry out a call to DynamoDB; of a batch, one key: a list of items, None where left out."""
    match call.operation:
        case "GetItem":
            return store.get_item(**call.request)
        case "Query":
            return store.query(**call.request)
        case "UpdateItem":
            return store.update_item(**call.request)
        case "BatchGetItem":
            return None if fate.left_out else _batch_of_one(store, call)
    conflicts = () if fate.conflict_at is None else (fate.conflict_at,)
    return store.transact(call.request, conflicts)


def _batch_of_one(store: Store, call: Call) -> Any:  # noqa: ANN401 - as boto3 answers
    table = call.request["TableName"]
    wanted = {"Keys": [call.request["Key"]], "ConsistentRead": True}
    return store.batch_get_item(RequestItems={table: wanted})["Responses"][table]
