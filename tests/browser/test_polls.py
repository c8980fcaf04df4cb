"""What runs is looked at again by itself: as often as it should be, and when somebody sees it."""

from playwright.sync_api import expect

from tests.browser.console import Api, Console
from tests.browser.long_lists import LongList, retried_record

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def open_with_something_pending(console: Console, api: Api) -> str:
    """Open a customer who waits for money, by a clock that a test moves; return the path."""
    customer_id = api.customer(retrySchedule=[3600])
    api.post("/billing", {"userId": customer_id, "amountCents": 700})
    console.page.clock.install()
    console.open(f"customers/{customer_id}")
    expect(console.tile("Pending")).to_have_text("7.00")
    console.settle()
    return f"billing/balance/{customer_id}?limit=1"


def poll(console: Console, times: int = 1) -> None:
    """Let the time for a look go by, and what it reads be drawn."""
    for _ in range(times):
        console.pass_time()
        console.settle()


def test_an_answer_that_takes_longer_than_until_the_next_look_is_waited_for(
    console: Console, api: Api
) -> None:
    path = open_with_something_pending(console, api)
    held = console.hold(f"**/{path}")
    console.pass_time()
    held.wait()
    asked = len(console.sent("GET", path))

    console.pass_time(polls=10)
    assert len(console.sent("GET", path)) == asked

    held.let_go()
    console.settle()
    poll(console)
    assert len(console.sent("GET", path)) == asked + 1


def test_what_nobody_sees_is_not_looked_at_and_what_is_seen_again_is_at_once(
    console: Console, api: Api
) -> None:
    path = open_with_something_pending(console, api)
    console.page.evaluate(HIDE, arg=True)
    asked = len(console.sent("GET", path))
    poll(console, times=3)
    assert len(console.sent("GET", path)) == asked

    console.page.evaluate(HIDE, arg=False)

    console.settle()
    assert len(console.sent("GET", path)) == asked + 1


def test_a_list_that_was_read_on_stays_and_is_looked_at_again_once_it_begins_anew(
    console: Console, api: Api
) -> None:
    customer_id = api.customer()
    records = f"billing/user/{customer_id}"
    LongList(records, 60, retried_record).serve(console)
    console.page.clock.install()
    console.open(f"customers/{customer_id}/records")
    expect(console.page.get_by_text("25 shown, there are more")).to_be_visible()
    first_page = f"{records}?limit=25"
    poll(console)
    assert len(console.sent("GET", first_page)) == 2

    console.button("Show more").click()
    expect(console.page.get_by_text("60 shown", exact=True)).to_be_visible()
    poll(console, times=3)
    expect(console.page.get_by_text("60 shown", exact=True)).to_be_visible()
    assert len(console.sent("GET", first_page)) == 2

    console.ask("Add funds", amount="7")
    expect(console.page.get_by_text("25 shown, there are more")).to_be_visible()
    console.settle()
    asked = len(console.sent("GET", first_page))
    poll(console)
    assert len(console.sent("GET", first_page)) == asked + 1
