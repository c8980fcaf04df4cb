"""The local cloud, started once for all tests, on a port of its own and a state of its own.

Where workers share the tests, the process that starts them runs it, and tells each its address.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import httpx
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.local_cloud.billing import Billing
from tests.support.own_cloud import own_cloud
from tools.local_cloud.admin_key import admin_key
from tools.local_cloud.cloud import LocalCloud, attach
from tools.local_cloud.demo import load_demo
from tools.local_cloud.locks import FileLock

ROOT = Path(__file__).resolve().parents[2]
# A call that finds no process free starts one, and many at once start slowly on two cores.
REQUEST_SECONDS = 180.0

# Files whose tests share nothing with those of other files but the cloud. All others take turns:
# they bill everything at once, or look at who billed it.
SIDE_BY_SIDE = frozenset(
    {"test_callers", "test_contention", "test_dunning_workflow", "test_restart"}
)
TURNS = "turns"

# What a worker is told.
ENDPOINT_URL = "local_cloud_endpoint_url"

type Shared = tuple[LocalCloud, ExitStack]
SHARED = pytest.StashKey[Shared]()


def cloud_of_the_tests() -> AbstractContextManager[LocalCloud]:
    """Run the local cloud of these tests."""
    return own_cloud("test-cloud")


def lane(file: Path) -> str:
    """Name what a file's tests run in: one after the other, beside those of other lanes."""
    return file.stem if file.stem in SIDE_BY_SIDE else TURNS


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each lane to one worker.

    xdist's own `loadgroup` distributes by marks, which it no longer finds with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return lane(Path(nodeid.partition("::")[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    """Let xdist distribute by lanes."""
    return Lanes(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Run the cloud from before the first worker starts, and tell each where it is."""
    stash = node.config.stash
    if SHARED not in stash:
        stack = ExitStack()
        stash[SHARED] = stack.enter_context(cloud_of_the_tests()), stack
    cloud, _ = stash[SHARED]
    node.workerinput[ENDPOINT_URL] = cloud.endpoint_url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the cloud when the last worker has ended, however it did."""
    if SHARED in config.stash:
        _, stack = config.stash[SHARED]
        stack.close()


@pytest.fixture(autouse=True, scope="module")
def alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Notice when two workers were given tests of one lane."""
    lock = FileLock(ROOT / ".local" / "test-cloud" / f"{lane(request.path)}.lock")
    assert lock.acquire(), f"another worker runs tests of {lane(request.path)}"
    yield
    lock.close()


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[LocalCloud]:
    """Give the local cloud that the workers share, or else one of these tests alone."""
    told = getattr(request.config, "workerinput", None)
    if told is None:
        with cloud_of_the_tests() as cloud:
            yield cloud
    else:
        yield attach(told[ENDPOINT_URL])


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
