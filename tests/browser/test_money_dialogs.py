"""Every dialog that moves money moves it once: pressed twice, by two hands, or with no answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Route, expect

from tests.browser.console import Api, Console

OWED = {"amountCents": 900, "description": "Owed"}


@dataclass(frozen=True)
class Deed:
    """A dialog that moves money: where it is, what it asks and sends, and leaves in the ledger."""

    button: str
    begin: Callable[[Api, str], str]
    sends: str
    leaves: list[int]
    fields: dict[str, str] = field(default_factory=dict)


def customer(_api: Api, customer_id: str) -> str:
    """Begin at a customer who has nothing."""
    return f"customers/{customer_id}"


def funded(api: Api, customer_id: str) -> str:
    """Begin at a customer who has money."""
    fund(api, customer_id, "before")
    return f"customers/{customer_id}"


def paid(api: Api, customer_id: str) -> str:
    """Begin at a record that is paid."""
    fund(api, customer_id, "before")
    record = api.post("/billing", {"userId": customer_id, **OWED})
    return f"records/{record['id']}"


def owed(api: Api, customer_id: str) -> str:
    """Begin at a record that is being retried."""
    record = api.post("/billing", {"userId": customer_id, **OWED})
    return f"records/{record['id']}"


def used(api: Api, customer_id: str) -> str:
    """Begin at an event that was billed and paid."""
    fund(api, customer_id, "before")
    usage = {"customerId": customer_id, "productId": "compute", "units": 20}
    api.post("/billing/usage", {"id": "e1", **usage})
    api.post("/jobs/process-billing")
    return f"events/{customer_id}/e1"


def fund(api: Api, customer_id: str, key: str) -> None:
    """Give a customer ten in major units."""
    credit = {"customerId": customer_id, "amountCents": 1000}
    api.post("/billing/credit", credit, **{"Idempotency-Key": f"{customer_id} {key}"})


DEEDS = {
    "add funds": Deed("Add funds", customer, "billing/credit", [700], {"amount": "7"}),
    "charge": Deed("Charge", funded, "billing", [-700, 1000], {"amount": "7"}),
    "charge now": Deed("Charge now", owed, "/process", []),
    "refund": Deed("Refund", paid, "/refund", [400, -900, 1000], {"amount": "4"}),
    "void": Deed("Void", owed, "/void", []),
    "correct usage": Deed("Correct", used, "/e1", [150, -200, 1000], {"units": "5"}),
    "void usage": Deed("Void", used, "/e1", [200, -200, 1000]),
}


def open_dialog(console: Console, api: Api, deed: Deed) -> str:
    """Come to the dialog and fill it in; return the customer."""
    customer_id = api.customer(retrySchedule=[600])
    console.open(deed.begin(api, customer_id))
    console.button(deed.button).click()
    console.fill(**deed.fields)
    return customer_id


def changes(console: Console, deed: Deed) -> list[str]:
    """Return the keys of the requests that changed something."""
    return [
        each.headers["idempotency-key"]
        for each in console.requests
        if each.method != "GET" and each.url.partition("?")[0].endswith(deed.sends)
    ]


def ledger(api: Api, customer_id: str) -> list[int]:
    """Return what moved, the newest first, when all that is recorded is billed."""
    api.post("/jobs/process-billing")
    return [entry["amountCents"] for entry in api.entries(customer_id)]


# Two submissions and a click before anything can be drawn anew: Enter twice and a click.
PRESS_THRICE = """() => {
  const form = document.querySelector("dialog[open] form");
  form.requestSubmit();
  form.requestSubmit();
  form.querySelector("button[type=submit]").click();
}"""


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS)
def test_money_moves_once_however_often_it_is_pressed_and_though_the_answer_is_lost(
    console: Console, api: Api, deed: Deed
) -> None:
    customer_id = open_dialog(console, api, deed)

    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "GET" or lost:
            route.fallback()
            return
        lost.append(route.request.url)
        route.fetch()
        route.abort()

    console.page.route(f"**/*{deed.sends}*", lose)
    console.page.evaluate(PRESS_THRICE)
    expect(console.dialog().get_by_role("alert")).to_contain_text("No connection")
    assert len(changes(console, deed)) == 1

    console.page.evaluate(PRESS_THRICE)

    told = console.dialog().get_by_text("The money is too little")
    expect(console.page.locator("body:not(:has(dialog[open]))").or_(told)).to_be_visible()
    keys = changes(console, deed)
    assert (len(keys), len(set(keys))) == (2, 1)
    assert ledger(api, customer_id) == deed.leaves
