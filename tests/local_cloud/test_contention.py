"""Two hundred callers at once on one wallet: services in threads, on a DynamoDB endpoint."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from billing.domain.customers import Mode, Status
from billing.domain.deadline import Deadline
from billing.domain.records import RecordStatus
from billing.services.manage_customers import suspend_customer
from billing.services.manage_records import ProcessOutcome, process_record
from billing.services.record_usage import Outcome
from billing.storage.dynamo import Backoff, Dynamo
from billing.storage.stores import Stores, open_stores
from tests.local_cloud.emulators import emulator
from tests.support.books import Books
from tests.support.tables import create_tables
from tools.local_cloud.aws_environment import aws_variables

CALLERS = 200
# Everybody wants the same item: the last of two hundred waits for all the others.
PATIENCE_SECONDS = 300.0


@dataclass
class RacingBooks(Books):
    """Books whose invocations wait on the real clock, as those in Lambda do."""

    @property
    def stores(self) -> Stores:
        """The stores of a new invocation."""
        deadline = Deadline.after(PATIENCE_SECONDS, time.monotonic)
        return open_stores(Dynamo(self.client, deadline, Backoff()), self.tables)


@pytest.fixture(scope="module")
def racing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RacingBooks]:
    """Give books on an emulator of their own: nothing bills them, and nobody else has to wait."""
    with emulator(tmp_path_factory.mktemp("contention"), {}) as endpoint_url:
        variables = aws_variables(endpoint_url)
        client = boto3.client(
            "dynamodb",
            endpoint_url=endpoint_url,
            region_name=variables["AWS_REGION"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(max_pool_connections=CALLERS, read_timeout=PATIENCE_SECONDS),
        )
        books = RacingBooks(client, create_tables(client))
        books.product("compute")
        yield books


def all_at_once[Answer](calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Make every call in a thread of its own."""
    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def new_customer(racing: RacingBooks, mode: Mode) -> str:
    """Make a customer of an id that no other test has."""
    return racing.customer(f"race-{uuid4()}", mode=mode).id


def process(racing: RacingBooks, record_id: str) -> ProcessOutcome:
    """Charge a record by hand."""
    return process_record(record_id, dunning=racing.dunning).outcome


def test_one_key_is_one_entry(racing: RacingBooks) -> None:
    name = new_customer(racing, Mode.POSTPAID)

    receipts = all_at_once([partial(racing.credit, 7, key="k", customer_id=name)] * CALLERS)

    assert {(receipt.entry_id, receipt.balance_cents) for receipt in receipts} == {(f"{name}~1", 7)}
    assert Counter(receipt.replayed for receipt in receipts) == {False: 1, True: CALLERS - 1}
    assert racing.balance_cents(name) == 7
    racing.assert_sound(name)


def test_two_hundred_keys_are_two_hundred_entries(racing: RacingBooks) -> None:
    name = new_customer(racing, Mode.PREPAID)
    calls = [
        partial(racing.credit, 7, key=f"k{number}", customer_id=name) for number in range(CALLERS)
    ]

    receipts = all_at_once(calls)

    balances = sorted(receipt.balance_cents for receipt in receipts)
    assert balances == [7 * number for number in range(1, CALLERS + 1)]
    assert racing.balance_cents(name) == 7 * CALLERS
    racing.assert_sound(name)


def test_the_same_batch_by_everybody_counts_once(racing: RacingBooks) -> None:
    name = new_customer(racing, Mode.POSTPAID)
    claims = [
        racing.claim(1, customer_id=name, product_id="compute", event_id=f"e{number}")
        for number in range(20)
    ]

    answers = all_at_once([partial(racing.record, claims)] * 16)

    outcomes = Counter(result.outcome for answer in answers for result in answer)
    assert outcomes == {Outcome.ACCEPTED: 20, Outcome.DUPLICATE: 20 * 15}
    racing.assert_sound(name)


def test_one_record_charged_by_everybody_is_paid_once(racing: RacingBooks) -> None:
    name = new_customer(racing, Mode.PREPAID)
    record = racing.charge(500, customer_id=name)
    assert record.status is RecordStatus.RETRYING
    racing.credit(499, key="nearly", customer_id=name)

    calls: list[Callable[[], object]] = [
        partial(racing.credit, 7, key=f"k{number}", customer_id=name)
        for number in range(CALLERS // 2)
    ]
    calls += [partial(process, racing, str(record.id))] * (CALLERS // 2)
    all_at_once(calls)

    assert racing.record_now(record).status is RecordStatus.PAID
    assert racing.balance_cents(name) == 499 + 7 * (CALLERS // 2) - 500
    assert racing.customer_now(name).status is Status.ACTIVE
    assert process(racing, str(record.id)) is ProcessOutcome.ALREADY_PAID
    racing.assert_sound(name)


def test_two_hundred_charges_of_one_record_are_one_debit(racing: RacingBooks) -> None:
    name = new_customer(racing, Mode.PREPAID)
    racing.credit(800, key="funds", customer_id=name)
    # Nobody charges the records of a suspended customer by himself: the money is there, and waits.
    suspend_customer(name, stores=racing.stores, clock=racing.clock)
    record = racing.charge(500, customer_id=name)
    assert record.status is RecordStatus.PENDING

    outcomes = all_at_once([partial(process, racing, str(record.id))] * CALLERS)

    assert Counter(outcomes) == {
        ProcessOutcome.PAID: 1,
        ProcessOutcome.ALREADY_PAID: CALLERS - 1,
    }
    assert racing.balance_cents(name) == 300
    racing.assert_sound(name)
