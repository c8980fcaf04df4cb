"""Lost answers, refusals and hostile text: shown as a person would want, and harmless."""

import re

from playwright.sync_api import Route, expect

from tests.browser.console import Api, Console
from tests.browser.refusals import WAIT_SECONDS, ask_to_wait

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def test_two_clicks_and_a_lost_answer_add_the_money_once(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")
    console.button("Add funds").click()
    console.fill(amount="7")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    console.page.route("**/billing/credit", lose, times=1)
    console.dialog().locator("button[type=submit]").dblclick()
    expect(console.dialog().get_by_role("alert")).to_contain_text("No connection")
    console.send()

    expect(console.dialog()).to_have_count(0)
    expect(console.tile("Balance")).to_have_text("7.00")
    assert [entry["amountCents"] for entry in api.entries(customer_id)] == [700]
    keys = {each.headers["idempotency-key"] for each in console.sent("POST", "billing/credit")}
    assert len(keys) == 1


def test_what_is_typed_stays_while_the_page_reads_anew(console: Console, api: Api) -> None:
    customer_id = api.customer(retrySchedule=[600])
    api.post("/billing", {"userId": customer_id, "amountCents": 700})
    console.page.clock.install()
    console.open(f"customers/{customer_id}")
    expect(console.tile("Pending")).to_have_text("7.00")
    held = console.hold("**/billing/balance/**")
    console.pass_time()
    held.wait()
    console.button("Add funds").click()
    console.fill(amount="3")

    held.let_go()
    console.settle()

    expect(console.dialog().get_by_label("Amount")).to_have_value("3")


def test_two_dialogs_are_two_payments(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open(f"customers/{customer_id}")

    console.ask("Add funds", amount="7")
    console.ask("Add funds", amount="7")

    expect(console.tile("Balance")).to_have_text("14.00")


def test_an_answer_that_asks_to_wait_is_waited_for_and_asked_again(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    console.page.clock.install()
    console.open()
    console.page.route("**/users?limit=25", ask_to_wait, times=1)
    console.go("customers")

    problem = console.page.get_by_role("alert")
    expect(problem).to_contain_text("It could not be done in time")
    expect(problem).to_contain_text("unavailable")
    expect(problem).to_contain_text("request abc=")
    again = problem.get_by_role("button")
    expect(again).to_have_text(re.compile(r"Try again in \d+ s"))
    expect(again).to_be_disabled()

    console.page.clock.fast_forward(WAIT_SECONDS * 1000)

    expect(console.page.get_by_role("link", name=customer_id)).to_be_visible()
    expect(problem).to_have_count(0)


def test_a_lost_network_is_told_and_tried_again(console: Console, api: Api) -> None:
    customer_id = api.customer()
    console.open()
    console.context.set_offline(True)
    console.go("customers")
    expect(console.page.get_by_role("alert")).to_contain_text("No connection")

    console.context.set_offline(False)
    console.button("Try again").click()

    expect(console.page.get_by_role("link", name=customer_id)).to_be_visible()


def test_a_customer_who_is_not_there_is_told(console: Console) -> None:
    console.open("customers/nobody")

    expect(console.page.get_by_role("alert").first).to_contain_text("customer_not_found")


def test_a_name_is_text_and_never_html(console: Console, api: Api) -> None:
    customer_id = api.customer(name=HOSTILE)
    api.post("/billing", {"userId": customer_id, "amountCents": 1, "description": HOSTILE})
    console.page.on("dialog", lambda dialog: console.wrongs.append(dialog.message))

    console.open("customers")
    expect(console.page.get_by_role("cell", name=HOSTILE)).to_be_visible()
    for place in ("", "/records"):
        console.go(f"customers/{customer_id}{place}")
        expect(console.heading(HOSTILE)).to_be_visible()
    expect(console.page.get_by_role("link", name=HOSTILE)).to_be_visible()

    assert console.page.locator("img, main script").count() == 0


def test_an_address_that_leads_nowhere_says_so(console: Console) -> None:
    console.open("%E0%A4%A/nowhere")

    expect(console.page.get_by_text("There is no such page")).to_be_visible()


def test_a_list_goes_on_where_a_page_ends(console: Console, api: Api) -> None:
    customer_id = api.customer()
    for number in range(51):
        api.post(
            "/billing/credit",
            {"customerId": customer_id, "amountCents": 1},
            **{"Idempotency-Key": str(number)},
        )
    console.open(f"customers/{customer_id}")
    expect(console.page.get_by_text("50 shown, there are more")).to_be_visible()

    console.button("Show more").click()

    expect(console.page.get_by_text("51 shown")).to_be_visible()
    expect(console.button("Show more")).to_have_count(0)
