"""The retries: which of them, how far each is, and what is done about it from its row."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.console import Api, Console


@pytest.fixture
def customer_id(api: Api) -> str:
    """Make a customer who owes what is retried in ten minutes, and a minute after that."""
    customer_id = api.customer(retrySchedule=[600, 60])
    api.post("/billing", {"userId": customer_id, "amountCents": 4000, "description": "Seat"})
    return customer_id


def row_of(console: Console, customer_id: str) -> Locator:
    """Find the row of a customer."""
    return console.page.get_by_role("row").filter(
        has=console.page.get_by_role("link", name=customer_id, exact=True)
    )


def test_a_retry_is_voided_from_its_row_and_the_focus_stays_there(
    console: Console, api: Api, customer_id: str
) -> None:
    console.open("retries")
    row = row_of(console, customer_id)
    expect(row).to_contain_text("0 of 2")
    void = row.get_by_role("button", name="Void", exact=True)
    expect(void).to_have_accessible_description("Void 40.00 for Seat")

    void.click()
    expect(console.dialog()).to_contain_text("Void 40.00 for Seat")
    console.send()

    expect(row).to_contain_text("void")
    expect(row.get_by_role("button")).to_have_count(0)
    expect(row.get_by_role("link", name="Seat")).to_be_focused()
    [record] = api.get(f"/billing/user/{customer_id}")["items"]
    assert record["status"] == "void"


def test_those_that_run_are_shown_without_those_that_ended(
    console: Console, customer_id: str
) -> None:
    console.open("retries")
    row = row_of(console, customer_id)
    expect(row).to_have_count(1)

    with console.page.expect_response("**/executions?*status=succeeded"):
        console.button("Ended").click()
    expect(console.page.locator(".skeleton")).to_have_count(0)
    expect(row).to_have_count(0)
    console.button("Running").click()

    expect(row).to_have_count(1)
    expect(console.button("Running")).to_have_attribute("aria-pressed", "true")


def test_the_time_line_tells_what_comes_after_the_next_retry(
    console: Console, customer_id: str
) -> None:
    console.open("retries")
    row_of(console, customer_id).get_by_role("link", name="Seat").click()

    ahead = console.page.locator(".timeline .ahead")
    expect(ahead).to_contain_text("1 of 2")
    expect(ahead).to_contain_text("then after another 1 min, then the customer is suspended")
