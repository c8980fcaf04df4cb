"""A browser, and a local cloud whose console it opens; every tab is watched to its end."""

import json
import os
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from billing.domain.api_keys import Scope
from tests.browser.console import Api, Console, Drop, new_id
from tests.browser.slowness import SLOWNESS
from tests.support.own_cloud import own_cloud
from tools import chromium
from tools.local_cloud.admin_key import admin_key, create_key
from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.cloud import LocalCloud
from tools.local_cloud.demo import load_demo

REQUEST_SECONDS = 180.0


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """Run the local cloud."""
    with own_cloud("browser-cloud") as cloud:
        yield cloud


@pytest.fixture(scope="session")
def key(cloud: LocalCloud) -> str:
    """Return the secret of an admin key."""
    return admin_key(cloud.endpoint_url, cloud.stack.settings, known=None)


@pytest.fixture(scope="session")
def reader_key(cloud: LocalCloud) -> str:
    """Return the secret of a key that may only read."""
    return create_key(cloud.endpoint_url, cloud.stack.settings, "reader", [Scope.BILLING_READ])


@pytest.fixture(scope="session")
def meter_key(cloud: LocalCloud) -> str:
    """Return the secret of a key that may only record usage."""
    return create_key(cloud.endpoint_url, cloud.stack.settings, "meter", [Scope.USAGE_WRITE])


@pytest.fixture(scope="session")
def api(cloud: LocalCloud, key: str) -> Iterator[Api]:
    """Return the API, after the demo was loaded."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=cloud.billing_url, headers=headers, timeout=REQUEST_SECONDS
    ) as client:
        load_demo(client)
        yield Api(client)


@pytest.fixture(scope="session")
def drop(cloud: LocalCloud, api: Api) -> Drop:
    """Put lines into the bucket of log files and have them read."""
    bucket = aws_client("s3", cloud.endpoint_url)

    def put(*lines: dict[str, object], key: str | None = None) -> str:
        name = key or f"incoming/{new_id('file')}.json"
        timed = [{"timestamp": "2026-01-31T09:00:00Z", **line} for line in lines]
        bucket.put_object(
            Bucket=cloud.stack.settings["LOGS_BUCKET"], Key=name, Body=json.dumps(timed)
        )
        api.post("/jobs/process-logs")
        return name

    return put


@pytest.fixture(scope="session")
def console_base(cloud: LocalCloud) -> Iterator[str]:
    """Return the address of the API as the browser knows it."""
    with SLOWNESS.before(cloud.billing_url) as base:
        yield base


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once; each test has a context of its own."""
    # Whoever is root has no sandbox to give it.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_console(
    browser: Browser, cloud: LocalCloud, console_base: str, key: str, api: Api
) -> Iterator[Callable[..., Console]]:
    """Make consoles in contexts as asked for; at the end, none did what it must not."""
    assert api
    made: list[Console] = []

    def make(with_key: str = key, **context: object) -> Console:
        settings = {"locale": "en-GB", "timezone_id": "Europe/Berlin", **context}
        opened = browser.new_context(**settings)  # type: ignore[arg-type]
        bucket_url = f"{cloud.endpoint_url}/{cloud.stack.settings['LOGS_BUCKET']}"
        made.append(Console(opened, console_base, with_key, bucket_url))
        return made[-1]

    yield make
    for console in made:
        console.context.close()
    assert [console.wrongs for console in made] == [[]] * len(made)


@pytest.fixture
def console(new_console: Callable[..., Console]) -> Console:
    """Return a console of the usual size, not opened yet."""
    return new_console()
