"""The state of the system in whole, and the keys: who has one, and taking one away."""

from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from billing.domain.api_keys import Scope
from tests.browser.console import Api, Console, new_id
from tests.support.polling import eventually
from tools.local_cloud.admin_key import create_key
from tools.local_cloud.cloud import LocalCloud

# What an authorizer found of a key is kept for a minute, and the machine may be slow.
REFUSED_SECONDS = 300.0


def test_runs_queues_and_what_was_given_up_are_told_in_whole(console: Console, api: Api) -> None:
    api.post("/jobs/process-billing")
    state = api.get("/system/status")
    console.open("system")

    rows = {
        name: console.page.get_by_role("region", name=name).get_by_role("row")
        for name in (
            "Runs",
            "Queues",
            "Dead letters",
        )
    }
    expect(rows["Runs"]).to_have_count(5)
    expect(rows["Queues"]).to_have_count(1 + len(state["queues"]))
    expect(rows["Dead letters"]).to_have_count(1 + len(state["deadLetters"]))
    for named in (*state["queues"], *state["deadLetters"]):
        # The console has words for every one of them.
        expect(console.page.get_by_role("cell", name=named["name"], exact=True)).to_have_count(0)
    expect(rows["Runs"].filter(has_text="Bill what is recorded")).to_contain_text(" s")
    expect(console.page.get_by_text(f"Version {state['version']}")).to_be_visible()


def test_a_key_is_taken_away_after_one_question(
    console: Console, cloud: LocalCloud, api: Api
) -> None:
    assert api
    name = new_id("web server")
    secret = create_key(cloud.endpoint_url, cloud.stack.settings, name, [Scope.BILLING_READ])
    console.open("system")
    keys = console.page.get_by_role("region", name="Keys").get_by_role("row")
    row = keys.filter(has=console.page.get_by_role("cell", name=name, exact=True))
    expect(row).to_contain_text("active")

    row.get_by_role("button", name="Revoke").click()
    expect(console.dialog()).to_contain_text(f"Revoke {name}")
    console.send()

    expect(row).to_contain_text("revoked")
    expect(row.get_by_role("button", name="Revoke")).to_have_count(0)
    headers = {"Authorization": f"Bearer {secret}"}
    eventually(
        lambda: httpx.get(f"{cloud.billing_url}/me", headers=headers, timeout=60.0).status_code,
        lambda status: status in {401, 403},
        seconds=REFUSED_SECONDS,
    )


def test_nobody_takes_away_the_key_that_they_sit_here_with(console: Console) -> None:
    console.open("system")
    keys = console.page.get_by_role("region", name="Keys").get_by_role("row")
    own = keys.filter(has_text="this one")

    expect(own).to_have_count(1)
    expect(own.get_by_role("button", name="Revoke")).to_have_count(0)


def test_who_may_not_see_the_keys_is_told_the_scope(
    new_console: Callable[..., Console], reader_key: str
) -> None:
    console = new_console(with_key=reader_key)
    console.open("system")

    expect(console.page.get_by_text("The list of keys needs the scope admin")).to_be_visible()
    assert [each.url for each in console.requests if "/keys" in each.url] == []
