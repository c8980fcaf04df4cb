"""The local cloud, started once for all tests, on a port of its own and a state of its own."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.local_cloud.billing import Billing
from tests.local_cloud.taken import take
from tools.local_cloud.admin_key import admin_key
from tools.local_cloud.cloud import LocalCloud, Plan, local_cloud
from tools.local_cloud.demo import load_demo
from tools.local_cloud.ports import DEFAULT_PORT, HOST
from tools.local_cloud.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
# A call that finds no process free starts one, and sixteen at once start slowly on two cores.
REQUEST_SECONDS = 180.0


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """Start the local cloud as ``make run`` does, from nothing, while its usual port is taken."""
    plan = Plan(
        root=ROOT,
        workshop=ROOT / ".local",
        home=ROOT / ".local" / "test-cloud",
        uv=os.environ.get("UV") or shutil.which("uv") or "uv",
    )
    plan.saved.unlink(missing_ok=True)
    # Whoever ends the tests ends the emulator with them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        stack.enter_context(take(HOST, DEFAULT_PORT))
        yield stack.enter_context(local_cloud(plan, Progress()))


@pytest.fixture(scope="session")
def api_key(cloud: LocalCloud) -> str:
    """Return the secret of an admin key."""
    return admin_key(cloud.endpoint_url, cloud.stack.settings, known=None)


@pytest.fixture(scope="session")
def anyone(cloud: LocalCloud) -> Iterator[httpx.Client]:
    """Return a client without a key."""
    with httpx.Client(base_url=cloud.billing_url, timeout=REQUEST_SECONDS) as client:
        yield client


@pytest.fixture(scope="session")
def billing(cloud: LocalCloud, api_key: str) -> Iterator[Billing]:
    """Return the API with an admin key, after the demo was loaded."""
    headers = {"Authorization": f"Bearer {api_key}"}
    with httpx.Client(
        base_url=cloud.billing_url, headers=headers, timeout=REQUEST_SECONDS
    ) as client:
        load_demo(client)
        yield Billing(client)
