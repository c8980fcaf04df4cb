"""What is seen listens: what a person does at once is not lost in a browser slow to paint."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.console import Api, Console, new_id

# What waits for a paint, as effects of Preact may, or for a time that is surely long enough,
# never has its turn.
NO_PAINT_COMES = """(() => {
  const waits = window.setTimeout;
  window.requestAnimationFrame = () => 0;
  window.setTimeout = (run, milliseconds = 0, ...given) =>
    milliseconds < 1000 ? 0 : waits(run, milliseconds, ...given);
})()"""


@pytest.fixture
def console(new_console: Callable[..., Console]) -> Console:
    """Return a console in a browser that shows a page and is never done with painting it."""
    console = new_console()
    console.context.add_init_script(NO_PAINT_COMES)
    return console


def test_files_that_are_dropped_as_soon_as_the_page_is_there_are_sent(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(mode="postpaid")
    line = {"userId": customer_id, "service": "compute", "timestamp": "2026-01-31T09:00:00Z"}
    console.open("logs")

    console.drop_files(**{f"{new_id('drop')}.json": json.dumps([{**line, "quantity": 1}])})

    expect(console.page.get_by_text("1 of 1 sent")).to_be_visible()


def test_keys_are_heard_as_soon_as_the_page_is_there(console: Console) -> None:
    console.page.clock.install()
    console.open()
    keys = console.page.keyboard
    console.press_at_once("g", "c")
    expect(console.heading("Customers")).to_be_focused()
    expect(console.page.locator("tbody tr").first).to_be_visible()
    keys.press("j")
    expect(console.page.locator("tbody tr a").first).to_be_focused()
    keys.press("?")
    expect(console.dialog()).to_contain_text("search for a customer")


def test_a_slash_searches_from_any_page_and_from_the_page_of_the_search(console: Console) -> None:
    search = console.page.get_by_role("searchbox")
    console.open()
    console.page.keyboard.press("/")
    expect(search).to_be_focused()
    console.heading("Customers").focus()
    console.page.keyboard.press("/")
    expect(search).to_be_focused()

    console.go("products")
    expect(console.heading("Products")).to_be_focused()
    console.go("customers")

    expect(console.heading("Customers")).to_be_focused()


def test_an_address_that_changes_as_soon_as_the_page_is_there_is_followed(
    console: Console,
) -> None:
    console.open("products")
    expect(console.heading("Products")).to_be_focused()
    console.go("system")
    expect(console.heading("System")).to_be_focused()


def test_who_signs_out_as_soon_as_the_page_is_there_is_signed_out(console: Console) -> None:
    console.open()

    console.button("Sign out").click()

    expect(console.dialog()).to_have_accessible_name("Sign in")
