"""The first page: how it goes, what needs somebody and what to do about it, and where to begin."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from playwright.sync_api import Locator, Route, expect

from tests.browser.console import Api, Console, Drop, new_id
from tests.browser.test_looks import grave_findings
from tests.support.polling import eventually

# A retry after a second, on a machine that is busy.
RETRIES_SECONDS = 300.0

NOBODY = {"count": 0, "more": False}
NONE_WRONG = {"items": [], "more": False}
NOT_RUN: dict[str, object] = {"running": False, "startedAt": None, "endedAt": None, "counts": {}}
EMPTY: dict[str, object] = {"items": [], "days": [], "cursor": None}


def tell(console: Console, api: Api, **changes: object) -> None:
    """Have the state of the system be as it is, but for some changes."""
    state = {**api.get("/system/status"), **changes}
    console.page.route("**/system/status", lambda route: route.fulfill(json=state))


def given_up(api: Api, **messages: int) -> list[dict[str, object]]:
    """Return the dead letters with some messages, by the names of their queues."""
    letters = api.get("/system/status")["deadLetters"]
    return [{**each, "messages": messages.get(each["name"], 0)} for each in letters]


def job(console: Console, name: str) -> Locator:
    """Find a job by its name."""
    return console.page.locator(".jobs li").filter(has_text=name)


def need(console: Console, title: str) -> Locator:
    """Find a kind of things that need somebody."""
    heading = console.page.get_by_role("heading", name=title, level=3)
    return console.page.locator(".need").filter(has=heading)


def test_what_was_charged_today_stands_there_once_days_are_closed(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(mode="postpaid")
    usage = {"customerId": customer_id, "productId": "compute", "units": 30}
    api.post("/billing/usage", {"id": "e1", **usage})
    api.post("/billing", {"userId": customer_id, "amountCents": 250, "description": "Seat"})
    api.post("/jobs/process-billing")
    console.open()
    job(console, "Close days").get_by_role("button", name="Run now").click()
    console.send()
    expect(job(console, "Close days").get_by_role("status")).to_contain_text("added")

    today = datetime.now(UTC).date().isoformat()
    [day] = api.get(f"/reports/days?from={today}&to={today}")["days"]
    cents = -(day["usageCents"] + day["chargesCents"])
    assert cents >= 550
    expect(console.tile("Charged today (UTC)")).to_have_text(f"{cents / 100:,.2f}")
    expect(console.page.locator(".plot canvas")).to_be_visible()
    console.page.get_by_text("The figures as a table").click()
    figures = console.page.get_by_role("region", name="Amount a day and product")
    for product in ("compute", "charges by hand"):
        expect(figures.get_by_role("row").filter(has_text=product).first).to_contain_text(today)


def test_each_job_tells_when_it_was_last_done_and_what_it_did(console: Console, api: Api) -> None:
    api.post("/jobs/process-all")
    console.open()

    for name in ("Bill what is recorded", "Charge what is owed", "Close days", "Read log files"):
        expect(job(console, name).locator(".last time")).to_be_visible()
    expect(console.tile("Last billing run").locator("time")).to_be_visible()


def test_a_new_system_tells_where_to_begin(console: Console, api: Api) -> None:
    runs = [{**NOT_RUN, "job": each["job"]} for each in api.get("/system/status")["runs"]]
    tell(
        console,
        api,
        runs=runs,
        customers=NOBODY,
        suspended=NOBODY,
        retrying=NOBODY,
        failed=NOBODY,
        imbalances=NONE_WRONG,
    )
    for path in ("**/reports/days?*", "**/logs/files?*"):
        console.page.route(path, lambda route: route.fulfill(json=EMPTY))
    console.open()

    expect(console.tile("Charged today (UTC)")).to_have_text("0.00")
    expect(console.tile("Proof")).to_have_text("not yet")
    expect(console.tile("Last billing run")).to_have_text("not yet")
    expect(console.page.get_by_text("Nothing was added up yet")).to_be_visible()
    expect(console.page.get_by_text("Not run yet")).to_have_count(4)
    console.page.get_by_text("Make your first").get_by_role("link", name="customer").click()
    expect(console.heading("Customers")).to_be_visible()


def test_where_nothing_needs_anybody_it_says_what_was_looked_at(console: Console, api: Api) -> None:
    tell(console, api, failed=NOBODY, imbalances=NONE_WRONG, deadLetters=given_up(api))
    files = [{**LOG_FILE, "id": str(number)} for number in range(25)]
    answer = {"items": files, "cursor": "more"}
    console.page.route("**/logs/files?*", lambda route: route.fulfill(json=answer))
    console.open()

    expect(console.page.get_by_text("All is well")).to_be_visible()
    expect(console.page.get_by_text("the newest 25 log files")).to_be_visible()


LOG_FILE = {
    "key": "incoming/a.json",
    "state": "done",
    "lines": 3,
    "accepted": 3,
    "duplicate": 0,
    "conflict": 0,
    "rejected": 0,
    "foundAt": "2026-01-31T09:00:00.000000Z",
}


def test_a_file_with_lines_that_are_not_billed_stands_there(console: Console, drop: Drop) -> None:
    key = drop({"userId": new_id("late"), "service": "compute", "quantity": 3})
    console.open()

    files = console.page.get_by_role("region", name="Log files with lines that are not billed")
    files.get_by_role("link", name=key.removeprefix("incoming/")).click()

    expect(console.heading(key)).to_be_visible()
    expect(console.button("Read again")).to_be_visible()


def test_a_charge_that_is_given_up_moves_to_what_needs_somebody_by_itself(
    console: Console, api: Api
) -> None:
    customer_id = api.customer(retrySchedule=[1])
    charge = {"userId": customer_id, "amountCents": 700, "description": "Seat"}
    failed_record = eventually(
        partial(api.get, f"/billing/{api.post('/billing', charge)['id']}"),
        lambda record: record["status"] == "failed",
        seconds=RETRIES_SECONDS,
    )
    before = {**failed_record, "status": "retrying", "nextAttemptAt": failed_record["failedAt"]}
    tell(console, api, retrying={"count": 1, "more": False}, failed=NOBODY)
    answer = {"items": [before], "cursor": None}
    console.page.route("**/billing?status=retrying&*", lambda route: route.fulfill(json=answer))
    console.open()
    retried, failed = (
        console.page.get_by_role("region", name=name)
        .get_by_role("row")
        .filter(has_text=customer_id)
        for name in ("Charges being retried", "Failed charges")
    )
    expect(retried).to_contain_text("7.00")

    console.page.unroute_all()

    expect(failed).to_contain_text("7.00")
    expect(retried).to_have_count(0)


def test_a_ledger_that_does_not_add_up_leads_to_its_customer(console: Console, api: Api) -> None:
    fault = "the hash of entry 2 is not that of its content"
    wrong = {"customerId": "globex", "fault": fault, "foundAt": "2026-01-31T09:00:00.000000Z"}
    tell(console, api, imbalances={"items": [wrong], "more": True})
    console.open()

    expect(console.tile("Proof")).to_have_text("1+ not adding up")
    block = need(console, "1+ ledgers do not add up")
    expect(block).to_contain_text(fault)
    block.get_by_role("link", name="globex").click()
    expect(console.heading("Globex")).to_be_visible()


def test_a_message_that_was_given_up_is_explained_and_tried_again(
    console: Console, api: Api
) -> None:
    tell(console, api, deadLetters=given_up(api, settle=2, closing=1))
    console.open()

    block = need(console, "3 messages were given up")
    settle = block.get_by_role("listitem").filter(has_text="A tab or a customer")
    expect(settle).to_contain_text("2 times")
    expect(settle).to_contain_text("every billing run tries it again")
    settle.get_by_role("button", name="Try now").click()
    console.send()

    expect(console.dialog()).to_have_count(0)
    assert len(console.sent("POST", "jobs/process-billing")) == 1


def test_without_the_state_of_the_system_the_jobs_can_still_be_done(console: Console) -> None:
    told = {"title": "Unavailable", "detail": "Try again", "code": "unavailable"}
    answer = {"status": 503, "content_type": "application/problem+json", "json": told}
    console.page.route("**/system/status", lambda route: route.fulfill(**answer))
    console.open()

    expect(console.page.get_by_role("alert")).to_contain_text("unavailable")
    expect(job(console, "Close days").get_by_role("button", name="Run now")).to_be_enabled()


def test_the_figures_are_drawn_after_eight_requests(console: Console) -> None:
    asked: list[int] = []

    def count(route: Route) -> None:
        answer = route.fetch()
        asked.append(len(console.requests))
        route.fulfill(response=answer)

    console.page.route("**/system/status", count)
    console.open()

    expect(console.tile("Customers")).to_have_text(re.compile(r"^\d"))
    assert 0 < asked[0] <= 8


def test_an_overview_full_of_trouble_keeps_nobody_out(
    new_console: Callable[..., Console], api: Api
) -> None:
    wrong = {"customerId": "globex", "fault": "entry 2 is missing", "foundAt": LOG_FILE["foundAt"]}
    files = {"items": [{**LOG_FILE, "id": "a", "accepted": 1, "rejected": 2}], "cursor": None}
    for scheme in ("light", "dark"):
        console = new_console(color_scheme=scheme, viewport={"width": 360, "height": 900})
        letters = given_up(api, **{"settle": 2, "run-billing": 1, "closing": 1, "ingest-logs": 1})
        tell(console, api, imbalances={"items": [wrong], "more": False}, deadLetters=letters)
        console.page.route("**/logs/files?*", lambda route: route.fulfill(json=files))
        console.open()
        expect(need(console, "5 messages were given up")).to_be_visible()
        expect(need(console, "1 log file has lines")).to_be_visible()
        console.settle()

        assert console.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert grave_findings(console) == []
