"""The two functions that the workflow calls: what they answer, and what they refuse to take."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from billing.domain.customers import Mode, Status
from billing.domain.errors import InvalidInputError, RecordNotFoundError, UnavailableError
from billing.domain.records import BillingRecord, RecordStatus
from billing.edge.aws.dunning_workflow import execution_name
from tests.support.cloud import Cloud, moto_cloud
from tests.support.faults import FAILED, THROTTLED, TIMED_OUT, Fault, Faults, always
from tests.support.lambdas import ENVIRONMENT, Context

TASKS = ("attempt_charge", "give_up_dunning")

# Nothing is tried again, so that a test of faults need not wait for the deadline.
IN_A_HURRY = Context(remaining_milliseconds=100)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """Give a cloud with the prepaid customer globex, who has no money, at the time of its books."""
    with moto_cloud() as cloud:
        for name in TASKS:
            module = vars(cloud.functions[name])
            module["CONTAINER"] = replace(module["CONTAINER"], clock=cloud.books.clock)
        cloud.books.customer("globex", mode=Mode.PREPAID)
        yield cloud


@pytest.fixture
def record(cloud: Cloud) -> BillingRecord:
    """Give a record of 40 cents that leads a dunning."""
    record = cloud.books.charge(40, customer_id="globex")
    assert record.status is RecordStatus.RETRYING
    return record


def task(record: BillingRecord, attempt: int) -> dict[str, Any]:
    """Write what the workflow hands over."""
    return {
        "customerId": record.id.customer_id,
        "recordId": str(record.id),
        "attempt": attempt,
    }


def started(cloud: Cloud) -> list[str]:
    """Name the executions that were started, newest first."""
    assert cloud.books.tables.accounts == ENVIRONMENT["ACCOUNTS_TABLE"]
    client = boto3.client("stepfunctions", region_name="eu-central-1")
    arn = ENVIRONMENT["DUNNING_STATE_MACHINE_ARN"]
    return [each["name"] for each in client.list_executions(stateMachineArn=arn)["executions"]]


def numbers(cloud: Cloud, record: BillingRecord) -> list[int | None]:
    """Number the attempts of a record."""
    return [attempt.number for attempt in cloud.books.record_now(record).attempts]


def test_without_money_the_next_attempt_is_named_with_its_wait(
    cloud: Cloud, record: BillingRecord
) -> None:
    answer = cloud.invoke("attempt_charge", task(record, 1))

    assert answer == {**task(record, 2), "outcome": "retry", "waitSeconds": 2}
    assert numbers(cloud, record) == [0, 1]


def test_a_repetition_gets_the_first_answer_and_is_no_attempt(
    cloud: Cloud, record: BillingRecord
) -> None:
    first = cloud.invoke("attempt_charge", task(record, 1))

    assert cloud.invoke("attempt_charge", task(record, 1)) == first
    assert numbers(cloud, record) == [0, 1]


def test_with_money_the_record_is_paid(cloud: Cloud, record: BillingRecord) -> None:
    cloud.books.credit(100, customer_id="globex")

    answer = cloud.invoke("attempt_charge", task(record, 1))

    assert answer == {**task(record, 1), "outcome": "paid", "waitSeconds": 0}
    assert cloud.books.balance_cents("globex") == 60


def test_paying_the_leader_begins_the_dunning_of_the_next(
    cloud: Cloud, record: BillingRecord
) -> None:
    cloud.books.clock.advance(1)
    waiting = cloud.books.charge(70, customer_id="globex")
    assert waiting.status is RecordStatus.PENDING
    _post_credit_and_die(cloud, 50)

    assert cloud.invoke("attempt_charge", task(record, 1))["outcome"] == "paid"

    assert cloud.books.record_now(waiting).status is RecordStatus.RETRYING
    assert started(cloud) == [execution_name(waiting.id, 0)]


def _post_credit_and_die(cloud: Cloud, amount_cents: int) -> None:
    """Put money into the wallet without what a credit does next."""
    stores = cloud.books.stores
    wallet = stores.wallets.get("globex")
    assert wallet is not None
    funded = replace(wallet, balance_cents=wallet.balance_cents + amount_cents)
    stores.dynamo.transact([stores.wallets.changing(wallet, funded)])


def test_the_last_attempt_is_followed_by_the_suspension(
    cloud: Cloud, record: BillingRecord
) -> None:
    for attempt in range(1, 5):
        assert cloud.invoke("attempt_charge", task(record, attempt))["outcome"] == "retry"

    exhausted = cloud.invoke("attempt_charge", task(record, 5))
    assert exhausted == {**task(record, 5), "outcome": "exhausted", "waitSeconds": 0}
    assert cloud.books.customer_now("globex").status is Status.ACTIVE

    answer = cloud.invoke("give_up_dunning", task(record, 5))
    assert answer == {**task(record, 5), "outcome": "failed", "waitSeconds": 0}
    assert cloud.books.customer_now("globex").status is Status.SUSPENDED
    assert cloud.books.record_now(record).status is RecordStatus.FAILED
    assert cloud.invoke("give_up_dunning", task(record, 5)) == answer
    assert cloud.invoke("attempt_charge", task(record, 5))["outcome"] == "failed"


@pytest.mark.parametrize("name", TASKS)
def test_a_record_that_is_void_needs_nothing(
    cloud: Cloud, record: BillingRecord, name: str
) -> None:
    stores = cloud.books.stores
    assert stores.records.change(record, record.moved_to(RecordStatus.VOID))

    assert cloud.invoke(name, task(record, 1))["outcome"] == "void"
    assert cloud.books.customer_now("globex").status is Status.ACTIVE


def test_money_that_came_at_the_last_moment_suspends_nobody(
    cloud: Cloud, record: BillingRecord
) -> None:
    cloud.books.credit(40, customer_id="globex")
    cloud.books.dunning.charge_outstanding("globex")

    assert cloud.invoke("give_up_dunning", task(record, 5))["outcome"] == "paid"
    assert cloud.books.customer_now("globex").status is Status.ACTIVE


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_is_not_what_the_workflow_hands_over_is_refused(
    cloud: Cloud, record: BillingRecord, name: str
) -> None:
    for change in (
        {"attempt": "1"},
        {"attempt": True},
        {"attempt": 0},
        {"attempt": 1.0},
        {"recordId": "globex"},
        {"recordId": 7},
        {"recordId": f"globex~manual~{'x' * 2000}"},
        {"customerId": ""},
        {"outcome": "paid"},
    ):
        [field] = change
        with pytest.raises(InvalidInputError, match=field):
            cloud.invoke(name, {**task(record, 1), **change})
    with pytest.raises(InvalidInputError, match="attempt: is required"):
        cloud.invoke(name, {"customerId": "globex", "recordId": str(record.id)})

    assert cloud.books.record_now(record) == record


@pytest.mark.parametrize("name", TASKS)
def test_a_record_that_does_not_exist_is_a_fault(cloud: Cloud, name: str) -> None:
    with pytest.raises(RecordNotFoundError):
        cloud.invoke(name, {"customerId": "globex", "recordId": "globex~0~1", "attempt": 1})


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("fault", [FAILED, THROTTLED, TIMED_OUT], ids=str)
def test_a_fault_of_the_store_is_no_attempt_and_suspends_nobody(
    cloud: Cloud, record: BillingRecord, name: str, fault: Fault
) -> None:
    faults = Faults(vars(cloud.functions[name])["CONTAINER"].dynamo_client)

    with faults.planned(always(fault)), pytest.raises(UnavailableError):
        cloud.invoke(name, task(record, 5), IN_A_HURRY)

    assert faults.calls
    assert cloud.books.record_now(record) == record
    assert cloud.books.customer_now("globex").status is Status.ACTIVE
