"""Whoever works by keys alone keeps the place at which they were."""

from playwright.sync_api import Route, expect

from tests.browser.console import Api, Console
from tests.browser.long_lists import LongList, entry


def test_the_focus_stays_where_a_list_is_read_on_to_its_end(console: Console, api: Api) -> None:
    customer_id = api.customer()
    LongList(f"billing/ledger/{customer_id}", 250, entry).serve(console)
    console.open(f"customers/{customer_id}")
    more = console.button("Show more")
    more.press("Enter")
    expect(console.page.get_by_text("150 shown, there are more")).to_be_visible()
    expect(more).to_be_focused()

    more.press("Enter")

    expect(console.page.get_by_text("250 shown", exact=True)).to_be_focused()


def test_the_focus_stays_on_what_is_tried_again(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")

    def lost(route: Route) -> None:
        route.abort()

    console.page.route("**/billing/credit", lost, times=1)
    console.button("Add funds").click()
    console.fill(amount="7")
    submit = console.dialog().locator("button[type=submit]")

    submit.press("Enter")

    expect(submit).to_have_text("Try again")
    expect(submit).to_be_focused()
    submit.press("Enter")
    expect(console.dialog()).to_have_count(0)
    expect(console.tile("Balance")).to_have_text("7.00")
