"""Measure what `Meter.record` costs its caller, and how many events a second go into a spool.

`uv run python -m tools.spool_bench` prints the table of client/README.md. Nobody answers at the
address that the meters are given, so that all of it stays in the spool.
"""

import logging
import tempfile
import threading
import time
from pathlib import Path

from usage_billing import Meter

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


def main() -> None:
    """Print the table."""
    logging.disable()
    print("| spool | events a second | median µs | 99 % | 99.9 % |\n|---|---:|---:|---:|---:|")
    for name, threads, is_power_safe, in_memory in (
        ("file", 1, False, False),
        ("file, four threads", 4, False, False),
        ("file, `is_power_safe`", 1, True, False),
        ("memory", 1, False, True),
    ):
        print(measure(name, threads=threads, is_power_safe=is_power_safe, in_memory=in_memory))


if __name__ == "__main__":
    main()
