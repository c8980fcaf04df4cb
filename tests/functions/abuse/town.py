"""A town to abuse: the functions behind their gateway, with customers of every kind.

The tables are the model that the proof explores, so that every request meets the town as it was
founded, and a thousand of them take seconds.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, cast

from hypothesis import HealthCheck, settings
from hypothesis.strategies import SearchStrategy
from moto import mock_aws
from schemathesis import APIOperation, BaseSchema, Case, Config, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client as Requests

from billing.domain.api_keys import Scope
from billing.domain.customers import Mode
from billing.edge.http.routes import Route
from billing.services.api_keys import SECRET_BYTES, create_api_key, revoke_api_key
from billing.services.catalogue import Catalogue
from billing.services.manage_customers import delete_customer, suspend_customer
from billing.services.tab_numbers import TabNumbers
from tests.prove.client import Client, answer_from
from tests.prove.flows import deterministic
from tests.prove.store import Store
from tests.support.books import Books
from tests.support.clock import SettableClock
from tests.support.cloud import FUNCTION_OF, Cloud, surroundings
from tests.support.gateway import Gateway
from tests.support.logged import catching_logs
from tests.support.logs import line, put_log
from tests.support.tables import create_tables

type AnyCase = Case[Any]

# What the description of the API promises of every answer.
PROMISES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# Nothing is left to chance, so that what is red in a merge comes of the change.
THE_SAME_EACH_TIME = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)

# Whom and what requests may be about, beside those that chance names.
CUSTOMERS = ("rich", "owing", "failed", "stopped", "deleted")
PRODUCTS = ("api-calls", "bandwidth")


@dataclass(frozen=True)
class Town:
    """The gateway, and what somebody who knows the town may name.

    `keys` are the secrets of API keys, by scope; "revoked" has one that was revoked.
    """

    gateway: Gateway
    schema: BaseSchema
    keys: Mapping[str, str]
    known: Mapping[str, tuple[str, ...]]
    begin_again: Callable[[], None]

    def cases(self, route: Route, mode: GenerationMode) -> SearchStrategy[AnyCase]:
        """Draw requests by a route, valid ones or not."""
        operation: APIOperation[Any, Any, Any, Any] = self.schema[route.path][route.method]
        return operation.as_strategy(generation_mode=mode)

    def with_key(self, scope: str) -> dict[str, str]:
        """Give the headers of a caller who has the key of a scope."""
        return {"Authorization": f"Bearer {self.keys[scope]}"}


@contextmanager
def founded_town() -> Iterator[Town]:
    """Give a town; nothing of it leaves this process."""
    with deterministic(), mock_aws(), surroundings(), catching_logs():
        store = Store()
        client = Client(lambda call: answer_from(store, call))
        tables = create_tables(cast("Any", store))
        books = Books(cast("Any", client), tables, SettableClock())
        cloud = Cloud(books)
        put_log("incoming/day.json", [line("rich"), line("nobody"), {"userId": 7}])

        def begin_again() -> None:
            store.rewind()
            _restart(cloud, client, books.clock)

        _restart(cloud, client, books.clock)
        keys = _settle_down(books, cloud)
        store.mark()
        gateway = Gateway(cloud.invoke, FUNCTION_OF)
        yield Town(gateway, _described(gateway), keys, _known(books), begin_again)


def _described(gateway: Gateway) -> BaseSchema:
    """Read the description as it is served.

    Which key a request has is chosen by the tests, not by what the description says of keys.
    """
    served = json.loads(Requests(gateway).get("/openapi.json").text)
    for operations in served["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    config = Config.from_dict({"base-url": "http://localhost"})
    schema = from_dict(served, config=config)
    schema.app = gateway
    return schema


def _restart(cloud: Cloud, client: Client, clock: SettableClock) -> None:
    """Start every container anew, over the tables of the town and on its clock.

    Nobody waits, but for the jobs: while they do, log files are read.
    """
    cloud.forget_log_files()
    for name, module in cloud.functions.items():
        if hasattr(module, "CONTAINER"):
            anew = replace(
                module.CONTAINER,
                dynamo_client=client,
                clock=clock,
                sleep=module.CONTAINER.sleep if name == "jobs" else _no_wait,
                catalogue=Catalogue(),
                make_tab_numbers=cache(lambda: TabNumbers(timedelta(seconds=60))),
            )
            vars(module)["CONTAINER"] = anew


def _no_wait(_seconds: float) -> None:
    """Let no time pass."""


def _settle_down(books: Books, cloud: Cloud) -> dict[str, str]:
    """Bring customers of every kind, with usage, records and log lines; returns keys."""
    for product_id in PRODUCTS:
        books.product(product_id, "1.5")
    for customer_id in CUSTOMERS:
        mode = Mode.POSTPAID if customer_id == "owing" else Mode.PREPAID
        books.customer(customer_id, mode=mode, email=f"{customer_id}@example.com")
    delete_customer("deleted", stores=books.stores, clock=books.clock)
    books.credit(10_000, key="funds", customer_id="rich")
    for customer_id in ("rich", "owing", "stopped"):
        books.record([books.claim(7, customer_id=customer_id, event_id=f"used-by-{customer_id}")])
    books.charge(50, customer_id="failed")
    books.run_workflows()
    suspend_customer("stopped", stores=books.stores, clock=books.clock)
    books.bill()
    cloud.post("/jobs/process-logs", {})
    books.charge(40, customer_id="rich", key="a-charge")
    return {scope: _key(books, scope) for scope in Scope} | {"revoked": _revoked(books)}


def _key(books: Books, scope: Scope) -> str:
    secret, _ = create_api_key(
        key_id=f"key-{scope}",
        name=str(scope),
        scopes=[scope],
        random=str(scope).encode().ljust(SECRET_BYTES, b"."),
        stores=books.stores,
        clock=books.clock,
    )
    return secret


def _revoked(books: Books) -> str:
    secret, api_key = create_api_key(
        key_id="key-revoked",
        name="revoked",
        scopes=[Scope.ADMIN],
        random=b"revoked".ljust(SECRET_BYTES, b"."),
        stores=books.stores,
        clock=books.clock,
    )
    revoke_api_key(api_key.id, by="key-admin", stores=books.stores, clock=books.clock)
    return secret


def _known(books: Books) -> dict[str, tuple[str, ...]]:
    """List what requests may name, by the names that the API has for it."""
    records = [str(record.id) for each in CUSTOMERS for record in books.records(each)]
    events = [f"used-by-{customer_id}" for customer_id in CUSTOMERS]
    files = [file.id for file in books.stores.log_files.page(limit=10, before=None)[0]]
    return {
        "customerId": CUSTOMERS,
        "userId": CUSTOMERS,
        "productId": PRODUCTS,
        "keyId": ("key-revoked", "key-admin"),
        "recordId": tuple(records),
        "eventId": tuple(events),
        "fileId": tuple(files),
    }
