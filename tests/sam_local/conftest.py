"""The functions in containers over one local cloud, started once for all tests."""

import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.local_cloud.billing import Billing
from tests.sam_local.deployed import Deployed, stop_schedules
from tests.sam_local.invoking import Invoker
from tools.local_cloud.admin_key import admin_key
from tools.local_cloud.cloud import LocalCloud, Plan, build_template, local_cloud
from tools.local_cloud.mine import my_plan
from tools.local_cloud.ports import choose_port
from tools.local_cloud.progress import Progress
from tools.sam_local.containers import Api, Containers, containers, start_api

# Not the usual ones, so that the tests run beside a 'make run' and a 'make sam-local'. The first
# one is always the same if it can be, because the image of the containers names it.
CLOUD_PORT = 4576
API_PORT = 3010
# The first request to a function builds its image and starts its container.
REQUEST_SECONDS = 180.0


@pytest.fixture(scope="session")
def plan() -> Plan:
    """Return where the local cloud of these tests keeps its things."""
    mine = my_plan()
    return Plan(mine.root, mine.workshop, mine.workshop / "sam-local-cloud", mine.uv, CLOUD_PORT)


@pytest.fixture(scope="session")
def cloud(plan: Plan) -> Iterator[LocalCloud]:
    """Start the local cloud from nothing, where nothing happens that no test asks for."""
    plan.saved.unlink(missing_ok=True)
    # Whoever ends the tests ends the emulator and the containers with them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with local_cloud(plan, Progress()) as cloud:
        stop_schedules(cloud)
        yield cloud


@pytest.fixture(scope="session")
def functions(plan: Plan, cloud: LocalCloud) -> Iterator[Containers]:
    """Make the built functions ready to run in containers."""
    progress = Progress()
    template = build_template(plan, progress)
    with containers(
        template, cloud.variables(), plan.workshop / "sam-local", plan.uv, progress
    ) as ready:
        yield ready


@pytest.fixture(scope="session")
def api(plan: Plan, functions: Containers) -> Iterator[Api]:
    """Serve the HTTP API from containers that stay warm."""
    log = plan.home / "start-api.log"
    with log.open("wb") as output, start_api(functions, choose_port(API_PORT), output) as api:
        yield api


@pytest.fixture(scope="session")
def deployed(cloud: LocalCloud) -> Deployed:
    """Return the tables and the bucket that the functions work on."""
    return Deployed(cloud.endpoint_url, cloud.stack.settings)


@pytest.fixture(scope="session")
def anyone(api: Api) -> Iterator[httpx.Client]:
    """Return a client without a key."""
    with httpx.Client(base_url=api.url, timeout=REQUEST_SECONDS) as client:
        yield client


@pytest.fixture(scope="session")
def admin_secret(cloud: LocalCloud) -> str:
    """Return the secret of an admin key."""
    return admin_key(cloud.endpoint_url, cloud.stack.settings, known=None)


@pytest.fixture(scope="session")
def billing(api: Api, admin_secret: str) -> Iterator[Billing]:
    """Return the API with an admin key."""
    headers = {"Authorization": f"Bearer {admin_secret}"}
    with httpx.Client(base_url=api.url, headers=headers, timeout=REQUEST_SECONDS) as client:
        yield Billing(client)


@pytest.fixture(scope="session")
def invoke(functions: Containers, tmp_path_factory: pytest.TempPathFactory) -> Invoker:
    """Return what invokes a function once."""
    return Invoker(functions, tmp_path_factory.mktemp("payloads"))
