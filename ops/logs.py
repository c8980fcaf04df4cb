"""Have the running local cloud read a log file, and show how far it is.

    make sample-logs                         write a file of 10,000 lines of 10 customers
    make logs FILE=.local/sample-logs.ndjson put it into the bucket, and read it now

The hourly run would find the file too; this asks for one at once.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ops.patience import patient_client
from tools.local_cloud import env_file
from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.demo import PRODUCTS, Body, make
from tools.local_cloud.env_file import ENV_FILE, KEY_VARIABLE
from tools.local_cloud.errors import LocalCloudError

PREFIX = "incoming/"

POLL_SECONDS = 0.5

SAMPLE_LINES = 10_000
SAMPLE_CUSTOMERS = 10
SAMPLE_SEED = 20240115
SAMPLE_BEGINS = datetime(2024, 1, 15, tzinfo=UTC)

type Account = Mapping[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "sample":
            return _sample(options.file, options.lines, options.customers)
        return _upload(options.file, options.key or PREFIX + options.file.name)
    except (LocalCloudError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.logs", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    upload = commands.add_parser("upload", help="put a file into the bucket and read it")
    upload.add_argument("file", type=Path)
    upload.add_argument("--key", help="the file's name in the bucket; incoming/<its name>")
    sample = commands.add_parser(
        "sample", help="write a file, the same each time: an array where its name ends in .json"
    )
    sample.add_argument("file", type=Path)
    sample.add_argument("--lines", type=int, default=SAMPLE_LINES)
    sample.add_argument("--customers", type=int, default=SAMPLE_CUSTOMERS)
    return parser


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


def _sample(file: Path, lines: int, customers: int) -> int:
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
        return 0
    with patient_client(variables["BILLING_URL"], variables[KEY_VARIABLE]) as api:
        for number in range(1, customers + 1):
            customer: Body = {"id": str(number), "name": f"User {number}", "mode": "postpaid"}
            make(api, "/users", customer)
    print(f"The local cloud has customers 1 to {customers}")
    return 0


def _upload(file: Path, key: str) -> int:
    variables = env_file.read(ENV_FILE)
    if not variables:
        raise LocalCloudError("The local cloud is not running: start it with 'make run'")
    s3 = aws_client("s3", variables["AWS_ENDPOINT_URL"])
    s3.upload_file(str(file), variables["LOGS_BUCKET"], key)
    print(f"{file} is in the bucket as {key}")
    began = time.monotonic()
    with patient_client(variables["BILLING_URL"], variables[KEY_VARIABLE]) as api:
        account, lines = _read_to_its_end(api, key)
    _tell(account)
    seconds = time.monotonic() - began
    print(f"{lines} lines were read just now, in {seconds:.1f} s.")
    print(f"GET /logs/files/{account['id']} tells more.")
    return 0 if account["state"] == "done" else 1


def _read_to_its_end(api: httpx.Client, key: str) -> tuple[Account, int]:
    """Ask for one run after the other until the file is read, showing how far it is.

    Gives the file's account, and how many lines these runs read.
    """
    lines = 0
    while True:
        with ThreadPoolExecutor(max_workers=1) as pool:
            run = pool.submit(_answer, api, "POST", "/jobs/process-logs")
            _show_progress(api, key, run)
        lines += run.result()["lines"]
        account = _account(api, key)
        if account is None:
            raise LocalCloudError(f"The run did not find {key}")
        if account["state"] in {"done", "failed"}:
            return account, lines
        print(f"{run.result()['remaining']} files remain to be read")


def _show_progress(api: httpx.Client, key: str, run: "Future[Account]") -> None:
    while not run.done():
        time.sleep(POLL_SECONDS)
        account = _account(api, key)
        if account is not None:
            print(f"\r{account['state']}: {account['lines']} lines", end="", flush=True)
    print()


def _account(api: httpx.Client, key: str) -> Account | None:
    """Find the account of a file among the newest; None before a run has found it."""
    files = _answer(api, "GET", "/logs/files")["items"]
    return next((file for file in files if file["key"] == key), None)


def _answer(api: httpx.Client, method: str, path: str) -> Account:
    answer = api.request(method, path)
    if answer.status_code != httpx.codes.OK:
        raise LocalCloudError(f"{method} {path} answered {answer.status_code}: {answer.text}")
    found: Account = answer.json()
    return found


def _tell(account: Account) -> None:
    for name in ("state", "reason", "lines", "accepted", "duplicate", "conflict", "rejected"):
        if account[name] is not None:
            print(f"{name:<10}{account[name]}")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
