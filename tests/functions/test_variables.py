"""Each function uses every variable that it says it reads.

That it uses no other is shown by all the stories here: each handler is loaded with the variables
that the template gives it, and what it did not say that it reads it cannot use.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from billing.domain.api_keys import Scope
from billing.edge.api.all_routes import ROUTES, ROUTES_OF
from billing.edge.composition import utc_now
from billing.edge.settings import Setting, Settings
from billing.services.api_keys import SECRET_BYTES, create_api_key
from tests.support.cloud import Cloud, moto_cloud
from tests.support.lambdas import FUNCTIONS, Event, http_event, sample_event
from tests.support.logs import put_log
from tests.support.template import variables_by_folder

ROUTE_KEYS = {route.key for route in ROUTES}
TRIGGERED = set(FUNCTIONS) - set(ROUTES_OF)

PATH = {
    "customerId": "acme",
    "eventId": "e1",
    "productId": "api-calls",
    "userId": "globex",
    "recordId": "globex~0~1",
}
USER = "/users/{userId}"
EVENT = "/billing/usage/{customerId}/{eventId}"
FUNDS = {"amountCents": 1}


def use(customer_id: str, event_id: str) -> dict[str, object]:
    """Say that a customer used something for one cent."""
    return {"id": event_id, "customerId": customer_id, "productId": "api-calls", "units": 1}


def task(record_id: str) -> Event:
    """Write what the workflow hands over for an attempt at a record of globex."""
    return {"customerId": "globex", "recordId": record_id, "attempt": 1}


class Caller:
    """Sends requests and triggers that have to succeed, and remembers which."""

    def __init__(self, cloud: Cloud) -> None:
        """Begin with nothing sent."""
        self.cloud = cloud
        self.sent: set[str] = set()

    def send(
        self,
        route_key: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        **path: str,
    ) -> None:
        """Send a request; every one brings an idempotency key of its own."""
        headers = {"content-type": "application/json", "Idempotency-Key": f"{len(self.sent)}"}
        text = None if body is None else json.dumps(body)
        names = {**PATH, **path}
        answer = self.cloud.send(
            http_event(route_key, path_parameters=names, query=query, headers=headers, body=text)
        )
        assert answer.status < 300, (route_key, answer.text)
        self.sent.add(route_key)

    def trigger(self, function: str, event: Event | None = None) -> None:
        """Invoke a function as its trigger does."""
        self.cloud.invoke(function, event or sample_event(function))
        self.sent.add(function)


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> dict[int, set[str]]:
    """Remember which variables are used, by the identity of the settings that they were read from.

    A container keeps its settings for ever, so that an identity is never given twice.
    """
    used: dict[int, set[str]] = {}
    get = Setting.__get__

    def remember(setting: Setting[object], settings: Settings, owner: type) -> object:
        used.setdefault(id(settings), set()).add(setting.variable)
        return get(setting, settings, owner)

    monkeypatch.setattr(Setting, "__get__", remember)
    return used


@pytest.fixture
def caller(used: dict[int, set[str]]) -> Iterator[Caller]:
    """Give a caller of functions whose use of variables is remembered from their start on."""
    assert used == {}
    with moto_cloud() as cloud:
        yield Caller(cloud)


def record_and_bill(caller: Caller) -> None:
    """Let acme and globex use something, and globex have no money for it."""
    caller.send("POST /users", {"id": "globex"})
    caller.send("POST /billing/usage", use("acme", "e1"))
    caller.send("POST /billing/usage/batch", {"events": [use("globex", "e2")]})
    caller.send(f"GET {EVENT}")
    caller.trigger("run_billing")
    caller.send("POST /billing/usage", use("acme", "e3"))
    caller.trigger("settle_tab")
    caller.send("POST /billing/usage", use("acme", "e4"))
    for job in ("process-billing", "process-retries", "process-all"):
        caller.send(f"POST /jobs/{job}", {})


def look_at_what_is_owed(caller: Caller) -> None:
    """Look at the record that globex cannot pay, and raise another by hand."""
    for route in ("", "/user/{userId}", "/{recordId}", "/{recordId}/events"):
        caller.send(f"GET /billing{route}")
    caller.send("POST /billing/{recordId}/process")
    caller.send("POST /billing", {"userId": "acme", "amountCents": 40})
    for route in ("", "/{recordId}", "/{recordId}/history"):
        caller.send(f"GET /executions{route}")


def look_at_what_was_billed(caller: Caller) -> None:
    """Look at days of acme of which the last entry is not added up yet."""
    now = utc_now()
    caller.send("GET /billing/statements/{customerId}/{month}", month=f"{now:%Y-%m}")
    # What was posted until now was posted on one of these, also where midnight came between.
    days = {"from": f"{now - timedelta(days=1):%Y-%m-%d}", "to": f"{now:%Y-%m-%d}"}
    caller.send("GET /usage/series", query={"customerId": "acme", **days})
    caller.send("GET /reports/days", query=days)


def pay_on_credit(caller: Caller) -> None:
    """Let globex pay on credit: a record at an attempt, one instead of giving up, one activated."""
    caller.cloud.books.lend(1, customer_id="globex")
    caller.trigger("attempt_charge", task("globex~0~1"))
    caller.send("POST /billing/usage", use("globex", "e5"))
    caller.trigger("run_billing")
    caller.cloud.books.lend(1, customer_id="globex")
    caller.trigger("give_up_dunning", task("globex~0~2"))
    caller.send(f"POST {USER}/suspend")
    caller.send("POST /billing", {"userId": "globex", "amountCents": 1})
    caller.send(f"PATCH {USER}", {"mode": "postpaid", "creditLimitCents": 3})
    caller.send(f"POST {USER}/activate")


def pay_in_money(caller: Caller) -> None:
    """Add money to wallets, and look at them, their ledger and their customers."""
    caller.send("POST /billing/credit", {"customerId": "acme", **FUNDS})
    caller.send("POST /wallets/{userId}/add-funds", FUNDS)
    for route in ("", "/balance"):
        caller.send(f"GET /wallets/{{userId}}{route}")
    for route in ("balance/{customerId}", "ledger/{customerId}", "ledger/{customerId}/verify"):
        caller.send(f"GET /billing/{route}")
    for route in ("/users", USER):
        caller.send(f"GET {route}")
    caller.send("POST /users", {"id": "leaver"})
    caller.send(f"DELETE {USER}", userId="leaver")


def take_back(caller: Caller) -> None:
    """Void a charge that is not paid, refund one that is, and correct and void an event."""
    caller.send("POST /users", {"id": "wronged"})
    owed = caller.cloud.post("/billing", {"userId": "wronged", "amountCents": 1}).json["id"]
    caller.send("POST /billing/{recordId}/void", recordId=owed)
    paid = caller.cloud.post("/billing", {"userId": "acme", "amountCents": 1}).json["id"]
    caller.send("POST /billing/{recordId}/refund", recordId=paid)
    caller.send(f"PATCH {EVENT}", {"units": 2})
    caller.send(f"DELETE {EVENT}")


def post_something(caller: Caller, key: str) -> None:
    """Post a credit and a charge to acme."""
    caller.cloud.credit("acme", 1, key)
    caller.cloud.post("/billing", {"userId": "acme", "amountCents": 1})


def close_days(caller: Caller) -> None:
    """Have what was posted added to its days: by the schedule, by the queue and by hand."""
    caller.trigger("run_closing")
    post_something(caller, "for-the-queue")
    caller.trigger("close_days")
    post_something(caller, "for-the-job")
    caller.send("POST /jobs/close", {})
    caller.send("GET /billing/ledger/{customerId}/verify")


def read_logs(caller: Caller) -> None:
    """Have log files read, by the schedule and by hand, and look at what came of them."""
    line = {"userId": "acme", "service": "api-calls", "quantity": 1}
    put_log("incoming/a.json", [{**line, "timestamp": "2026-01-31T09:00:00Z"}])
    caller.trigger("ingest_logs")
    caller.cloud.read_log_files()
    caller.sent.add("read_log_file")
    put_log("incoming/b.json", [{**line, "timestamp": "2026-01-31T10:00:00Z"}])
    caller.send("POST /jobs/process-logs", {})
    for route in ("", "/user/{userId}", "/files"):
        caller.send(f"GET /logs{route}", userId="acme")
    [file, *_] = caller.cloud.get("/logs/files").json["items"]
    caller.send("GET /logs/files/{fileId}", fileId=file["id"])
    caller.send("POST /logs/files/{fileId}/reread", fileId=file["id"])
    caller.send("POST /logs/uploads", {"name": "c.json"})


def ask_for_the_rest(caller: Caller) -> None:
    """Read and change the catalogue, ask the system about itself, and show a key."""
    price = {"model": "flat", "unitPriceCents": 1, "freeUnits": 1}
    caller.send("POST /products", {"id": "p", "name": "P", "price": price})
    wanted = {"productId": "p", "units": [1], "customerId": "acme"}
    caller.send("POST /pricing/preview", wanted)
    start = (utc_now() + timedelta(days=1)).isoformat()
    change = {"name": "Calls", "unitPriceCents": 2, "effectiveFrom": start}
    caller.send("PATCH /products/{productId}", change)
    caller.send("DELETE /products/{productId}/prices/{version}", version="2")
    for route in ("/products", "/products/{productId}", "/me", "/system/status"):
        caller.send(f"GET {route}")
    for route in ("/health", "/openapi.json", "/docs"):
        caller.send(f"GET {route}")
    caller.send("GET /keys")
    create_api_key(
        key_id="leaked",
        name="leaked",
        scopes=[Scope.ADMIN],
        random=bytes(SECRET_BYTES),
        stores=caller.cloud.books.stores,
        clock=utc_now,
    )
    caller.send("POST /keys/{keyId}/revoke", keyId="leaked")
    caller.trigger("authorizer")
    caller.trigger("console")


def call_everything(caller: Caller) -> None:
    """Send every request and every trigger that there is."""
    record_and_bill(caller)
    look_at_what_is_owed(caller)
    look_at_what_was_billed(caller)
    pay_on_credit(caller)
    pay_in_money(caller)
    take_back(caller)
    close_days(caller)
    read_logs(caller)
    ask_for_the_rest(caller)
    assert caller.sent == ROUTE_KEYS | TRIGGERED


def test_every_variable_that_a_function_says_it_reads_is_used(
    caller: Caller, used: dict[int, set[str]]
) -> None:
    call_everything(caller)

    for name, module in caller.cloud.functions.items():
        given = variables_by_folder()[name]
        container = vars(module).get("CONTAINER")
        # One without a container keeps what it reads under the variable's own name.
        uses = given & vars(module).keys() if container is None else used[id(container.settings)]
        assert uses == given, name
