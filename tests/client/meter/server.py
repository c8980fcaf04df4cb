"""A server of usage batches that misbehaves as it is told, and never forgets what it recorded."""

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

KEY = "test-key"

Event = dict[str, Any]


@dataclass
class Ledger:
    """What was recorded, by customer and id, as the API defines it: the first content stands."""

    events: dict[tuple[str, str], Event] = field(default_factory=dict)
    sightings: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def record(self, event: Event) -> Event:
        """Record an event; returns its result."""
        with self.lock:
            self.sightings[event["id"]] += 1
            if event["customerId"] == "nobody":
                return refusal("rejected", 404, "customer_not_found")
            name = (event["customerId"], event["id"])
            first = self.events.setdefault(name, event)
            if first is event:
                return {"status": "accepted", "event": event}
            same = all(first[member] == event[member] for member in ("productId", "units"))
            if same and event.get("occurredAt") in {None, first.get("occurredAt")}:
                return {"status": "duplicate", "event": first}
            return refusal("conflict", 409, "usage_event_conflict")

    def ids(self) -> list[str]:
        """List the ids of everything that was recorded."""
        return [event_id for _, event_id in self.events]


def refusal(status: str, code: int, name: str) -> Event:
    """Make the result of an event that was kept out."""
    return {"status": status, "problem": {"status": code, "code": name, "detail": name}}


@dataclass(frozen=True)
class Answer:
    """An answer as it goes out; `cut` is how many bytes of the body never come."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0


Fault = Callable[[list[Event], Ledger], Answer | None]


def well(events: list[Event], ledger: Ledger) -> Answer:
    """Record everything."""
    return answer([ledger.record(event) for event in events])


def answer(results: list[Event]) -> Answer:
    """Answer with results."""
    return Answer(200, json.dumps({"results": results}).encode())


def recorded_and_cut_off(events: list[Event], ledger: Ledger) -> Answer:
    whole = well(events, ledger)
    return Answer(whole.status, whole.body, cut=len(whole.body) // 2)


def recorded_and_silent(events: list[Event], ledger: Ledger) -> None:
    well(events, ledger)


def silent(_events: list[Event], _ledger: Ledger) -> None:
    pass


def late(events: list[Event], ledger: Ledger) -> Answer:
    time.sleep(0.02)
    return well(events, ledger)


def throttled(_events: list[Event], _ledger: Ledger) -> Answer:
    return Answer(429, b"{}")


def unavailable(_events: list[Event], _ledger: Ledger) -> Answer:
    problem = {"status": 503, "code": "unavailable", "detail": "later"}
    return Answer(503, json.dumps(problem).encode(), {"Retry-After": "0"})


def half_unavailable(events: list[Event], ledger: Ledger) -> Answer:
    return answer(
        [
            refusal("rejected", 503, "unavailable") if number % 2 else ledger.record(event)
            for number, event in enumerate(events)
        ]
    )


def recorded_and_garbled(events: list[Event], ledger: Ledger) -> Answer:
    well(events, ledger)
    return Answer(200, b"<html>It works!")


def recorded_and_too_few(events: list[Event], ledger: Ledger) -> Answer:
    return answer([ledger.record(event) for event in events][:-1])


def recorded_and_mixed_up(events: list[Event], ledger: Ledger) -> Answer:
    return answer([ledger.record(event) for event in events][::-1])


def redirected(_events: list[Event], _ledger: Ledger) -> Answer:
    return Answer(307, b"", {"Location": "http://127.0.0.1:9/elsewhere"})


def key_refused(_events: list[Event], _ledger: Ledger) -> Answer:
    return Answer(403, b'{"message":"Forbidden"}')


def broken(_events: list[Event], _ledger: Ledger) -> Answer:
    return Answer(502, b"Bad gateway")


FAULTS: tuple[Fault, ...] = (
    recorded_and_cut_off,
    recorded_and_silent,
    silent,
    late,
    throttled,
    unavailable,
    half_unavailable,
    recorded_and_garbled,
    recorded_and_too_few,
    recorded_and_mixed_up,
    redirected,
    key_refused,
    broken,
)


@dataclass
class Server:
    """A server that is up; `behave` decides what it does with each batch."""

    url: str
    ledger: Ledger
    behave: Fault = well
    batches: list[list[Event]] = field(default_factory=list)

    def misbehave(self, seed: int, share: float = 0.5) -> None:
        """Do by chance something else than it should, for this share of batches."""
        chance = random.Random(seed)  # noqa: S311  It draws faults, no secrets.

        def behave(events: list[Event], ledger: Ledger) -> Answer | None:
            fault = chance.choice(FAULTS) if chance.random() < share else well
            return fault(events, ledger)

        self.behave = behave

    def fail_once(self, fault: Fault) -> None:
        """Misbehave with one batch, and behave from then on."""

        def behave(events: list[Event], ledger: Ledger) -> Answer | None:
            self.behave = well
            return fault(events, ledger)

        self.behave = behave


class Handler(BaseHTTPRequestHandler):
    """Answers one connection as the server of its listener behaves."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Take a batch."""
        assert isinstance(self.server, Listener)
        server = self.server.of
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Authorization"] == f"Bearer {KEY}"
        assert self.path == "/base/billing/usage/batch"
        events = json.loads(body)["events"]
        server.batches.append(events)
        answered = server.behave(events, server.ledger)
        if answered is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answered.status)
        for name, value in answered.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answered.body)))
        self.end_headers()
        self.wfile.write(answered.body[: len(answered.body) - answered.cut])
        self.close_connection = bool(answered.cut)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True

    def __init__(self) -> None:
        """Begin to listen; who connects waits."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.of = Server(f"http://127.0.0.1:{self.server_port}/base", Ledger())

    def handle_error(self, *_: object) -> None:
        """A client that was killed is no news."""


@contextmanager
def running_server() -> Iterator[Server]:
    """Give a server that is up."""
    with Listener() as listener:
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listener.of
        finally:
            listener.shutdown()
            thread.join()
