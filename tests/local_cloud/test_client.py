"""The client on the deployed stack: a meter whose processes are killed, and what it comes to."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.local_cloud.billing import Billing as Operator
from tests.local_cloud.conftest import ROOT
from tools.local_cloud.cloud import LocalCloud
from usage_billing import Billing, Meter
from usage_billing.cli.app import app
from usage_billing.cli.exits import Exit

EVENTS = 4000
CUSTOMERS = 3
# Each of these processes dies when it has recorded so many.
KILLED_AFTER = (300, 900, 500, 1200, 400)
# The last of these are surely not sent. Each begins again so far before the place where it died.
AGAIN = 50

PROGRAM = """
import os, signal, sys
from usage_billing import Meter

url, key, spool, product, again, first, last, *customers = sys.argv[1:]
meter = Meter(url, key, spool=spool)
for number in range(int(first), int(last)):
    if number == int(first) + 100:
        # So that each has sent something before it dies, however slow the stack is to wake.
        meter.flush(seconds=600)
    if number == int(last) - int(again):
        # And so that it leaves something: nobody sends from here on.
        meter._sender._lock.acquire()
    customer = customers[number % len(customers)]
    meter.record(customer, product, number % 7 + 1, id=f"event-{number}")
os.kill(os.getpid(), signal.SIGKILL)
"""


def units(number: int) -> int:
    """Tell how many units an event has."""
    return number % 7 + 1


@pytest.fixture
def client(cloud: LocalCloud, api_key: str) -> Iterator[Billing]:
    """Give the client itself."""
    with Billing(cloud.billing_url, api_key) as client:
        yield client


def record_until_killed(arguments: list[str], first: int, more: int) -> int:
    """Have a process record so many events from one on, and die at once; returns how far it came.

    It kills itself, so that a slow machine kills it neither later nor with nothing left to send.
    """
    last = first + more
    command = [sys.executable, "-c", PROGRAM, *arguments[:4], str(AGAIN), str(first), str(last)]
    ended = subprocess.run([*command, *arguments[4:]], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    return last


def test_a_meter_whose_processes_are_killed_bills_each_event_once(
    cloud: LocalCloud, api_key: str, billing: Operator, client: Billing, tmp_path: Path
) -> None:
    product = billing.new_product("1")
    customers = [billing.new_customer() for _ in range(CUSTOMERS)]
    spool = tmp_path / "spool"
    arguments = [cloud.billing_url, api_key, str(spool), product, *customers]

    came = 0
    for more in KILLED_AFTER:
        came = record_until_killed(arguments, max(0, came - AGAIN), more)
    with Meter(cloud.billing_url, api_key, spool=spool) as meter:
        for number in range(came - AGAIN, EVENTS):
            customer = customers[number % CUSTOMERS]
            meter.record(customer, product, units(number), id=f"event-{number}")
        meter.flush(seconds=600)
        counts = meter.stats().counts

    # Who was killed had sent something, and left something.
    assert EVENTS - came + AGAIN <= counts.accepted < EVENTS
    assert counts.duplicate >= AGAIN
    assert counts.conflict == counts.rejected == 0
    assert not spool.with_name("spool.rejects.ndjson").exists()
    billing.run_billing()
    check_totals(client, customers)
    check_proofs(cloud, api_key, customers)


def check_totals(client: Billing, customers: list[str]) -> None:
    """Compare what was billed with what was recorded."""
    expected: Counter[str] = Counter()
    for number in range(EVENTS):
        expected[customers[number % CUSTOMERS]] += units(number)
    for customer in customers:
        balance = client.get_balance(customer, limit=1)
        assert (balance["balanceCents"], balance["pendingCents"]) == (-expected[customer], 0)


def check_proofs(cloud: LocalCloud, api_key: str, customers: list[str]) -> None:
    """Prove the ledgers by the command, as their owners would."""
    runner = CliRunner(env={"BILLING_URL": cloud.billing_url, "BILLING_API_KEY": api_key})
    for customer in customers:
        proven = runner.invoke(app, ["ledger", "verify", customer, "--json"])
        assert proven.exit_code == Exit.DONE, proven.output
        assert json.loads(proven.stdout)["entries"] > 0
