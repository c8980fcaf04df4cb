"""Every page at every size, light and dark: nothing is cut off, and nothing keeps anybody out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.console import Api, Console, Drop
from tools.vendor import for_tests

SHOTS = Path(__file__).resolve().parents[2] / ".local" / "screenshots"
SIZES = {"phone": 360, "tablet": 800, "desk": 1600}
HEIGHT = 900
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def town(api: Api, drop: Drop) -> dict[str, str]:
    """Make a customer about whom every page has something to show, and name the places."""
    drop({"userId": "globex", "service": "compute", "quantity": 1}, {"userId": "nobody"})
    customer_id = api.customer(name="Initech", email="billing@initech.example", retrySchedule=[900])
    credit = {"customerId": customer_id, "amountCents": 25_000}
    api.post("/billing/credit", credit, **{"Idempotency-Key": "looks"})
    for number, product in enumerate(("tokens", "compute", "emails")):
        usage = {"customerId": customer_id, "productId": product, "units": 700 * (number + 1)}
        api.post("/billing/usage", {"id": f"e{number}", **usage})
    api.post("/jobs/process-billing")
    paid = api.post("/billing", {"userId": customer_id, "amountCents": 100, "description": "Seat"})
    api.post(f"/billing/{paid['id']}/refund", {"amountCents": 40}, **{"Idempotency-Key": "looks"})
    owed = {"userId": customer_id, "amountCents": 9_000_000, "description": "Yearly support"}
    api.post("/billing", owed)
    return {
        "overview": "",
        "customers": "customers",
        "money": f"customers/{customer_id}",
        "usage": f"customers/{customer_id}/usage",
        "records": f"customers/{customer_id}/records",
        "statement": f"customers/{customer_id}/statement",
        "event": f"events/{customer_id}/e1",
        "record": f"records/{customer_id}~0~1",
        "retries": "retries",
        "logs": "logs",
        "log": f"logs/{api.get('/logs/files')['items'][0]['id']}",
        "products": "products",
        "product": "products/tokens",
        "system": "system",
        "retry": f"records/{api.get('/executions')['items'][0]['recordId']}",
    }


def grave_findings(console: Console) -> list[str]:
    """Ask axe what keeps people out of the page, and return what is serious."""
    console.page.evaluate(for_tests("axe-core").read_text(encoding="utf-8"))
    findings: Any = console.page.evaluate("axe.run()")
    return [
        f"{each['id']}: {node['html']}"
        for each in findings["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_and_keeps_nobody_out(
    new_console: Callable[..., Console], town: dict[str, str], scheme: str, size: str
) -> None:
    viewport = {"width": SIZES[size], "height": HEIGHT}
    console = new_console(color_scheme=scheme, viewport=viewport)
    console.open()
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name, place in town.items():
        console.go(place)
        console.settle()
        console.page.screenshot(path=SHOTS / f"{name}-{size}-{scheme}.png")

        wide = console.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide"
        assert grave_findings(console) == [], name


def test_a_dialog_keeps_nobody_out(new_console: Callable[..., Console]) -> None:
    for scheme in ("light", "dark"):
        console = new_console(color_scheme=scheme, viewport={"width": 360, "height": HEIGHT})
        console.open("customers")
        console.button("New customer").click()
        assert grave_findings(console) == []
