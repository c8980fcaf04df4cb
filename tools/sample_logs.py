"""Write a log file of 10,000 lines of 10 customers, the same each time: `make sample-logs`."""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops.patience import patient_client
from tools.local_cloud import env_file
from tools.local_cloud.demo import PRODUCTS, Body, make
from tools.local_cloud.env_file import ENV_FILE, KEY_VARIABLE

SAMPLE_LINES = 10_000
SAMPLE_CUSTOMERS = 10
SAMPLE_SEED = 20240115
SAMPLE_BEGINS = datetime(2024, 1, 15, tzinfo=UTC)


def main(arguments: Sequence[str]) -> None:
    """Write the file that the arguments name: an array where its name ends in .json."""
    parser = argparse.ArgumentParser(prog="python -m tools.sample_logs", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--lines", type=int, default=SAMPLE_LINES)
    parser.add_argument("--customers", type=int, default=SAMPLE_CUSTOMERS)
    options = parser.parse_args(arguments)
    write(options.file, options.lines, options.customers)


def sample_lines(lines: int, customers: int) -> Iterator[Mapping[str, str | int]]:
    """Make log lines a second apart, of customers 1, 2, … in turn; the same each time."""
    chance = random.Random(SAMPLE_SEED)  # noqa: S311 - repeatable, and nobody's secret
    for number in range(lines):
        yield {
            "userId": number % customers + 1,
            "service": str(chance.choice(PRODUCTS)["id"]),
            "quantity": chance.randint(1, 1000),
            "timestamp": (SAMPLE_BEGINS + timedelta(seconds=number)).isoformat(),
        }


def write(file: Path, lines: int, customers: int) -> None:
    """Write a file of log lines, and make its customers where the local cloud runs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = [json.dumps(line) for line in sample_lines(lines, customers)]
    if file.suffix == ".json":
        text = "[\n" + ",\n".join(texts) + "\n]\n"
    else:
        text = "".join(f"{text}\n" for text in texts)
    file.write_text(text, encoding="utf-8")
    print(f"{file}: {lines} lines of {customers} customers")
    variables = env_file.read(ENV_FILE)
    if not variables:
        print("The local cloud is not running; make its customers 1, 2, … before you load the file")
        return
    with patient_client(variables["BILLING_URL"], variables[KEY_VARIABLE]) as api:
        for number in range(1, customers + 1):
            customer: Body = {"id": str(number), "name": f"User {number}", "mode": "postpaid"}
            make(api, "/users", customer)
    print(f"The local cloud has customers 1 to {customers}")


if __name__ == "__main__":
    main(sys.argv[1:])
