"""Who opens the console signs in with a key, which stays in the tab and is forgotten in time."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.console import Api, Console
from tools.local_cloud.welcome import sign_in_link

AN_HOUR_AND_A_SECOND = 3_601_000


def test_a_link_signs_in_and_leaves_no_key_in_the_address(console: Console) -> None:
    console.open()

    assert console.key not in console.page.url
    assert console.key not in console.page.evaluate("JSON.stringify(history.state)")
    assert console.page.evaluate("sessionStorage.length") == 2
    assert console.page.evaluate("localStorage.length + document.cookie.length") == 0


def test_a_link_that_is_followed_in_an_open_console_signs_in_as_well(
    console: Console, reader_key: str
) -> None:
    console.open("products")
    expect(console.heading("Products")).to_be_visible()

    console.page.goto(sign_in_link(console.base, reader_key))

    expect(console.heading("Overview")).to_be_visible()
    assert reader_key not in console.page.url
    assert console.page.evaluate("sessionStorage.getItem('billing.key')") == reader_key


def test_a_key_that_the_api_does_not_know_is_told(console: Console) -> None:
    console.open_signed_out()
    console.fill(**{"api key": "ub_nobody"})
    console.send()
    expect(console.dialog().get_by_role("alert")).to_contain_text("Sign in again")

    console.fill(**{"api key": console.key})
    console.send()
    expect(console.heading("Overview")).to_be_visible()


def test_whoever_signs_out_leaves_nothing_behind(console: Console) -> None:
    console.open("customers/globex")
    expect(console.heading("Globex")).to_be_visible()

    console.button("Sign out").click()

    expect(console.heading("Globex")).to_have_count(0)
    expect(console.dialog()).to_contain_text("Billing console")
    assert console.page.evaluate("sessionStorage.getItem('billing.key')") is None


def test_an_hour_in_which_nobody_does_anything_ends_it(console: Console) -> None:
    console.page.clock.install()
    console.open("customers/globex")
    expect(console.heading("Globex")).to_be_visible()

    console.page.clock.fast_forward(AN_HOUR_AND_A_SECOND)

    expect(console.dialog()).to_contain_text("Billing console")
    expect(console.heading("Globex")).to_have_count(0)


def test_a_key_that_ends_in_mid_work_costs_nothing_but_another_sign_in(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")
    # What is still being read would ask with the other key, and be refused first.
    expect(console.tile("Proof")).to_have_text("adds up")
    console.settle()
    console.button("Add funds").click()
    console.fill(amount="12.50")
    console.page.evaluate("sessionStorage.setItem('billing.key', 'ub_revoked')")
    console.send()
    again = console.page.get_by_role("dialog", name="Sign in again")
    again.get_by_label("API key").fill(console.key)
    again.get_by_role("button", name="Sign in").click()
    expect(again).to_have_count(0)

    console.send()

    expect(console.dialog()).to_have_count(0)
    expect(console.tile("Balance")).to_have_text("12.50")
    assert [entry["amountCents"] for entry in api.entries(customer_id)] == [1250]


def test_what_a_key_may_not_do_is_off_and_names_the_scope(
    new_console: Callable[..., Console], reader_key: str, api: Api
) -> None:
    customer_id = api.customer()
    console = new_console(with_key=reader_key)
    console.open(f"customers/{customer_id}")

    for name, scope in (("Add funds", "billing:write"), ("Suspend", "admin")):
        button = console.page.get_by_role("button", name=f"{name} needs {scope}")
        expect(button).to_be_disabled()


def test_a_key_without_the_scope_of_a_page_is_told_which_it_lacks(
    new_console: Callable[..., Console], meter_key: str
) -> None:
    console = new_console(with_key=meter_key)
    console.open("customers")

    problem = console.page.get_by_role("alert")
    expect(problem).to_contain_text("scope_missing")
    expect(problem).to_contain_text("billing:read")
