"""Log files are dropped on the console: sent to the bucket, read, and accounted for by line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from billing.domain.logfiles import FILE_BYTES_MAX
from tests.browser.console import Api, Console, new_id

LINE = {"userId": "acme", "service": "compute", "timestamp": "2026-01-31T09:00:00Z"}
MIB = 1024**2


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a log file with a line for each quantity."""

    def write(*quantities: int, name: str | None = None, user: str = "acme") -> Path:
        path = tmp_path / (name or f"{new_id('file')}.ndjson")
        lines = ({**LINE, "userId": user, "quantity": each} for each in quantities)
        path.write_text("\n".join(map(json.dumps, lines)))
        return path

    return write


def choose(console: Console, *paths: Path) -> None:
    """Press the button and choose files, as the system's dialog lets a person do."""
    with console.page.expect_file_chooser() as chooser:
        console.button("Choose files").click()
    chooser.value.set_files(paths)


def row(console: Console, name: str) -> Locator:
    """Find a file among those that are uploaded."""
    return console.page.get_by_label("Uploads").get_by_role("listitem").filter(has_text=name)


def read_now(console: Console) -> None:
    """Have what is in the bucket read."""
    console.ask("Read now")


def test_a_file_is_chosen_sent_and_read_and_its_bad_lines_are_told_with_reasons(
    console: Console, file: Callable[..., Path]
) -> None:
    path = file(3, 4, 0)
    console.open("logs")
    choose(console, path)
    sent = row(console, path.name)
    expect(sent).to_contain_text("In the bucket, not read yet")

    read_now(console)

    expect(sent.get_by_role("img")).to_have_attribute("aria-label", "2 accepted, 1 rejected")
    sent.get_by_role("link").click()
    problems = console.page.get_by_role("region", name="Lines that were not accepted")
    expect(problems).to_contain_text("quantity")
    with console.page.expect_download() as download:
        console.button("CSV").click()
    names, bad = download.value.path().read_text(encoding="utf-8").splitlines()
    assert names.startswith("line,outcome,reason")
    assert bad.startswith("3,rejected,")


def test_several_files_are_dropped_at_once_and_each_is_told(console: Console, api: Api) -> None:
    customer_id = api.customer(mode="postpaid")
    names = [f"{new_id('drop')}.json" for _ in range(5)]
    line = {**LINE, "userId": customer_id, "quantity": 1}
    console.open("logs")

    console.drop_files(**{name: json.dumps([line]) for name in names})

    expect(console.page.get_by_text("5 of 5 sent")).to_be_visible()
    read_now(console)
    for name in names:
        expect(row(console, name).get_by_role("link")).to_have_text("1 accepted")
    assert len(api.get(f"/logs/user/{customer_id}")["items"]) == 5


def test_what_cannot_be_sent_is_refused_before_a_byte_of_it_is_sent(
    console: Console, tmp_path: Path
) -> None:
    large, empty = tmp_path / "large.json", tmp_path / "empty.json"
    empty.touch()
    with large.open("wb") as sparse:
        sparse.truncate(FILE_BYTES_MAX + 1)
    console.open("logs")

    choose(console, large, empty)

    expect(row(console, "large.json").get_by_role("alert")).to_contain_text(
        "It has 1,073,741,825 bytes; the bucket takes at most 1,073,741,824 (1 GiB) in a file."
    )
    expect(row(console, "empty.json").get_by_role("alert")).to_have_text("It is empty.")
    console.settle()
    assert not [each for each in console.requests if each.url.startswith(console.bucket_url)]


def test_a_broken_connection_is_told_and_tried_again(
    console: Console, file: Callable[..., Path]
) -> None:
    path = file(1)
    console.open("logs")
    console.page.route(f"{console.bucket_url}*", lambda route: route.abort(), times=1)
    choose(console, path)
    problem = row(console, path.name).get_by_role("alert")
    expect(problem).to_contain_text("The file did not arrive")

    problem.get_by_role("button", name="Try again").click()

    expect(row(console, path.name)).to_contain_text("In the bucket, not read yet")


def test_a_refusal_of_the_bucket_is_told_in_its_words(
    console: Console, file: Callable[..., Path]
) -> None:
    path = file(1)
    console.open("logs")

    def for_another_file(route: Route) -> None:
        form = route.fetch().json()
        form["fields"]["key"] = "elsewhere/file.json"
        route.fulfill(status=201, json=form)

    console.page.route("**/logs/uploads", for_another_file, times=1)
    choose(console, path)

    problem = row(console, path.name).get_by_role("alert")
    expect(problem).to_contain_text("The bucket refused the file")
    expect(problem).to_contain_text("AccessDenied")
    expect(problem.get_by_role("button", name="Try again")).to_be_enabled()


def test_the_name_of_a_file_that_is_there_asks_which_of_the_two_is_meant(
    console: Console, api: Api, file: Callable[..., Path]
) -> None:
    customer_id = api.customer(mode="postpaid")
    path = file(1, 2, name=f"{new_id('usage')} (1).json", user=customer_id)
    console.open("logs")
    choose(console, path)
    first = row(console, path.name)
    expect(first).to_contain_text(path.name.replace(" (1)", "-1-"))
    expect(first).to_contain_text("In the bucket")
    read_now(console)
    expect(first.get_by_role("link")).to_have_text("2 accepted")

    path.write_text(json.dumps([{**LINE, "userId": customer_id, "quantity": 7}]))
    choose(console, path)
    second = row(console, path.name).nth(1)
    expect(second).to_contain_text("There is a file of this name")
    second.get_by_role("button", name="It is another file").click()
    expect(second).to_contain_text("In the bucket")
    read_now(console)

    expect(second.get_by_role("link")).to_have_text("1 accepted")
    units = [each["units"] for each in api.get(f"/logs/user/{customer_id}")["items"]]
    assert sorted(units) == [1, 2, 7]


def test_the_same_file_sent_again_bills_nothing_twice(
    console: Console, api: Api, file: Callable[..., Path]
) -> None:
    customer_id = api.customer(mode="postpaid")
    path = file(1, 2, user=customer_id)
    console.open("logs")
    choose(console, path)
    expect(row(console, path.name)).to_contain_text("In the bucket")
    read_now(console)
    expect(row(console, path.name).get_by_role("link")).to_have_text("2 accepted")

    file(1, 2, 3, name=path.name, user=customer_id)
    choose(console, path)
    second = row(console, path.name).nth(1)
    second.get_by_role("button", name="It is the same file").click()
    expect(second).to_contain_text("In the bucket again")
    read_now(console)

    expect(second.get_by_role("link")).to_have_text("1 accepted, 2 duplicate")
    assert len(api.get(f"/logs/user/{customer_id}")["items"]) == 3


# How often the page looks while it waits for something.
POLL_MILLISECONDS = 5000


def test_the_very_file_that_was_read_is_told_at_once_and_waited_for_no_more(
    console: Console, api: Api, file: Callable[..., Path]
) -> None:
    customer_id = api.customer(mode="postpaid")
    path = file(1, 2, user=customer_id)
    console.page.clock.install()
    console.open("logs")
    choose(console, path)
    expect(row(console, path.name)).to_contain_text("In the bucket")
    with console.page.expect_request("**/logs/files?*"):
        console.page.clock.run_for(POLL_MILLISECONDS)
    read_now(console)
    first = row(console, path.name).first.get_by_role("link")
    expect(first).to_have_text("2 accepted")

    choose(console, path)
    second = row(console, path.name).nth(1)
    second.get_by_role("button", name="It is the same file").click()

    expect(second).to_contain_text("This very file was read already")
    link = second.get_by_role("link", name="2 accepted")
    assert link.get_attribute("href") == first.get_attribute("href")
    expect(console.page.get_by_text("2 of 2 sent")).to_be_visible()
    asked = len(list_requests(console))
    console.page.clock.run_for(4 * POLL_MILLISECONDS)
    # Whatever the page asked meanwhile was asked before this.
    assert console.page.evaluate("fetch('health').then((answer) => answer.status)") == 200
    assert len(list_requests(console)) == asked


def list_requests(console: Console) -> list[str]:
    """Return what was asked of the list of files."""
    return [each.url for each in console.requests if "/logs/files?" in each.url]


def test_an_upload_shows_how_far_it_is_goes_on_elsewhere_and_warns_who_leaves(
    console: Console, tmp_path: Path
) -> None:
    path = tmp_path / f"{new_id('slow')}.ndjson"
    path.write_text(f"{json.dumps({**LINE, 'quantity': 1})}\n{' ' * 3 * MIB}")
    console.open("logs")
    slow = console.context.new_cdp_session(console.page)
    slow.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": MIB / 2})

    choose(console, path)
    progress = row(console, path.name).get_by_role("progressbar")
    expect(progress).to_be_visible()
    console.page.wait_for_function("() => 0 < document.querySelector('progress').position")
    console.go("products")
    expect(console.heading("Products")).to_be_visible()
    with console.page.expect_event("dialog") as warning:
        console.page.close(run_before_unload=True)
    assert warning.value.type == "beforeunload"
    warning.value.dismiss()
    console.go("logs")
    expect(progress).to_be_visible()
    slow.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})

    expect(row(console, path.name)).to_contain_text("In the bucket")


def test_an_upload_is_stopped_and_its_place_goes_to_the_next(
    console: Console, file: Callable[..., Path]
) -> None:
    console.open("logs")
    held = console.hold(f"{console.bucket_url}*", times=2)
    paths = [file(1), file(1), file(1)]
    choose(console, *paths)
    held.wait()
    expect(console.page.get_by_role("progressbar")).to_have_count(2)
    expect(row(console, paths[2].name)).to_contain_text("Waits for its turn")

    console.button(f"Stop {paths[0].name}").click()

    expect(row(console, paths[2].name)).to_contain_text("In the bucket")
    expect(row(console, paths[0].name)).to_have_count(0)


def test_files_are_chosen_by_keys_alone(console: Console, file: Callable[..., Path]) -> None:
    path = file(1)
    # Listened to from the beginning, because a key is pressed sooner than a browser learns of it.
    console.page.on("filechooser", lambda chooser: chooser.set_files(path))
    console.open("logs")
    expect(console.heading("Log files")).to_be_focused()
    keys = console.page.keyboard
    keys.press("Tab")
    expect(console.button("Read now")).to_be_focused()
    keys.press("Tab")
    expect(console.button("Choose files")).to_be_focused()

    keys.press("Enter")

    expect(row(console, path.name)).to_contain_text("In the bucket")


def test_who_may_only_read_sends_no_file(
    new_console: Callable[..., Console], reader_key: str
) -> None:
    console = new_console(with_key=reader_key)
    console.open("logs")
    button = console.page.get_by_role("button", name="Choose files needs usage:write")
    expect(button).to_be_disabled()

    console.drop_files(**{"usage.json": "[]"})
    console.settle()

    expect(console.page.get_by_label("Uploads")).to_have_count(0)
    assert console.sent("POST", "logs/uploads") == []


def test_who_may_only_record_usage_sends_files_without_seeing_any(
    new_console: Callable[..., Console], meter_key: str, file: Callable[..., Path]
) -> None:
    path = file(1)
    console = new_console(with_key=meter_key)
    console.open("logs")
    expect(console.page.get_by_role("alert")).to_contain_text("scope_missing")

    choose(console, path)

    expect(row(console, path.name)).to_contain_text("In the bucket")


def test_a_page_of_another_origin_than_the_bucket_sends_it_files(
    new_console: Callable[..., Console], file: Callable[..., Path]
) -> None:
    console = new_console()
    console.base = console.base.replace("127.0.0.1", "localhost")
    path = file(1)
    console.open("logs")

    choose(console, path)

    expect(row(console, path.name)).to_contain_text("In the bucket")
    policy = console.page.request.get(f"{console.base}/console").headers["content-security-policy"]
    assert "connect-src 'self' http://127.0.0.1:" in policy
