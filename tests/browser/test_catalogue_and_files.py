"""What else people do: draw a price and save it, see what became of a file, prove all ledgers."""

from playwright.sync_api import expect

from tests.browser.console import Api, Console, Drop, new_id


def test_a_tiered_price_is_drawn_while_it_is_typed_and_saved_for_the_next_month(
    console: Console, api: Api
) -> None:
    product_id = new_id("product")
    console.open("products")
    console.ask("New product", **{"id": product_id, "name": "Searches", "cents a unit": "0.25"})
    expect(console.heading("Searches")).to_be_visible()
    expect(console.tile("1,000 units")).to_have_text("2.50")

    console.page.get_by_label("Model").select_option("graduated")
    for name, cents in {"up to": "1000", "cents a unit": "0"}.items():
        console.page.get_by_label(f"Tier 1, {name}").fill(cents)
    console.page.get_by_label("Tier 2, cents a unit").fill("0.5")
    console.page.get_by_label("Tier 2, cents for entering").fill("100")
    expect(console.tile("1,000,000 units")).to_have_text("4,996.00")
    expect(console.tile("1,000 units")).to_have_text("0.00")
    expect(console.page.locator(".plot canvas")).to_be_visible()

    console.button("Save this price").click()
    console.dialog().get_by_label("Begins").select_option(index=1)
    console.send()
    expect(console.page.locator(".timeline .ahead")).to_contain_text("graduated, 2 tiers")
    assert len(api.get(f"/products/{product_id}")["prices"]) == 2

    console.ask("Take back")
    expect(console.page.locator(".timeline .ahead")).to_have_count(0)


def test_a_price_that_is_none_names_the_field_at_fault(console: Console) -> None:
    console.open("products/tokens")
    console.page.get_by_label("Tier 2, up to").fill("10")

    expect(console.page.get_by_role("alert")).to_contain_text("price.tiers.1.upTo")


def test_a_file_tells_what_became_of_each_line_and_is_read_again(
    console: Console, api: Api, drop: Drop
) -> None:
    customer_id = new_id("late")
    line = {"userId": customer_id, "service": "compute", "quantity": 3}
    key = drop(line, {**line, "userId": "globex"}, {**line, "userId": "globex", "quantity": 0})
    console.open("logs")
    row = console.page.get_by_role("row").filter(has_text=key.removeprefix("incoming/"))
    expect(row.get_by_role("img")).to_have_attribute("aria-label", "1 accepted, 2 rejected")
    row.get_by_role("link").click()
    problems = console.page.get_by_role("region", name="Lines that were not accepted")
    expect(problems).to_contain_text(f"Customer {customer_id} not found")
    expect(console.tile("Rejected")).to_have_text("2")

    api.post("/users", {"id": customer_id})
    console.ask("Read again")
    expect(console.tile("Accepted")).to_have_text("2")
    expect(console.tile("Rejected")).to_have_text("1")


def test_every_ledger_is_checked_and_it_is_said_who_asks(console: Console, api: Api) -> None:
    console.open("system")
    expect(console.page.get_by_text("may: admin")).to_be_visible()

    console.button("Check every ledger").click()

    proof = console.page.get_by_role("status").filter(has_text="ledgers")
    expect(proof).to_contain_text("all add up")
    expect(proof).to_contain_text(f"{api.get('/system/status')['customers']['count']} ledgers")


def test_every_ledger_is_checked_once_until_somebody_stops_it_or_leaves(
    console: Console, api: Api
) -> None:
    assert api
    console.open("system")
    held = console.hold("**/users?limit=100")
    console.button("Check every ledger").click()
    held.wait()

    proof = console.page.get_by_role("status").filter(has_text="ledgers")
    expect(proof).to_have_text("0 ledgers with 0 entries so far…")
    console.button("Stop").click()
    expect(proof).to_contain_text("checked before it stopped")

    held = console.hold("**/billing/ledger/*/verify")
    console.button("Check every ledger").click()
    held.wait()
    console.go("products")
    expect(console.heading("Products")).to_be_visible()
    console.settle()
    assert len([each for each in console.requests if each.url.endswith("/verify")]) == 1
