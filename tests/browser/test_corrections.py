"""What went wrong is mended: usage corrected and voided, a statement read, a retry looked into."""

import json

from playwright.sync_api import Route, expect

from tests.browser.console import Api, Console


def used(api: Api, units: int) -> str:
    """Make a customer who used something, and bill it."""
    customer_id = api.customer(mode="postpaid", name="Initech")
    usage = {"customerId": customer_id, "productId": "compute", "units": units}
    api.post("/billing/usage", {"id": "e1", **usage})
    api.post("/jobs/process-billing")
    return customer_id


def test_usage_is_corrected_then_voided_and_the_money_comes_back(
    console: Console, api: Api
) -> None:
    customer_id = used(api, 250)
    console.open(f"events/{customer_id}/e1")
    console.ask("Correct", units="25", reason="A zero too many")
    expect(console.page.locator(".timeline li").first).to_contain_text("counts for 25 now")
    api.post("/jobs/process-billing")
    assert api.get(f"/billing/balance/{customer_id}")["balanceCents"] == -250

    console.ask("Void")

    adjustments = console.page.get_by_role("region", name="Adjustments")
    expect(adjustments.get_by_role("row")).to_have_count(3)
    expect(adjustments).to_contain_text("A zero too many")
    expect(console.page.get_by_role("button", name="Void", exact=True)).to_have_count(0)
    api.post("/jobs/process-billing")
    assert api.get(f"/billing/balance/{customer_id}")["balanceCents"] == 0


def test_a_statement_says_what_a_month_came_to(console: Console, api: Api) -> None:
    customer_id = used(api, 30)
    console.open(f"customers/{customer_id}")
    console.page.get_by_role("link", name="Statement").click()

    expect(console.tile("Opening balance")).to_have_text("0.00")
    expect(console.tile("Closing balance")).to_have_text("-3.00")
    statement = console.page.get_by_role("region", name="Statement")
    expect(statement).to_contain_text("Compute")
    expect(statement).to_contain_text("-3.00")

    console.page.emulate_media(media="print")
    expect(console.page.get_by_role("banner")).to_be_hidden()
    expect(statement).to_be_visible()


def test_what_was_used_is_drawn_by_day_and_product(console: Console, api: Api) -> None:
    customer_id = used(api, 30)
    console.open(f"customers/{customer_id}/usage")

    expect(console.page.locator(".plot canvas")).to_be_visible()
    console.page.get_by_text("The figures as a table").click()
    figures = console.page.get_by_role("region", name="Amount a day and product")
    expect(figures).to_contain_text("compute")
    expect(figures).to_contain_text("3.00")


def test_a_retry_shows_the_states_that_it_went_through(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[1, 600])
    record = api.post("/billing", {"userId": customer_id, "amountCents": 4000})
    console.open(f"records/{record['id']}")

    graph = console.page.get_by_role("region", name="State graph")
    expect(graph.locator(".state")).to_have_count(8)
    expect(graph.locator(".current")).to_have_text("WaitForAttempt")
    expect(graph.locator(".passed").filter(has_text="AttemptCharge")).to_be_visible()
    states = console.page.get_by_role("region", name="States entered")
    row = states.get_by_role("row").filter(has_text="AttemptCharge").first
    row.get_by_text("show").first.click()
    told = json.loads(row.locator("pre").first.inner_text())
    assert told["recordId"] == record["id"]


def test_a_retry_that_runs_on_aws_links_to_its_page_there(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[600])
    record = api.post("/billing", {"userId": customer_id, "amountCents": 4000})
    link = console.page.get_by_role("link", name="Open in the AWS console")
    console.open(f"records/{record['id']}")
    expect(console.page.get_by_role("region", name="State graph")).to_be_visible()
    expect(link).to_have_count(0)

    url = "https://console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/x"

    def told(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "awsConsoleUrl": url})

    console.page.route("**/history?*", told)
    console.page.reload()

    expect(link).to_have_attribute("href", url)
