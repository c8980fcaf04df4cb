"""Measure what `Meter.record` costs its caller, and how quickly a spool empties.

`uv run python -m tools.spool_bench` prints the first table of docs/benchmarks.md about the meter:
nobody answers at the address that the meters are given, so that all of it stays in the spool. Where
BILLING_URL and BILLING_API_KEY are set, as `. .local/env` does while `make run` is up, it prints
the second one too.
"""

import contextlib
import logging
import os
import tempfile
import threading
import time
from pathlib import Path

from usage_billing import Billing, Meter
from usage_billing.api.problems import CustomerExistsError
from usage_billing.meter.sender import BATCH_EVENTS_MAX

EVENTS = 20_000
NOBODY = "http://127.0.0.1:9"


def nanoseconds_of_each(meter: Meter, count: int) -> list[int]:
    """Record so many events; returns what each call took."""
    taken: list[int] = []
    for number in range(count):
        began = time.perf_counter_ns()
        meter.record(f"customer-{number % 100}", "api-calls", 1)
        taken.append(time.perf_counter_ns() - began)
    return taken


def measure(name: str, *, threads: int, is_power_safe: bool, in_memory: bool) -> str:
    """Measure one kind of spool; returns its line of the table."""
    count = EVENTS // 10 if is_power_safe else EVENTS
    taken: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        meter = Meter(
            NOBODY,
            "no-key",
            spool=None if in_memory else Path(folder) / "spool",
            spill=Path(folder) / "spill" if in_memory else None,
            is_power_safe=is_power_safe,
        )

        def work() -> None:
            taken.extend(nanoseconds_of_each(meter, count // threads))

        workers = [threading.Thread(target=work) for _ in range(threads)]
        began = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.perf_counter() - began
        meter.close(0)
    taken.sort()
    middle, high, highest = (taken[int(len(taken) * part)] / 1000 for part in (0.5, 0.99, 0.999))
    rate = len(taken) / seconds
    return f"| {name} | {rate:,.0f} | {middle:,.0f} | {high:,.0f} | {highest:,.0f} |"


def drain(billing: Billing, url: str, key: str, customers: int) -> str:
    """Send what waits in a spool, of so many customers; returns its line of the table."""
    names = [f"spool-bench-{number}" for number in range(customers)]
    for name in names:
        with contextlib.suppress(CustomerExistsError):
            billing.create_customer(id=name, mode="postpaid")
    with tempfile.TemporaryDirectory() as folder:
        meter = Meter(url, key, spool=Path(folder) / "spool", background=False)
        # The functions are awake before it is measured.
        for count in (BATCH_EVENTS_MAX, EVENTS):
            for number in range(count):
                meter.record(names[number % customers], "api-calls", 1)
            began = time.perf_counter()
            meter.flush(600)
            seconds = time.perf_counter() - began
        counts = meter.stats().counts
        meter.close()
    # What a server was too slow to answer is sent again.
    if counts.accepted + counts.duplicate != BATCH_EVENTS_MAX + EVENTS:
        raise RuntimeError(f"not everything was recorded: {counts}")
    return f"| {customers} | {EVENTS:,} | {seconds:.1f} | {EVENTS / seconds:,.0f} |"


def main() -> None:
    """Print the tables."""
    logging.disable()
    print("| spool | events a second | median µs | 99 % | 99.9 % |\n|---|---:|---:|---:|---:|")
    for name, threads, is_power_safe, in_memory in (
        ("file", 1, False, False),
        ("file, four threads", 4, False, False),
        ("file, `is_power_safe`", 1, True, False),
        ("memory", 1, False, True),
    ):
        print(measure(name, threads=threads, is_power_safe=is_power_safe, in_memory=in_memory))
    url, key = os.environ.get("BILLING_URL"), os.environ.get("BILLING_API_KEY")
    if url and key:
        print("\n| customers | events | seconds | events a second |\n|---:|---:|---:|---:|")
        with Billing(url, key) as billing:
            for customers in (1, 10, 100):
                print(drain(billing, url, key, customers), flush=True)


if __name__ == "__main__":
    main()
