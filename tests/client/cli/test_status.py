"""`billing status` shows what ran and what waits, and ends as what somebody has to see to."""

import boto3
import pytest

from billing.domain.api_keys import Scope
from billing.services.close_days import keep_imbalance
from tests.client.cli.conftest import Run
from tests.client.conftest import Product
from tests.support.lambdas import ENVIRONMENT
from usage_billing import Billing
from usage_billing.cli.exits import Exit
from usage_billing.cli.status import ago


def test_what_ran_and_what_waits_is_shown(run: Run) -> None:
    assert run("jobs", "run", "retries").code == Exit.DONE

    shown = run("status")

    assert shown.code == Exit.DONE
    for words in ("version", "customers suspended", "log-files", "run-billing", " s ago"):
        assert words in shown.data
    assert "verify" in shown.words


def test_it_is_one_document_for_programs(run: Run, billing: Billing) -> None:
    shown = run("status", "--json")

    assert (shown.code, shown.words) == (Exit.DONE, "")
    assert shown.one.keys() == billing.get_system_status().keys()


def test_dead_letters_are_told_by_the_exit_code(run: Run) -> None:
    client = boto3.client("sqs", region_name="eu-central-1")
    name = ENVIRONMENT["CLOSING_DEAD_LETTER_QUEUE_URL"].rpartition("/")[2]
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="a customer")

    ended = run("status"), run("status", "--json")
    client.purge_queue(QueueUrl=url)

    assert {each.code for each in ended} == {Exit.WRONG}
    assert run("status").code == Exit.DONE


def test_imbalances_are_told_by_the_exit_code(run: Run, product: Product, billing: Billing) -> None:
    billing.create_customer(id="forged")
    books = product.books
    books.credit(500, customer_id="forged")
    keep_imbalance("forged", "entry 1 is missing", stores=books.stores, clock=books.clock)

    shown = run("status")

    assert shown.code == Exit.WRONG
    assert "entry 1 is missing" in shown.data
    assert run("jobs", "run", "closing").code == Exit.DONE
    assert run("status").code == Exit.DONE


def test_a_key_that_may_not_read_is_told_so(
    run: Run, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_API_KEY", product.key_with(Scope.USAGE_WRITE))

    assert run("status").code == Exit.KEY


AGES = {
    "ahead-of-us": (-3, "0 s ago"),
    "below-two-minutes": (119, "119 s ago"),
    "two-minutes": (120, "2 min ago"),
    "below-two-hours": (7199, "119 min ago"),
    "two-hours": (7200, "2 h ago"),
    "below-two-days": (172_799, "47 h ago"),
    "two-days": (172_800, "2 days ago"),
}


@pytest.mark.parametrize(("seconds", "told"), AGES.values(), ids=AGES)
def test_the_time_since_is_told_in_the_largest_unit_of_which_there_are_two(
    seconds: float, told: str
) -> None:
    assert ago(seconds) == told
