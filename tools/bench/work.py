"""The CPU that a warm function takes for what it does, with a store that answers at once."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from billing.domain.logfiles import StoredFile
from billing.edge.aws.log_file_queue import write_message
from tests.support.lambdas import http_event, sample_event
from tests.support.tables import create_tables
from tools.bench.figures import Figure
from tools.bench.processes import Side
from tools.bench.rooms import shares_by_room
from tools.bench.sides import WORKSHOP
from tools.local_cloud import emulator
from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.mine import my_plan
from tools.local_cloud.ports import DEFAULT_PORT, choose_port
from tools.local_cloud.progress import Progress

CUSTOMER = "acme"
PRODUCT = "api-calls"
# A run settles so many itself.
TABS_A_RUN = 40
# Two batches.
LINES_A_FILE = 1980
CUSTOMERS_A_FILE = 10

type Event = dict[str, Any]
type Step = tuple[str, Event]


@dataclass(frozen=True, slots=True)
class Ask:
    """An event, the steps that prepare what it works on, and the log file that it reads: its key
    and its text."""

    event: Event
    before: Sequence[Step] = ()
    file: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """Something that a function does, `items` of it at once; `formerly` names the function that did
    it at revisions that have no such function."""

    name: str
    function: str
    items: int
    rounds: int
    ask: Callable[[], Ask]
    formerly: str | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a work costs: microseconds of CPU an item, and how many bare calls that is."""

    work: Work
    microseconds: dict[str, Figure]
    bare_calls: Figure
    shares: dict[str, float]
    to_before: Figure | None


def use(customers: Sequence[str]) -> Event:
    """Ask to record an event for each customer."""
    events = [
        {
            "id": str(uuid4()),
            "customerId": customer,
            "productId": PRODUCT,
            "units": 3,
            "occurredAt": datetime.now(UTC).isoformat(),
        }
        for customer in customers
    ]
    single = len(events) == 1
    body = events[0] if single else {"events": events}
    return _post("POST /billing/usage" if single else "POST /billing/usage/batch", body)


def credit() -> Ask:
    """Ask to add money to a wallet."""
    return Ask(_post("POST /billing/credit", {"customerId": CUSTOMER, "amountCents": 5}))


def make_customers(names: Sequence[str]) -> list[Step]:
    """Ask to make customers who pay afterwards."""
    return [("users", _post("POST /users", {"id": name, "mode": "postpaid"})) for name in names]


def settle() -> Ask:
    """Ask to bill new customers, each of whom used something."""
    names = [str(uuid4()) for _ in range(TABS_A_RUN)]
    return Ask(sample_event("run_billing"), [*make_customers(names), ("usage", use(names))])


def read_log() -> Ask:
    """Ask to read a log file, in which the lines of some customers alternate."""
    names = [f"logs-{number}" for number in range(CUSTOMERS_A_FILE)]
    lines = [
        {
            "userId": names[number % CUSTOMERS_A_FILE],
            "service": PRODUCT,
            "quantity": 3,
            "timestamp": f"2026-01-15T{number % 24:02d}:{number % 60:02d}:00Z",
        }
        for number in range(LINES_A_FILE)
    ]
    stored = StoredFile(f"incoming/{uuid4()}.ndjson", "0", 0, datetime.now(UTC))
    event = sample_event("read_log_file")
    event["Records"][0]["body"] = write_message(stored.id)
    found = ("ingest_logs", sample_event("ingest_logs"))
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return Ask(event, [*make_customers(names), found], (stored.key, text))


def _usage(name: str, items: int, rounds: int) -> Work:
    return Work(name, "usage", items, rounds, lambda: Ask(use([CUSTOMER] * items)))


SINGLE = "usage, one event"
BATCH, LARGE_BATCH = "usage, a batch of 99", "usage, a batch of 1,000"
SETTLE, LINE = "a settle, 40 in a run", "a line of a log file"
GOALS_MICROSECONDS = {SINGLE: 3000.0, BATCH: 200.0, LARGE_BATCH: 200.0}
# What should take half of what it did at the revision that it is measured against.
HALF = 0.5
HALVED = (SETTLE, LINE)

WORKS = (
    _usage(SINGLE, 1, 60),
    _usage("usage, a batch of 10", 10, 40),
    _usage(BATCH, 99, 20),
    _usage(LARGE_BATCH, 1000, 5),
    Work("a credit", "credit", 1, 60, credit),
    Work(SETTLE, "run_billing", TABS_A_RUN, 10, settle),
    Work(LINE, "read_log_file", LINES_A_FILE, 5, read_log, "ingest_logs"),
)


def measure_work(sides: Sequence[Side], repeats: int) -> list[Cost]:
    """Do each work in turn on every side, in fresh processes."""
    with _emulator() as endpoint_url:
        client = aws_client("dynamodb", endpoint_url)
        for side in sides:
            create_tables(client, side.tables)
        return [_measure(work, sides, repeats, endpoint_url) for work in WORKS]


def _task(work: Work, side: Side, profile: Path | None) -> Mapping[str, object]:
    product = {"id": PRODUCT, "name": PRODUCT, "unitPriceCents": "0.25"}
    # What is there already stays as it is.
    first = [("products", _post("POST /products", product)), *make_customers([CUSTOMER])]
    name = work.function if side.handler(work.function).exists() else work.formerly
    asks = [work.ask(), work.ask()]
    # What the function did itself formerly needs nobody before it.
    before = [[step for step in ask.before if step[0] != name] for ask in asks]
    return {
        "name": name,
        "preparing": [[*first, *before[0]], before[1]],
        "events": [ask.event for ask in asks],
        "files": [ask.file for ask in asks],
        "rounds": work.rounds,
        "profile": None if profile is None else str(profile),
    }


def _measure(work: Work, sides: Sequence[Side], repeats: int, endpoint_url: str) -> Cost:
    profile = WORKSHOP / f"{work.function}-{work.items}.pstats"
    seconds: dict[str, list[float]] = {side.name: [] for side in sides}
    bare_calls: list[float] = []
    for repeat in range(repeats):
        for side in sides:
            is_ours = side is sides[0]
            task = _task(work, side, profile if is_ours and repeat == 0 else None)
            answer = side.measure(endpoint_url, task)
            taken = median(answer["work"]) / work.items
            seconds[side.name].append(taken)
            if is_ours:
                bare_calls.append(taken / median(answer["bare"]))
    ours, *others = seconds.values()
    return Cost(
        work,
        {name: Figure.of(taken).scaled(1e6) for name, taken in seconds.items()},
        Figure.of(bare_calls),
        shares_by_room(profile),
        Figure.ratio(ours, others[0]) if others else None,
    )


def _post(route_key: str, body: object) -> Event:
    headers = {"content-type": "application/json", "Idempotency-Key": str(uuid4())}
    return http_event(route_key, headers=headers, body=json.dumps(body))


@contextmanager
def _emulator() -> Iterator[str]:
    """Run an emulator of its own, and give its address."""
    home = WORKSHOP / "emulator"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    plan = my_plan()
    program = emulator.install(plan.workshop / "ministack", uv=plan.uv, progress=Progress())
    files = emulator.EmulatorFiles(home)
    running = emulator.start(program, files, choose_port(DEFAULT_PORT + 1))
    try:
        yield running.endpoint_url
    finally:
        running.kill()
