"""What finance and support people do with a customer, from the first cent to the refund."""

import re

from playwright.sync_api import expect

from tests.browser.console import Api, Console, new_id
from tests.support.polling import eventually

# A retry after a second, on a machine that is busy.
RETRIES_SECONDS = 300.0


def test_a_customer_is_made_billed_short_of_money_retried_suspended_funded_and_refunded(
    console: Console, api: Api
) -> None:
    customer_id = new_id("customer")
    console.open("customers")
    console.ask("New customer", id=customer_id, name="Initech")
    expect(console.heading("Initech")).to_be_visible()
    api.client.patch(f"/users/{customer_id}", json={"retrySchedule": [1]})

    console.ask("Charge", amount="80", what="Set-up fee")
    expect(console.page.locator(".facts .chip")).to_have_text("suspended")
    expect(console.tile("Available")).to_have_text("-80.00")

    console.ask("Add funds", amount="100")
    expect(console.page.locator(".facts .chip")).to_have_text("active")
    expect(console.tile("Balance")).to_have_text("20.00")

    console.page.get_by_role("link", name="Records").click()
    console.page.get_by_role("link", name="Set-up fee").click()
    expect(console.page.locator(".timeline")).to_contain_text("Retry 1")
    console.ask("Refund", amount="30", reason="Outage")

    expect(console.tile("Refunded")).to_have_text("30.00")
    amounts = [entry["amountCents"] for entry in api.entries(customer_id)]
    assert amounts == [3000, -8000, 10000]


def test_usage_is_billed_and_its_record_tells_why_it_costs_what_it_does(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(mode="postpaid")
    usage = {"customerId": customer_id, "productId": "tokens", "units": 1200}
    api.post("/billing/usage", {"id": "e1", **usage})
    console.open()
    billing = console.page.locator(".jobs li").first
    billing.get_by_role("button", name="Run now").click()
    console.send()
    expect(billing.get_by_role("status")).to_contain_text("left to do")

    console.go(f"customers/{customer_id}/usage")
    expect(console.page.get_by_role("cell", name="tokens")).to_be_visible()
    console.page.get_by_role("link", name=f"{customer_id}~0~1").click()

    expect(console.tile("Amount")).to_have_text("2.00")
    console.page.get_by_text("How tokens comes to").click()
    steps = console.page.locator(".steps li")
    expect(steps.nth(0)).to_contain_text("1,000 units of the tier up to 1,000 at 0.00")
    expect(steps.nth(1)).to_contain_text("200 units of the tier up to 10,000 at 0.005")
    expect(steps.nth(1)).to_contain_text("1.00 for the tier")


def test_an_event_is_traced_to_the_hash_of_its_entry(console: Console, api: Api) -> None:
    customer_id = api.customer(mode="postpaid")
    usage = {"customerId": customer_id, "productId": "compute", "units": 3}
    api.post("/billing/usage", {"id": "e1", **usage})
    console.open(f"customers/{customer_id}/usage")
    console.page.get_by_role("link", name="e1", exact=True).click()
    steps = console.page.locator(".timeline li")
    expect(steps.nth(1)).to_contain_text("0.10 a unit")
    expect(steps.nth(2)).to_contain_text("Not billed yet")

    api.post("/jobs/process-billing")

    expect(steps.nth(2)).to_contain_text("paid")
    [entry] = api.entries(customer_id)
    expect(steps.nth(3)).to_contain_text(entry["hash"])


def test_a_charge_that_is_retried_counts_down_and_is_voided(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[600])
    charge = api.post("/billing", {"userId": customer_id, "amountCents": 4000})
    console.open("retries")
    row = console.page.get_by_role("row").filter(has_text=customer_id)
    expect(row).to_contain_text("40.00")
    expect(row).to_contain_text(re.compile(r"\d\d:\d\d"))

    row.get_by_role("link", name="Charge by hand").click()
    expect(console.page.locator(".timeline .ahead")).to_contain_text("Next retry")
    console.ask("Void", reason="Charged to the wrong customer")

    expect(console.page.locator(".facts .chip")).to_have_text("void")
    expect(console.page.get_by_text("Charged to the wrong customer")).to_be_visible()
    assert api.get(f"/billing/{charge['id']}")["status"] == "void"


def test_what_a_charge_lacked_is_proposed_and_pays_it(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[600])
    credit = {"customerId": customer_id, "amountCents": 1500}
    api.post("/billing/credit", credit, **{"Idempotency-Key": "too little"})
    charge = api.post("/billing", {"userId": customer_id, "amountCents": 4000})
    console.open(f"records/{charge['id']}")
    console.button("Add funds").click()
    expect(console.dialog().get_by_role("textbox")).to_have_value("25.00")
    expect(console.dialog()).to_contain_text("25.00 was missing at the last attempt")

    console.send()

    expect(console.page.locator(".facts .chip")).to_have_text("paid")
    assert api.get(f"/wallets/{customer_id}")["balanceCents"] == 0


def test_what_failed_stands_on_the_overview_until_it_is_mended(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[1])
    api.post("/billing", {"userId": customer_id, "amountCents": 900, "description": "Broken"})
    eventually(
        lambda: api.get(f"/users/{customer_id}")["status"],
        lambda status: status == "suspended",
        seconds=RETRIES_SECONDS,
    )
    console.open()
    failed = console.page.get_by_role("region", name="Failed charges").get_by_role("row")
    row = failed.filter(has_text=customer_id)
    expect(row).to_contain_text("9.00")

    row.get_by_role("button", name="Void").click()
    console.send()

    expect(row).to_have_count(0)
    assert api.get(f"/users/{customer_id}")["status"] == "active"


def test_a_list_is_handed_over_whole_as_a_file(console: Console, api: Api) -> None:
    customer_id = api.customer()
    for number in range(101):
        api.post(
            "/billing/credit",
            {"customerId": customer_id, "amountCents": 1},
            **{"Idempotency-Key": str(number)},
        )
    console.open(f"customers/{customer_id}")

    with console.page.expect_download() as download:
        console.button("CSV").click()

    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert download.value.suggested_filename == f"Ledger of {customer_id}.csv"
    assert len(lines) == 102
    assert lines[0].startswith("id,seq,kind,amountCents")
    assert lines[1].startswith(f"{customer_id}~101,101,credit,1,0.01")
    assert lines[-1].startswith(f"{customer_id}~1,1,credit,1,0.01")


def test_the_ledger_is_shown_as_it_was_and_the_balance_is_drawn(console: Console, api: Api) -> None:
    customer_id = api.customer()
    for number, cents in enumerate((1000, 2500)):
        api.post(
            "/billing/credit",
            {"customerId": customer_id, "amountCents": cents},
            **{"Idempotency-Key": str(number)},
        )
    console.open(f"customers/{customer_id}")

    expect(console.page.locator(".plot canvas")).to_be_visible()
    console.page.get_by_text("The figures as a table").click()
    table = console.page.get_by_role("region", name="Balance after each entry")
    expect(table.get_by_role("row")).to_have_count(3)
    expect(console.tile("Proof")).to_have_text("adds up")

    console.page.get_by_label("As of").fill("2020-01-01T00:00")
    expect(console.page.get_by_text("Nothing had moved by then")).to_be_visible()


def test_who_is_sought_is_found(console: Console, api: Api) -> None:
    address = f"{new_id('mail')}@example.com"
    customer_id = api.customer(email=address)
    api.post(f"/users/{customer_id}/suspend")
    console.open("customers")
    search = console.page.get_by_role("searchbox")
    rows = console.page.locator("tbody tr")

    for text in (address.upper(), customer_id):
        search.fill(text)
        search.press("Enter")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(customer_id)

    console.button("Suspended").click()
    expect(rows.filter(has_text=customer_id)).to_contain_text("suspended")
    expect(rows.filter(has_text="globex")).to_have_count(0)
