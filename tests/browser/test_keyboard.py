"""Everything is done without a mouse, and the focus goes where a person expects it."""

from playwright.sync_api import expect

from tests.browser.console import Api, Console


def test_a_customer_is_found_funded_and_suspended_by_keys_alone(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.page.clock.install()
    console.open()
    keys = console.page.keyboard
    console.press_at_once("g", "c")
    expect(console.heading("Customers")).to_be_focused()
    rows = console.page.locator("tbody tr")
    expect(rows.filter(has_text=customer_id)).to_be_visible()

    keys.press("j")
    keys.press("j")
    keys.press("k")
    first = rows.first.get_by_role("link")
    expect(first).to_be_focused()
    expect(first).to_have_text(customer_id)
    keys.press("Enter")
    expect(console.heading(customer_id)).to_be_focused()

    keys.press("Tab")
    expect(console.button("Add funds")).to_be_focused()
    keys.press("Enter")
    keys.type("5")
    keys.press("Enter")
    expect(console.dialog()).to_have_count(0)
    expect(console.tile("Balance")).to_have_text("5.00")
    expect(console.button("Add funds")).to_be_focused()


def test_escape_closes_a_dialog_and_gives_the_focus_back(console: Console) -> None:
    console.open("customers/globex")
    expect(console.heading("Globex")).to_be_visible()
    console.button("Charge").focus()
    console.page.keyboard.press("Enter")
    expect(console.dialog()).to_be_visible()

    console.page.keyboard.press("Escape")

    expect(console.dialog()).to_have_count(0)
    expect(console.button("Charge")).to_be_focused()


def test_a_question_mark_tells_the_keys_and_a_slash_searches(console: Console) -> None:
    console.open()
    console.page.keyboard.press("?")
    expect(console.dialog()).to_contain_text("search for a customer")
    console.page.keyboard.press("Escape")

    console.page.keyboard.press("/")

    expect(console.page.get_by_role("searchbox")).to_be_focused()
    expect(console.page.get_by_role("searchbox")).to_have_value("")


def test_a_name_that_comes_late_takes_the_focus_from_nothing(console: Console, api: Api) -> None:
    customer_id = api.customer(name="Initech")
    console.open()
    held = console.hold(f"**/users/{customer_id}")
    console.go(f"customers/{customer_id}")
    expect(console.heading(customer_id)).to_be_focused()
    console.page.keyboard.press("Tab")
    expect(console.button("Add funds")).to_be_focused()

    held.let_go()

    expect(console.heading("Initech")).to_be_visible()
    expect(console.button("Add funds")).to_be_focused()
