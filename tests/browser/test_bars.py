"""What was charged, day by day, as bars: of many products, and of what was taken back."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, expect

from tests.browser.console import Api, Console

PRODUCTS = ("api-calls", "compute", "tokens", "storage", "emails", "images")


def billed(days_ago: int, product_id: str, cents: str) -> dict[str, object]:
    """Return what was billed of a product on a day, as the API answers it."""
    date = (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()
    return {"date": date, "productId": product_id, "units": 1, "events": 1, "amountCents": cents}


def told(console: Console, name: str) -> Locator:
    """Find what the legend tells of a bar."""
    return console.page.locator(".u-legend tr").filter(has_text=name).locator("td")


def test_many_products_stand_on_each_other_and_what_was_taken_back_hangs_below(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    cents = [str(1000 * (len(PRODUCTS) - place)) for place in range(len(PRODUCTS))]
    today = [billed(0, *each) for each in zip(PRODUCTS, cents, strict=True)]
    items = [billed(29, "images", "12.5"), billed(1, "compute", "-99000.5"), *today]
    console.page.route("**/usage/series?*", lambda route: route.fulfill(json={"items": items}))
    console.open(f"customers/{customer_id}/usage")

    expect(console.page.locator(".plot canvas")).to_be_visible()
    # The largest by what moved, and of the last day what each came to; the smallest two together.
    for name, amount in {"compute": "50.00", "api-calls": "60.00", "all others": "30.00"}.items():
        expect(told(console, name)).to_have_text(amount)
    expect(told(console, "emails")).to_have_count(0)

    console.page.get_by_text("The figures as a table").click()
    rows = console.page.get_by_role("region", name="Amount a day and product").get_by_role("row")
    expect(rows).to_have_count(1 + len(items))
    expect(rows.nth(1)).to_contain_text("images")
    expect(rows.filter(has_text="-990.005")).to_contain_text("compute")


def test_a_single_product_is_named(console: Console, api: Api) -> None:
    customer_id = api.customer()
    items = [billed(1, "compute", "0"), billed(0, "compute", "1250")]
    console.page.route("**/usage/series?*", lambda route: route.fulfill(json={"items": items}))
    console.open(f"customers/{customer_id}/usage")

    expect(told(console, "compute")).to_have_text("12.50")


def test_pointing_at_a_day_tells_what_it_came_to(console: Console, api: Api) -> None:
    customer_id = api.customer()
    items = [billed(29, "compute", "700"), billed(0, "compute", "900"), billed(0, "tokens", "1")]
    console.page.route("**/usage/series?*", lambda route: route.fulfill(json={"items": items}))
    console.open(f"customers/{customer_id}/usage")
    expect(told(console, "compute")).to_have_text("9.00")

    over = console.page.locator(".plot .u-over")
    over.hover(position={"x": 2, "y": 20})

    expect(told(console, "compute")).to_have_text("7.00")
    expect(told(console, "tokens")).not_to_contain_text("0")
    console.page.mouse.move(0, 0)
    expect(told(console, "compute")).to_have_text("9.00")
