"""Terms of customers are changed without a command line, and figures explain themselves."""

from playwright.sync_api import expect

from tests.browser.console import Api, Console


def test_terms_are_edited_and_what_another_changed_meanwhile_stays(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(name="Initech", mode="postpaid", creditLimitCents=50_000)
    console.open(f"customers/{customer_id}")
    console.button("Edit").click()
    expect(console.dialog().get_by_label("Credit limit")).to_have_value("500.00")
    api.client.patch(f"/users/{customer_id}", json={"name": "Initrode"})

    console.fill(credit="0", retries="60, 3600")
    console.send()

    expect(console.heading("Initrode")).to_be_visible()
    expect(console.page.locator(".facts")).to_contain_text("credit limit 0.00")
    expect(console.page.locator(".facts")).to_contain_text("retries after 1 min, 1 hr")
    terms = api.get(f"/users/{customer_id}")
    assert (terms["creditLimitCents"], terms["retrySchedule"]) == (0, [60, 3600])


def test_terms_that_are_none_are_refused_before_they_are_sent(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")
    console.button("Edit").click()

    console.send()
    wrong = console.dialog().get_by_role("alert")
    expect(wrong).to_have_text("Nothing is another than before.")
    console.fill(retries="soon")
    console.send()

    expect(wrong).to_contain_text("Write the retries as whole seconds")
    assert console.sent("PATCH", f"users/{customer_id}") == []


def test_a_record_that_is_still_to_be_made_is_told_and_not_called_missing(
    console: Console, api: Api
) -> None:
    # Whoever is suspended is billed within a day, and not by the runs of this test.
    customer_id = api.customer()
    api.post(f"/users/{customer_id}/suspend")
    usage = {"customerId": customer_id, "productId": "compute", "units": 3}
    api.post("/billing/usage", {"id": "e1", **usage})
    console.open(f"customers/{customer_id}/usage")
    row = console.page.get_by_role("row").filter(has_text="compute")
    expect(row).to_contain_text("0.30")

    row.get_by_role("link", name=f"{customer_id}~0~1").click()

    expect(console.page.get_by_text("There is no such record yet")).to_be_visible()
    expect(console.page.get_by_role("alert")).to_have_count(0)


def test_parts_of_a_cent_are_accounted_for(console: Console, api: Api) -> None:
    customer_id = api.customer(mode="postpaid")
    usage = {"customerId": customer_id, "productId": "tokens", "units": 1001}
    api.post("/billing/usage", {"id": "e1", **usage})
    api.post("/jobs/process-billing")

    console.open(f"records/{customer_id}~0~1")

    expect(console.page.get_by_text("the rest goes on to the next record")).to_be_visible()


def test_an_event_is_found_by_its_id(console: Console, api: Api) -> None:
    customer_id = api.customer(mode="postpaid")
    usage = {"customerId": customer_id, "productId": "compute", "units": 3}
    api.post("/billing/usage", {"id": "ticket-4711:a", **usage})
    console.open(f"customers/{customer_id}/usage")
    console.page.get_by_role("searchbox", name="Id of an event").fill("ticket-4711:a")

    console.page.get_by_role("searchbox", name="Id of an event").press("Enter")

    expect(console.heading("Usage event")).to_be_visible()
    expect(console.page.locator(".timeline")).to_contain_text("3 of compute")


def test_who_adds_funds_is_told_what_is_missing(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[6000])
    for amount in (4000, 150):
        api.post("/billing", {"userId": customer_id, "amountCents": amount})
    console.open(f"customers/{customer_id}")
    expect(console.tile("Available")).to_have_text("-41.50")
    expect(console.button("Suspend")).to_be_visible()

    console.button("Add funds").click()

    expect(console.dialog()).to_contain_text("41.50 is missing for all that is pending.")
