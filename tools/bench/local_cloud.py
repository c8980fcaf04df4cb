"""The same through the local cloud, by one caller over HTTP: the clock, and whose CPU it takes."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tools.bench.sides import WORKSHOP
from tools.bench.work import PRODUCT, use
from tools.local_cloud.admin_key import admin_key
from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.cloud import OwnCloud, local_cloud
from tools.local_cloud.demo import load_demo
from tools.local_cloud.mine import my_plan
from tools.local_cloud.progress import Progress
from tools.sample_logs import sample_lines

REQUEST_SECONDS = 120.0
POLL_SECONDS = 0.1
TABS = 1000
LINES = 10_000
LINES_OF_CUSTOMERS = 10

_SESSION, _USER_TICKS, _SYSTEM_TICKS = 3, 11, 12


@dataclass(frozen=True, slots=True)
class Spent:
    """What something took, an item of it: seconds on the clock, and of the CPU of both sides."""

    name: str
    items: int
    wall_seconds: float
    functions_seconds: float
    emulator_seconds: float


@dataclass(frozen=True, slots=True)
class Driver:
    """Calls the API, and reads from /proc what the processes of the local cloud have taken."""

    client: httpx.Client
    emulator_pid: int

    def measure(self, name: str, items: int, work: Callable[[], object]) -> Spent:
        """Do some work, so many items of it."""
        emulator, functions = self._cpu_seconds()
        start = time.perf_counter()
        work()
        wall = time.perf_counter() - start
        emulator_after, functions_after = self._cpu_seconds()
        return Spent(
            name,
            items,
            wall / items,
            (functions_after - functions) / items,
            (emulator_after - emulator) / items,
        )

    def measure_often(self, name: str, items: int, times: int, work: Callable[[], None]) -> Spent:
        """Do something once, which wakes its function, and then measure it so often."""
        work()

        def repeat() -> None:
            for _ in range(times):
                work()

        return self.measure(name, items * times, repeat)

    def post(self, path: str, body: object, *, key: str | None = None) -> Any:  # noqa: ANN401
        """Post JSON, and return the JSON that comes back; None where somebody else is at it."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = self.client.post(path, json=body, headers=headers)
        if answer.status_code == httpx.codes.CONFLICT:
            return None
        answer.raise_for_status()
        return answer.json()

    def _cpu_seconds(self) -> tuple[float, float]:
        """Add up what the emulator took, and what the processes of functions that it starts did."""
        emulator = functions = 0.0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, rest = int(stat.parent.name), stat.read_text().rpartition(") ")[2].split()
            except OSError:
                continue  # It has ended.
            if int(rest[_SESSION]) != self.emulator_pid:
                continue
            ticks = int(rest[_USER_TICKS]) + int(rest[_SYSTEM_TICKS])
            seconds = ticks / os.sysconf("SC_CLK_TCK")
            if pid == self.emulator_pid:
                emulator += seconds
            else:
                functions += seconds
        return emulator, functions


def measure_local_cloud() -> list[Spent]:
    """Deploy, and do each work once, after the functions that do it were woken."""
    with _running() as (driver, cloud):
        customer = str(uuid4())
        driver.post("/users", {"id": customer, "mode": "postpaid"})

        def record(count: int) -> None:
            body = json.loads(use([customer] * count)["body"])
            driver.post("/billing/usage" if count == 1 else "/billing/usage/batch", body)

        def credit() -> None:
            driver.post(
                "/billing/credit", {"customerId": customer, "amountCents": 1}, key=str(uuid4())
            )

        return [
            driver.measure_often("usage, one event", 1, 200, lambda: record(1)),
            driver.measure_often("usage, a batch of 10", 10, 100, lambda: record(10)),
            driver.measure_often("usage, a batch of 99", 99, 40, lambda: record(99)),
            driver.measure_often("usage, a batch of 1,000", 1000, 6, lambda: record(1000)),
            driver.measure_often("a credit", 1, 100, credit),
            _settle_many(driver),
            _read_lines(driver, cloud),
        ]


def _settle_many(driver: Driver) -> Spent:
    """Bill a thousand customers, each with a tab of one event."""
    names = [str(uuid4()) for _ in range(TABS)]
    _bill(driver)
    for name in names:
        driver.post("/users", {"id": name, "mode": "postpaid"})
    events = [{"id": "e", "customerId": name, "productId": PRODUCT, "units": 3} for name in names]
    driver.post("/billing/usage/batch", {"events": events})
    return driver.measure("a settle, of 1,000 at once", TABS, lambda: _bill(driver))


def _bill(driver: Driver) -> None:
    while True:
        ran = driver.post("/jobs/process-billing", {})
        if ran is not None and not ran["tabsFound"] and not ran["remaining"]:
            return
        time.sleep(POLL_SECONDS)


def _read_lines(driver: Driver, cloud: OwnCloud) -> Spent:
    """Have a log file read."""
    lines = list(sample_lines(LINES, LINES_OF_CUSTOMERS))
    for name in {str(line["userId"]) for line in lines}:
        driver.post("/users", {"id": name, "mode": "postpaid"})

    def read(count: int) -> None:
        body = "".join(json.dumps(line) + "\n" for line in lines[:count])
        storage, key = aws_client("s3", cloud.endpoint_url), f"incoming/{uuid4()}.ndjson"
        bucket = cloud.stack.settings["LOGS_BUCKET"]
        storage.put_object(Bucket=bucket, Key=key, Body=body.encode())
        while True:
            driver.post("/jobs/process-logs", {})
            files = driver.client.get("/logs/files").json()["items"]
            if any(file["key"] == key and file["state"] == "done" for file in files):
                return
            time.sleep(POLL_SECONDS)

    read(1)
    return driver.measure("a line of a log file", LINES, lambda: read(LINES))


@contextmanager
def _running() -> Iterator[tuple[Driver, OwnCloud]]:
    """Run the local cloud as `make run` does, from nothing, beside one that may run already."""
    home = WORKSHOP / "cloud"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    plan = replace(my_plan(), home=home)
    with local_cloud(plan, Progress()) as cloud:
        key = admin_key(cloud.endpoint_url, cloud.stack.settings, None)
        pid = plan.files.lock.read_holder()
        if pid is None:
            raise RuntimeError("the emulator does not say who it is")
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(
            base_url=cloud.billing_url, headers=headers, timeout=REQUEST_SECONDS
        ) as client:
            load_demo(client)
            yield Driver(client, pid), cloud
