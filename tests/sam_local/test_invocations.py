"""What schedules, the queue, the workflow and the gateway invoke, each with its own payload."""

import json

import pytest

from tests.local_cloud.billing import Billing
from tests.sam_local.deployed import Deployed
from tests.sam_local.invoking import Invoker, with_secret
from tests.support.lambdas import sample_event
from tests.support.polling import eventually

# Long enough for nobody but the test to make an attempt.
RETRY_SCHEDULE_SECONDS = [86_400] * 5
# The reader of log files is a process that has to start.
READ_SECONDS = 120.0


@pytest.fixture(scope="module")
def acme(billing: Billing) -> str:
    """Make the prepaid customer and the product that the payloads speak of, and a first event."""
    billing.post("/products", {"id": "api-calls", "name": "API", "unitPriceCents": 1}, expected=201)
    terms = {"id": "acme", "mode": "prepaid", "retrySchedule": RETRY_SCHEDULE_SECONDS}
    billing.post("/users", terms, expected=201)
    return "acme"


def use(billing: Billing, customer_id: str, units: int) -> None:
    """Record usage of the product."""
    body = {"customerId": customer_id, "productId": "api-calls", "units": units}
    billing.post("/billing/usage", body, expected=201)


def test_who_cannot_pay_is_retried_then_suspended_and_pays_when_money_comes(
    acme: str, billing: Billing, invoke: Invoker, deployed: Deployed
) -> None:
    use(billing, acme, 250)
    assert invoke("run_billing") is None
    [record] = deployed.records(acme)
    assert (record["recordId"], record["status"]) == ("acme~0~1", "retrying")
    assert deployed.entries(acme) == []

    attempted = invoke("attempt_charge")
    assert attempted == {
        "customerId": acme,
        "recordId": "acme~0~1",
        "outcome": "retry",
        "attempt": 2,
        "waitSeconds": 86_400,
    }
    [record] = deployed.records(acme)
    assert [each["outcome"] for each in record["attempts"]] == ["insufficient_funds"] * 2

    given_up = invoke("give_up_dunning")
    assert given_up["outcome"] == "failed"
    assert [each["status"] for each in deployed.records(acme)] == ["failed"]
    assert deployed.profile(acme)["status"] == "suspended"
    assert deployed.entries(acme) == []

    answer = invoke("credit")
    assert answer["statusCode"] == 201
    assert json.loads(answer["body"]) == {"entryId": "acme~1", "balanceCents": 5_000}
    assert [entry["amountCents"] for entry in deployed.entries(acme)] == [5_000, -250]
    assert deployed.wallet(acme)["balanceCents"] == 4_750
    assert [each["status"] for each in deployed.records(acme)] == ["paid"]
    assert deployed.profile(acme)["status"] == "active"
    assert invoke("attempt_charge")["outcome"] == "paid"
    assert deployed.wallet(acme)["balanceCents"] == 4_750
    billing.check_books(acme)


def test_a_message_settles_the_tab_that_it_names(
    acme: str, billing: Billing, invoke: Invoker, deployed: Deployed
) -> None:
    billing.credit(acme, 1_000, "before-the-message").raise_for_status()
    before = deployed.wallet(acme)["balanceCents"]
    use(billing, acme, 40)
    assert invoke("settle_tab") == {"batchItemFailures": []}
    assert deployed.wallet(acme)["balanceCents"] == before - 40
    assert deployed.entries(acme)[-1]["amountCents"] == -40
    assert invoke("settle_tab") == {"batchItemFailures": []}
    assert deployed.wallet(acme)["balanceCents"] == before - 40


def test_a_message_that_makes_no_sense_goes_back_to_the_queue_alone(
    acme: str, billing: Billing, invoke: Invoker, deployed: Deployed
) -> None:
    event = sample_event("settle_tab")
    event["Records"].append({**event["Records"][0], "messageId": "nonsense", "body": "{"})
    billing.credit(acme, 1_000, "before-the-batch").raise_for_status()
    before = deployed.wallet(acme)["balanceCents"]
    use(billing, acme, 5)
    assert invoke("settle_tab", event) == {"batchItemFailures": [{"itemIdentifier": "nonsense"}]}
    assert deployed.wallet(acme)["balanceCents"] == before - 5


def test_new_log_files_are_read_once(
    acme: str, billing: Billing, invoke: Invoker, deployed: Deployed
) -> None:
    line = {
        "userId": acme,
        "service": "api-calls",
        "quantity": 7,
        "timestamp": "2026-01-15T10:00:00Z",
    }
    events_before = len(deployed.events(acme))
    key = deployed.put_log_file("usage.ndjson", f"{json.dumps(line)}\nnonsense\n".encode())
    # What is handed out goes through the queue of the local cloud to its own reader.
    for _ in range(2):
        assert invoke("ingest_logs") is None
        eventually(
            lambda: len(deployed.events(acme)),
            lambda events: events == events_before + 1,
            seconds=READ_SECONDS,
        )
    [file] = billing.get("/logs/files")["items"]
    assert (file["key"], file["state"], file["accepted"]) == (key, "done", 1)
    [event] = [each for each in deployed.events(acme) if "logLine" in each]
    assert (event["units"], event["productId"]) == (7, "api-calls")


def test_the_authorizer_knows_a_key_that_is_good(invoke: Invoker, admin_secret: str) -> None:
    assert invoke("authorizer")["isAuthorized"] is False
    good = invoke("authorizer", with_secret(sample_event("authorizer"), admin_secret))
    assert good["isAuthorized"] is True
    assert good["context"]["scopes"] == "admin"
