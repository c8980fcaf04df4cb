"""Long lists stay quick to the end, are read once, walked by keys, and handed over or stopped."""

import re
from collections import Counter

from playwright.sync_api import expect

from tests.browser.console import Api, Console, Drop
from tests.browser.long_lists import PRESS, READ_ON, LongList, customer, entry

# On two quiet cores a page of a hundred takes 40 ms and a key 15; without gaps for what nobody
# sees, 10,000 rows took two seconds a page.
PAGE_MILLISECONDS_MAX = 1500
KEY_MILLISECONDS_MAX = 500
ROWS_MAX = 1000


def read_on(console: Console) -> float:
    """Press Show more until there is no more; return what a page took to show at the end."""
    milliseconds: float = console.page.evaluate(READ_ON)
    return milliseconds


def press(console: Console, key: str) -> float:
    """Press a key some times and return how long the page took to be drawn anew."""
    milliseconds: float = console.page.evaluate(PRESS, key)
    return milliseconds


def asked_twice(console: Console, path: str) -> list[str]:
    """Return what was asked of the API more than once."""
    asked = Counter(each.url for each in console.requests if f"/{path}" in each.url)
    assert len(asked) > 1
    return [url for url, times in asked.items() if times > 1]


def pages_of_csv(console: Console) -> int:
    """Count the pages that were asked for as CSV."""
    return sum(each.headers["accept"] == "text/csv" for each in console.requests)


def test_ten_thousand_customers_are_read_to_the_end(console: Console) -> None:
    LongList("users", 10_000, customer).serve(console)
    money = {"balanceCents": 1, "pendingCents": 0, "availableCents": 1}
    console.page.route(
        re.compile(r"/billing/balance/c\d+"), lambda route: route.fulfill(json=money)
    )
    console.open("customers")
    expect(console.page.get_by_text("25 shown, there are more")).to_be_visible()

    last_page = read_on(console)

    expect(console.page.get_by_text("10,000 shown", exact=True)).to_be_visible()
    assert last_page < PAGE_MILLISECONDS_MAX
    assert press(console, "j") < KEY_MILLISECONDS_MAX
    rows = console.page.locator("tbody tr")
    assert rows.count() < ROWS_MAX
    console.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(console.page.get_by_role("link", name="c000001")).to_be_in_viewport()
    console.page.evaluate("scrollTo(0, 0)")
    expect(console.page.get_by_role("link", name="c010000")).to_be_in_viewport()
    expect(rows.first).to_contain_text("0.01")
    assert asked_twice(console, "users?") == []
    assert asked_twice(console, "billing/balance/c") == []


def test_fifty_thousand_entries_are_read_to_the_end(console: Console, api: Api) -> None:
    customer_id = api.customer()
    LongList(f"billing/ledger/{customer_id}", 50_000, entry).serve(console)
    console.open(f"customers/{customer_id}")
    expect(console.page.get_by_text("50 shown, there are more")).to_be_visible()

    last_page = read_on(console)

    expect(console.page.get_by_text("50,000 shown", exact=True)).to_be_visible()
    assert last_page < PAGE_MILLISECONDS_MAX
    assert press(console, "j") < KEY_MILLISECONDS_MAX
    assert console.page.locator("tbody tr").count() < ROWS_MAX
    drawn = "Balance after each of the newest 1,000 entries"
    expect(console.page.locator("figcaption")).to_have_text(drawn)
    assert asked_twice(console, f"billing/ledger/{customer_id}?") == []


def test_a_long_list_is_walked_by_keys_across_what_is_out_of_sight(console: Console) -> None:
    LongList("users", 10_000, customer).serve(console)
    console.page.route(re.compile(r"/billing/balance/c\d+"), lambda route: route.abort())
    console.open("customers")
    for _ in range(4):
        console.button("Show more").click()
    expect(console.page.get_by_text("425 shown, there are more")).to_be_visible()
    console.page.evaluate("scrollTo(0, 0)")
    expect(console.page.get_by_role("link", name="c010000")).to_be_in_viewport()
    focused = console.page.locator("tbody a:focus")

    for _ in range(250):
        console.page.keyboard.press("j")
    expect(focused).to_have_text("c009751")

    for _ in range(249):
        console.page.keyboard.press("k")
    expect(focused).to_have_text("c010000")


# The browser looks what is near when it comes to it, which may be never.
LOOK_NO_MORE = """(() => {
  const Watcher = window.IntersectionObserver;
  window.IntersectionObserver = class extends Watcher {
    constructor(seen, how) { super(found => { if (!window.looksNoMore) seen(found); }, how); }
  };
})()"""


def test_no_key_is_lost_at_rows_that_the_browser_did_not_come_to_draw(console: Console) -> None:
    LongList("users", 325, customer).serve(console)
    console.page.route(re.compile(r"/billing/balance/c\d+"), lambda route: route.abort())
    console.page.add_init_script(LOOK_NO_MORE)
    console.open("customers")
    expect(console.page.get_by_text("25 shown, there are more")).to_be_visible()
    read_on(console)
    expect(console.page.get_by_text("325 shown", exact=True)).to_be_visible()
    console.page.evaluate("scrollTo(0, 0)")
    expect(console.page.get_by_role("link", name="c000325")).to_be_in_viewport()
    expect(console.page.locator("tbody .gap").first).to_be_attached()
    console.page.evaluate("window.looksNoMore = true")
    focused = console.page.locator("tbody a:focus")

    for _ in range(150):
        console.page.keyboard.press("j")

    expect(focused).to_have_text("c000176")


def test_two_clicks_read_on_once(console: Console) -> None:
    LongList("users", 300, customer).serve(console)
    console.open("customers")

    console.button("Show more").dblclick()

    expect(console.page.get_by_text("125 shown, there are more")).to_be_visible()
    assert asked_twice(console, "users?") == []


def test_a_long_list_is_handed_over_whole_or_stopped(console: Console, api: Api) -> None:
    customer_id = api.customer()
    LongList(f"billing/ledger/{customer_id}", 5_000, entry).serve(console)
    console.open(f"customers/{customer_id}")
    held = console.hold("**/billing/ledger/*cursor=1500")
    console.button("CSV").click()
    held.wait()
    console.button("Stop (15 pages)").click()
    expect(console.button("CSV")).to_be_visible()
    assert pages_of_csv(console) == 16

    with console.page.expect_download() as download:
        console.button("CSV").click()

    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert (len(lines), len(set(lines))) == (5_001, 5_001)
    assert pages_of_csv(console) == 16 + 50


def test_five_hundred_rejected_lines_are_read_to_the_end(
    console: Console, api: Api, drop: Drop
) -> None:
    key = drop(*({"userId": f"nobody-{number}"} for number in range(500)))
    [file] = [each for each in api.get("/logs/files")["items"] if each["key"] == key]
    console.open(f"logs/{file['id']}")
    expect(console.page.get_by_text("100 shown, there are more")).to_be_visible()

    read_on(console)

    expect(console.page.get_by_text("500 shown", exact=True)).to_be_visible()
    assert asked_twice(console, f"logs/files/{file['id']}?") == []
    with console.page.expect_download() as download:
        console.button("CSV").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [str(n) for n in range(1, 501)]
