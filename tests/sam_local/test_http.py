"""The main story by HTTP, every function in a container of its own."""

import re
import subprocess

import httpx
import pytest

from billing.domain.api_keys import Scope
from tests.local_cloud.billing import Billing
from tests.sam_local.deployed import Deployed
from tests.sam_local.invoking import Invoker
from tools.local_cloud.admin_key import create_key
from tools.local_cloud.cloud import LocalCloud
from tools.sam_local.containers import Containers
from tools.sam_local.engine import bridge_address

USAGE = {"customerId": "initech", "productId": "reports", "units": 4}


def test_from_usage_to_proven_money(billing: Billing, invoke: Invoker, deployed: Deployed) -> None:
    user = billing.post("/users", {"id": "initech", "mode": "postpaid"}, expected=201)
    assert (user["id"], user["status"]) == ("initech", "active")
    assert deployed.profile("initech")["mode"] == "postpaid"
    product = {"id": "reports", "name": "Reports", "unitPriceCents": "12.5"}
    assert billing.post("/products", product, expected=201)["unitPriceCents"] == "12.5"
    assert [each["id"] for each in billing.get("/products")["items"]] == ["reports"]

    event = billing.post("/billing/usage", {**USAGE, "id": "first"}, expected=201)
    assert (event["unitPriceCents"], event["billedAt"]) == ("12.5", None)
    [recorded] = deployed.events("initech")
    assert (recorded["units"], str(recorded["unitPriceCents"])) == (4, "12.5")
    waiting = billing.balance("initech")
    assert (waiting["balanceCents"], waiting["pendingCents"]) == (0, 50)
    assert deployed.entries("initech") == []

    assert invoke("run_billing") is None
    billed = billing.balance("initech")
    assert (billed["balanceCents"], billed["pendingCents"]) == (-50, 0)
    assert [entry["amountCents"] for entry in deployed.entries("initech")] == [-50]
    assert deployed.wallet("initech")["balanceCents"] == -50
    assert [record["status"] for record in deployed.records("initech")] == ["paid"]
    invoke("run_billing")
    assert len(deployed.entries("initech")) == 1

    credit = billing.credit("initech", 1_000, "invoice-1")
    assert (credit.status_code, credit.json()["balanceCents"]) == (201, 950)
    assert billing.credit("initech", 1_000, "invoice-1").json() == credit.json()
    assert billing.credit("initech", 999, "invoice-1").status_code == 409
    assert [entry["amountCents"] for entry in deployed.entries("initech")] == [-50, 1_000]
    assert deployed.wallet("initech")["balanceCents"] == 950
    billing.check_books("initech")


def test_whoever_has_no_key_that_is_good_for_it_is_refused(
    anyone: httpx.Client, cloud: LocalCloud, deployed: Deployed
) -> None:
    assert anyone.get("/billing/balance/refused").status_code == 401
    unknown = {"Authorization": "Bearer ub_" + "A" * 43}
    assert anyone.get("/billing/balance/refused", headers=unknown).status_code == 403
    meter = create_key(cloud.endpoint_url, cloud.stack.settings, "meter", [Scope.USAGE_WRITE])
    for_usage = {"Authorization": f"Bearer {meter}"}
    body = {"id": "refused", "mode": "postpaid"}
    answer = anyone.post("/users", json=body, headers=for_usage)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert anyone.post("/users", json=body).status_code == 401
    assert anyone.post("/users", json=body, headers=unknown).status_code == 403
    assert deployed.of_customer("refused") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"customerId": "initech", ', "malformed_body"),
        (b'{"customerId": "initech", "productId": "reports", "units": -1}', "invalid_request"),
    ],
)
def test_a_body_that_makes_no_sense_is_told_what_is_wrong_and_leaves_nothing(
    billing: Billing, deployed: Deployed, body: bytes, code: str
) -> None:
    before = deployed.events("initech")
    answer = billing.client.post(
        "/billing/usage", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert deployed.events("initech") == before


def test_the_api_describes_itself_and_knows_what_it_does_not_have(
    anyone: httpx.Client,
) -> None:
    described = anyone.get("/openapi.json")
    assert described.status_code == 200
    assert "/billing/usage" in described.json()["paths"]
    assert anyone.get("/docs").headers["Content-Type"].startswith("text/html")
    nowhere = anyone.get("/nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "route_not_found")


def test_the_console_is_there_with_every_file_that_it_names(anyone: httpx.Client) -> None:
    page = anyone.get("/console")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    named = re.findall(r'"(console/[^"]+)"', page.text)
    kinds = {name: anyone.get(f"/{name}").headers["Content-Type"] for name in named}
    suffixes = sorted(name.rpartition(".")[2] for name in kinds)
    assert suffixes == ["css", *["js"] * 4, "svg"]
    assert not [kind for kind in kinds.values() if "problem" in kind]


def test_containers_are_reached_from_this_machine_alone_and_speak_to_the_local_cloud_alone(
    cloud: LocalCloud, functions: Containers, anyone: httpx.Client
) -> None:
    assert anyone.get("/health").status_code == 200
    ports = _docker("ps", "--filter", f"ancestor={functions.image}", "--format", "{{.Ports}}")
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    environment = _docker(
        "image", "inspect", functions.image, "--format", '{{join .Config.Env "\\n"}}'
    )
    assert f"AWS_ENDPOINT_URL=http://{bridge_address()}:{cloud.port}" in environment


def _docker(*arguments: str) -> list[str]:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
