"""Whatever is sent twice, or by many at once, counts once."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.local_cloud.billing import CLIENTS, Billing, at_once

if TYPE_CHECKING:
    import httpx

BATCH_EVENTS = 25
CREDITS = 64


def test_the_same_event_again_is_a_duplicate_and_another_content_a_conflict(
    billing: Billing,
) -> None:
    usage = {"id": "e1", "customerId": billing.new_customer(), "productId": "storage", "units": 2}
    first = billing.post("/billing/usage", usage, expected=201)
    assert billing.post("/billing/usage", usage, expected=200) == first
    billing.post("/billing/usage", usage | {"units": 3}, expected=409)
    billing.run_billing()
    assert billing.balance(str(usage["customerId"]))["balanceCents"] == -10
    # Also when it was billed long ago.
    again = billing.post("/billing/usage", usage, expected=200)
    assert again["recordId"] == first["recordId"]
    billing.run_billing()
    assert billing.balance(str(usage["customerId"]))["balanceCents"] == -10
    billing.check_books(str(usage["customerId"]))


def test_a_credit_again_gives_the_first_answer(billing: Billing) -> None:
    customer = billing.new_customer("prepaid")
    first = billing.credit(customer, 500, "k")
    assert first.status_code == 201
    assert billing.credit(customer, 50, "other").json()["balanceCents"] == 550
    replay = billing.credit(customer, 500, "k")
    assert (replay.status_code, replay.json()) == (201, first.json())
    assert billing.credit(customer, 501, "k").status_code == 409
    assert billing.balance(customer)["balanceCents"] == 550
    billing.check_books(customer)


@pytest.mark.parametrize("times", [2, CLIENTS])
def test_the_same_batch_is_billed_once(billing: Billing, times: int) -> None:
    customer = billing.new_customer()
    events = [
        {"id": f"e{number}", "customerId": customer, "productId": "compute", "units": 1}
        for number in range(BATCH_EVENTS)
    ]
    send = partial(billing.post, "/billing/usage/batch", {"events": events}, expected=200)
    answers = [send(), send()] if times == 2 else at_once([send] * times)
    outcomes = Counter(result["status"] for answer in answers for result in answer["results"])
    assert outcomes == {"accepted": BATCH_EVENTS, "duplicate": BATCH_EVENTS * (times - 1)}
    billing.run_billing()
    assert billing.balance(customer)["balanceCents"] == -10 * BATCH_EVENTS
    assert sum(entry["amountCents"] for entry in billing.entries(customer)) == -10 * BATCH_EVENTS
    billing.check_books(customer)


def test_credits_by_many_at_once_all_count(billing: Billing) -> None:
    customer = billing.new_customer("prepaid")
    calls = [partial(billing.credit, customer, 7, f"k{number}") for number in range(CREDITS)]
    answers: list[httpx.Response] = at_once(calls)
    assert {answer.status_code for answer in answers} == {201}
    balances = sorted(answer.json()["balanceCents"] for answer in answers)
    assert balances == [7 * number for number in range(1, CREDITS + 1)]
    assert billing.balance(customer)["balanceCents"] == 7 * CREDITS
    billing.check_books(customer)


def test_one_credit_by_many_at_once_counts_once(billing: Billing) -> None:
    customer = billing.new_customer("prepaid")
    answers: list[httpx.Response] = at_once([partial(billing.credit, customer, 7, "k")] * CREDITS)
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert billing.balance(customer)["balanceCents"] == 7
    assert len(billing.entries(customer)) == 1
    billing.check_books(customer)
