"""Answers that take their time, or do not come: it shows, and nothing is asked for twice."""

import re

from playwright.sync_api import Route, expect

from tests.browser.console import Api, Console
from tests.browser.long_lists import LongList, entry
from tests.browser.refusals import WAIT_SECONDS, ask_to_wait


def test_what_is_being_read_shows_that_it_is(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open()
    held = console.hold("**/users/*")

    console.go(f"customers/{customer_id}")

    skeleton = console.page.locator("main > .skeleton")
    expect(skeleton.first).to_have_attribute("aria-label", "Loading")
    expect(console.tile("Available")).to_have_text("0.00")
    expect(skeleton).to_have_count(1)
    held.let_go()
    expect(console.page.locator(".facts .chip")).to_have_text("active")
    expect(skeleton).to_have_count(0)
    assert len(console.sent("GET", f"users/{customer_id}")) == 1


def test_what_is_done_before_the_page_knows_the_balance_is_in_its_ledger(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    console.open()
    held = console.hold("**/billing/balance/*")
    console.go(f"customers/{customer_id}")
    expect(console.page.get_by_text("No money has moved yet")).to_be_visible()
    held.wait()

    console.ask("Add funds", amount="7")

    ledger = console.page.get_by_role("region", name=f"Ledger of {customer_id}")
    expect(ledger).to_contain_text("7.00")


def test_a_dialog_that_waits_is_busy_and_sends_once(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")
    held = console.hold("**/billing/credit")
    console.button("Add funds").click()
    console.fill(amount="7")
    console.send()
    submit = console.dialog().locator("button[type=submit]")
    expect(submit).to_have_text("Sending…")
    expect(submit).to_be_disabled()

    console.dialog().get_by_label("Amount").press("Enter")
    held.let_go()

    expect(console.dialog()).to_have_count(0)
    expect(console.tile("Balance")).to_have_text("7.00")
    assert len(console.sent("POST", "billing/credit")) == 1


def test_a_page_of_a_list_that_waits_is_read_once(console: Console, api: Api) -> None:
    customer_id = api.customer()
    LongList(f"billing/ledger/{customer_id}", 120, entry).serve(console)
    console.open(f"customers/{customer_id}")
    held = console.hold("**/billing/ledger/*cursor=*")
    console.button("Show more").dblclick()
    reading = console.page.get_by_role("button", name="Loading…")
    expect(reading).to_be_disabled()
    expect(console.page.get_by_text("50 shown, there are more")).to_be_visible()

    held.let_go()

    expect(console.page.get_by_text("120 shown", exact=True)).to_be_visible()
    assert len([each for each in console.requests if "cursor=" in each.url]) == 1


def test_a_list_that_began_anew_is_read_on_though_the_old_page_is_still_awaited(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    LongList(f"billing/ledger/{customer_id}", 120, entry).serve(console)
    console.open(f"customers/{customer_id}")
    held = console.hold("**/billing/ledger/*cursor=*")
    console.button("Show more").click()
    held.wait()
    console.ask("Add funds", amount="7")
    expect(console.tile("Balance")).to_have_text("7.00")
    expect(console.button("Show more")).to_be_enabled()

    console.button("Show more").click()

    expect(console.page.get_by_text("120 shown", exact=True)).to_be_visible()


def test_what_was_changed_is_not_asked_again_before_the_api_says_so(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    console.page.clock.install()
    console.open(f"customers/{customer_id}")
    console.page.route("**/billing/credit", ask_to_wait, times=1)
    console.button("Add funds").click()
    console.fill(amount="7")
    console.send()
    submit = console.dialog().locator("button[type=submit]")
    expect(submit).to_have_text(re.compile(r"Try again in \d+ s"))
    expect(submit).to_be_disabled()

    console.page.clock.fast_forward(WAIT_SECONDS * 1000)
    expect(submit).to_have_text("Try again")
    console.send()

    expect(console.tile("Balance")).to_have_text("7.00")
    keys = {each.headers["idempotency-key"] for each in console.sent("POST", "billing/credit")}
    assert len(keys) == 1


def test_a_network_that_is_lost_in_a_list_costs_nothing_of_it(console: Console, api: Api) -> None:
    customer_id = api.customer()
    LongList(f"billing/ledger/{customer_id}", 220, entry).serve(console)
    console.open(f"customers/{customer_id}")
    console.button("Show more").click()
    expect(console.page.get_by_text("150 shown, there are more")).to_be_visible()

    def lose(route: Route) -> None:
        route.abort("internetdisconnected")

    console.page.route("**/billing/ledger/*cursor=*", lose, times=1)
    console.button("Show more").click()
    expect(console.page.get_by_role("alert")).to_contain_text("No connection")
    expect(console.page.get_by_text("150 shown, there are more")).to_be_visible()

    console.button("Try again").click()

    expect(console.page.get_by_text("220 shown", exact=True)).to_be_visible()
    expect(console.page.get_by_role("alert")).to_have_count(0)


def test_a_scope_that_is_missing_is_named_where_it_is_refused(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")
    problem = {
        "title": "Scope missing",
        "detail": "It takes billing:write",
        "code": "scope_missing",
    }
    console.page.route(
        "**/billing/credit", lambda route: route.fulfill(status=403, json=problem), times=1
    )
    console.button("Add funds").click()
    console.fill(amount="7")

    console.send()

    expect(console.dialog().get_by_role("alert")).to_contain_text("It takes billing:write")
    expect(console.page.get_by_role("dialog", name="Sign in again")).to_have_count(0)
    expect(console.dialog().get_by_label("Amount")).to_have_value("7")
