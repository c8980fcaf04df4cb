"""On a phone and a tablet nobody looks for the button that mends what a row tells."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.console import Api, Console

PHONE = {"width": 360, "height": 740}
BILLION_CENTS = 1_000_000_000_00


@pytest.fixture
def phone(new_console: Callable[..., Console]) -> Console:
    """Return a console as narrow as a phone."""
    return new_console(viewport=PHONE)


@pytest.fixture
def customer_id(api: Api) -> str:
    """Make a customer of every kind of money, much of it, who owes what is retried for long."""
    customer_id = api.customer(retrySchedule=[6000])
    credit = {"customerId": customer_id, "amountCents": BILLION_CENTS}
    api.post("/billing/credit", credit, **{"Idempotency-Key": "billion"})
    api.post("/billing", {"userId": customer_id, "amountCents": 100, "description": "Seat"})
    owed = {"userId": customer_id, "amountCents": 2 * BILLION_CENTS, "description": "Factory"}
    api.post("/billing", owed)
    return customer_id


def is_in_sight(element: Locator) -> bool:
    """Tell whether all of it stands between the left and the right of the screen."""
    box = element.bounding_box()
    width: int = element.page.evaluate("innerWidth")
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", [360, 800], ids=["phone", "tablet"])
def test_what_can_be_done_about_a_record_is_in_sight(
    new_console: Callable[..., Console], customer_id: str, width: int
) -> None:
    console = new_console(viewport={**PHONE, "width": width})
    console.open(f"customers/{customer_id}/records")
    rows = console.page.get_by_role("table").get_by_role("row")
    owed, paid = rows.filter(has_text="Factory"), rows.filter(has_text="Seat")
    expect(owed).to_contain_text("retrying")

    for button in ("Charge now", "Void"):
        assert is_in_sight(owed.get_by_role("button", name=button))
    assert is_in_sight(paid.get_by_role("button", name="Refund"))


@pytest.mark.parametrize("tab", ["money", "records", "statement"])
def test_every_cell_is_in_sight_under_its_name(phone: Console, customer_id: str, tab: str) -> None:
    phone.open(f"customers/{customer_id}/{tab}")
    rows = phone.page.get_by_role("table").get_by_role("row")
    expect(
        rows.filter(has_text="1,000,000,000.00").or_(rows.filter(has_text="Seat"))
    ).not_to_have_count(0)

    cells = rows.get_by_role("cell").filter(has_text=".00").all()
    assert cells
    for cell in cells:
        assert is_in_sight(cell)
        name = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
        assert "Amount" in name or "Balance" in name


def test_an_amount_is_never_broken_in_two(phone: Console, customer_id: str) -> None:
    phone.open(f"customers/{customer_id}")
    for tile, figure in (("Balance", "999,999,999.00"), ("Available", "-1,000,000,001.00")):
        expect(phone.tile(tile)).to_have_text(figure)
        lines = phone.tile(tile).locator(".money").evaluate("each => each.getClientRects().length")
        assert lines == 1
        assert is_in_sight(phone.tile(tile).locator(".money"))
