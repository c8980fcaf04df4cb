"""The calls that the stories of prepaid customers make."""

from typing import Any

from billing.domain.records import RecordId
from tests.support.cloud import Cloud
from tests.support.lambdas import HttpAnswer, http_event

ADD_FUNDS = "/wallets/{userId}/add-funds"


PROCESS = "/billing/{recordId}/process"


def make(cloud: Cloud, customer_id: str, **terms: object) -> Any:  # noqa: ANN401  JSON has no narrower type.
    """Make a customer, prepaid unless the terms say otherwise."""
    made = cloud.post("/users", {"id": customer_id, **terms})
    assert made.status == 201, made.text
    return made.json


def user(cloud: Cloud, customer_id: str) -> Any:  # noqa: ANN401
    """Read a customer."""
    return cloud.get("/users/{userId}", userId=customer_id).json


def charge(cloud: Cloud, customer_id: str, amount_cents: int, key: str | None = None) -> HttpAnswer:
    """Raise a charge by hand."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return cloud.post("/billing", {"userId": customer_id, "amountCents": amount_cents}, headers)


def add_funds(cloud: Cloud, customer_id: str, amount: float, key: str = "payment-1") -> HttpAnswer:
    """Add money, in major units."""
    return cloud.post(ADD_FUNDS, {"amount": amount}, {"Idempotency-Key": key}, userId=customer_id)


def record(cloud: Cloud, record_id: str) -> Any:  # noqa: ANN401
    """Read a billing record."""
    return cloud.get("/billing/{recordId}", recordId=record_id).json


def balance_cents(cloud: Cloud, customer_id: str) -> int:
    """Read what a wallet holds."""
    answer = cloud.get("/wallets/{userId}/balance", userId=customer_id)
    cents: int = answer.json["balanceCents"]
    return cents


def process(cloud: Cloud, record_id: str) -> Any:  # noqa: ANN401
    """Charge a record now."""
    answer = cloud.send(http_event(f"POST {PROCESS}", path_parameters={"recordId": record_id}))
    assert answer.status == 200, answer.text
    return answer.json


def act(cloud: Cloud, customer_id: str, action: str) -> HttpAnswer:
    """Suspend or activate a customer; the body is left out."""
    return cloud.send(
        http_event(f"POST /users/{{userId}}/{action}", path_parameters={"userId": customer_id})
    )


def let_dunning_end(cloud: Cloud, record_id: str) -> list[str]:
    """Do what the workflow does, without its waits; gives the outcome of each step."""
    customer_id = RecordId.parse(record_id).customer_id
    task = {"customerId": customer_id, "recordId": record_id, "attempt": 1}
    outcomes: list[str] = []
    while True:
        answer = cloud.invoke("attempt_charge", task)
        outcomes.append(answer["outcome"])
        if answer["outcome"] == "exhausted":
            outcomes.append(cloud.invoke("give_up_dunning", task)["outcome"])
        if answer["outcome"] != "retry":
            return outcomes
        task["attempt"] = answer["attempt"]
