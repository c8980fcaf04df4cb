"""A caller of the deployed API, in the words of the tests."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.support.polling import eventually

# The emulator starts a process for each call at a time, which takes it two seconds of a core. Wider
# races are run on the services, in threads.
CLIENTS = 8
# A schedule of one minute, which the emulator looks at every ten seconds, and cold starts; as often
# again as a busy machine may need.
SCHEDULE_SECONDS = 300.0


@dataclass(frozen=True)
class Billing:
    """The deployed API, called with an admin key."""

    client: httpx.Client

    def new_customer(self, mode: str = "postpaid") -> str:
        """Make a customer of an id that no other test has, and return the id."""
        customer_id = f"{mode}-{uuid4()}"
        self.post("/users", {"id": customer_id, "mode": mode}, expected=201)
        return customer_id

    def new_product(self, unit_price_cents: int | str) -> str:
        """Make a product of an id that no other test has, and return the id."""
        body = {"id": f"product-{uuid4()}", "name": "Metered", "unitPriceCents": unit_price_cents}
        product_id: str = self.post("/products", body, expected=201)["id"]
        return product_id

    def post(
        self,
        path: str,
        body: object,
        *,
        expected: int,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401
        """Post JSON, check the status, and return the JSON that came back."""
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == expected, answer.text
        return answer.json()

    def get(self, path: str) -> Any:  # noqa: ANN401
        """Get JSON and check that it is a 200."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def credit(self, customer_id: str, amount_cents: int, key: str) -> httpx.Response:
        """Credit a wallet under an idempotency key."""
        return self.client.post(
            "/billing/credit",
            json={"customerId": customer_id, "amountCents": amount_cents},
            headers={"Idempotency-Key": key},
        )

    def balance(self, customer_id: str) -> Any:  # noqa: ANN401
        """Return the answer about a balance."""
        return self.get(f"/billing/balance/{customer_id}")

    def entries(self, customer_id: str) -> Any:  # noqa: ANN401
        """Return the newest hundred ledger entries."""
        return self.get(f"/billing/ledger/{customer_id}?limit=100")["items"]

    def check_books(self, customer_id: str) -> None:
        """Check the proof of a ledger, and that balance, wallet and entries say the same."""
        proof = self.get(f"/billing/ledger/{customer_id}/verify")
        entries = self.entries(customer_id)
        assert proof["ok"] is True
        assert proof["complete"] is True
        assert proof["entries"] == len(entries)
        assert proof["sumCents"] == sum(entry["amountCents"] for entry in entries)
        assert proof["sumCents"] == self.balance(customer_id)["balanceCents"]

    def run_billing(self) -> None:
        """Bill everything now, as an operator would; waits for a run that is under way."""
        eventually(
            lambda: self.client.post("/jobs/process-billing"),
            lambda answer: answer.status_code == 200 and answer.json()["remaining"] == 0,
            seconds=SCHEDULE_SECONDS,
        )


def at_once[Answer](calls: Sequence[Any], clients: int = CLIENTS) -> list[Answer]:
    """Make the calls side by side and return their answers in order."""
    with ThreadPoolExecutor(max_workers=clients) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]
