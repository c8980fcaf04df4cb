"""Two people, or two tabs of one, change the same customer: nothing moves twice, and it is said."""

from playwright.sync_api import expect

from tests.browser.console import Api, Console


def two_tabs(console: Console, place: str) -> tuple[Console, Console]:
    """Open the same place in two tabs."""
    other = console.second_tab()
    for tab in (console, other):
        tab.open(place)
    return console, other


def test_funds_that_are_added_in_two_tabs_are_added_both(console: Console, api: Api) -> None:
    customer_id = api.customer()
    first, second = two_tabs(console, f"customers/{customer_id}")
    for tab, amount in ((first, "7"), (second, "5")):
        tab.button("Add funds").click()
        tab.fill(amount=amount)

    for tab in (first, second):
        tab.send()
        expect(tab.dialog()).to_have_count(0)

    expect(second.tile("Balance")).to_have_text("12.00")
    assert [entry["amountCents"] for entry in api.entries(customer_id)] == [500, 700]


def test_who_charges_a_record_that_another_tab_voided_is_told_that_nothing_was_charged(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(retrySchedule=[600])
    record = api.post("/billing", {"userId": customer_id, "amountCents": 4000})
    first, second = two_tabs(console, f"records/{record['id']}")
    second.button("Charge now").click()
    first.ask("Void", reason="A mistake")
    api.post(
        "/billing/credit",
        {"customerId": customer_id, "amountCents": 9000},
        **{"Idempotency-Key": "enough"},
    )

    second.send()

    told = second.dialog().get_by_role("alert")
    expect(told).to_have_text("Nothing was charged: the record is void.")
    second.button("Cancel").click()
    expect(second.page.locator(".facts .chip")).to_have_text("void")
    expect(second.page.get_by_text("A mistake")).to_be_visible()
    assert [entry["amountCents"] for entry in api.entries(customer_id)] == [9000]


def test_what_another_tab_refunded_is_refused_and_then_shown(console: Console, api: Api) -> None:
    customer_id = api.customer(mode="postpaid")
    record = api.post("/billing", {"userId": customer_id, "amountCents": 1000})
    first, second = two_tabs(console, f"records/{record['id']}")
    second.button("Refund").click()
    first.ask("Refund", amount="8")

    second.send()

    expect(second.dialog().get_by_role("alert")).to_contain_text("refund")
    second.dialog().get_by_role("button", name="Cancel").click()
    expect(second.tile("Refunded")).to_have_text("8.00")
    second.ask("Refund")
    expect(second.tile("Refunded")).to_have_text("10.00")
    assert [entry["amountCents"] for entry in api.entries(customer_id)] == [200, 800, -1000]


def test_a_dialog_does_what_it_said_though_things_changed_meanwhile(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(retrySchedule=[600])
    api.post("/billing", {"userId": customer_id, "amountCents": 900})
    console.page.clock.install()
    console.open(f"customers/{customer_id}")
    expect(console.tile("Pending")).to_have_text("9.00")
    held = console.hold(f"**/users/{customer_id}")
    console.pass_time()
    held.wait()
    console.button("Suspend").click()
    api.post(f"/users/{customer_id}/suspend")
    held.let_go()
    console.settle()

    console.send()

    expect(console.dialog()).to_have_count(0)
    expect(console.button("Activate")).to_be_visible()
    assert len(console.sent("POST", f"users/{customer_id}/suspend")) == 1
    assert console.sent("POST", f"users/{customer_id}/activate") == []


def test_a_dialog_stays_though_what_it_is_about_is_done_meanwhile(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(retrySchedule=[600])
    api.post("/billing", {"userId": customer_id, "amountCents": 900})
    console.page.clock.install()
    console.open(f"customers/{customer_id}/records")
    row = console.page.locator("tbody tr")
    expect(row).to_contain_text("retrying")
    held = console.hold("**/billing/user/*")
    console.pass_time()
    held.wait()
    row.get_by_role("button", name="Void").click()
    console.fill(reason="A mistake")
    credit = {"customerId": customer_id, "amountCents": 900}
    api.post("/billing/credit", credit, **{"Idempotency-Key": "meanwhile"})

    held.let_go()
    console.settle()

    expect(console.dialog().get_by_label("Reason")).to_have_value("A mistake")
    console.send()
    expect(console.dialog().get_by_role("alert")).to_contain_text("paid")
    console.dialog().get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("paid")
    expect(row.get_by_role("button", name="Refund")).to_be_visible()


def test_signing_out_in_one_tab_leaves_the_other(console: Console, api: Api) -> None:
    customer_id = api.customer()
    first, second = two_tabs(console, f"customers/{customer_id}")

    first.button("Sign out").click()

    expect(first.dialog()).to_contain_text("Billing console")
    second.ask("Add funds", amount="3")
    expect(second.tile("Balance")).to_have_text("3.00")
