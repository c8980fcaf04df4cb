"""The local cloud from start to stop: one emulator with the one real template deployed on it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from botocore.exceptions import ClientError

from tools.local_cloud import emulator
from tools.local_cloud.aws_environment import aws_variables
from tools.local_cloud.building import STACK_NAME, build, deploy, fingerprint
from tools.local_cloud.emulator import Emulator, EmulatorFiles
from tools.local_cloud.errors import AlreadyRunningError, LocalCloudError
from tools.local_cloud.locks import FileLock
from tools.local_cloud.ports import DEFAULT_PORT, choose_port, is_free
from tools.local_cloud.progress import Progress
from tools.local_cloud.stack import Stack, connect_http_api, read_stack

# Counts the forms in which things were stored, of which a version reads one. In form 1 a tab had
# the names of its lines in full, in form 2 no months, and in form 3 queues the port of their run.
STORED_FORM = 4
# A first build on a slow network; another run that builds at the same time is waited for.
WORKSHOP_WAIT_SECONDS = 600.0
FUNCTION_LOGS = "/aws/lambda/"
# The first request starts the function.
HEALTH_SECONDS = 300.0
# Other programs may take a port after it was found free.
PORTS_MAX = 5


@dataclass(frozen=True)
class Plan:
    """Where the local cloud finds its sources, where it keeps its things, and its port.

    ``workshop`` holds what can be shared and made again (the emulator's installation, the build);
    ``home`` belongs to one local cloud: its state, its log, its locks.
    """

    root: Path
    workshop: Path
    home: Path
    uv: str
    preferred_port: int = DEFAULT_PORT

    @property
    def files(self) -> EmulatorFiles:
        """Return where the emulator keeps what it writes."""
        return EmulatorFiles(self.home)

    @property
    def lock(self) -> FileLock:
        """Return the lock that whoever runs it holds."""
        return FileLock(self.home / "run.lock")

    @property
    def build(self) -> Path:
        """Return where the built template is."""
        return self.workshop / "build"

    @property
    def saved(self) -> Path:
        """Return the file that vouches for the state on disk: the fingerprint deployed in it.

        A state of another form has another one, or none of its name.
        """
        return self.home / f"saved-{STORED_FORM}"

    @property
    def up(self) -> Path:
        """Return the file that tells what is deployed on the emulator while all of it is up."""
        return self.home / f"up-{STORED_FORM}"


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud, whoever runs it: the address of its AWS services, and its stack."""

    endpoint_url: str
    stack: Stack

    @property
    def port(self) -> int | None:
        """Return the port at which it answers."""
        return urlsplit(self.endpoint_url).port

    @property
    def billing_url(self) -> str:
        """Return the address of the billing API."""
        return f"{self.endpoint_url}/_aws/execute-api/{self.stack.api_id}"

    def variables(self) -> dict[str, str]:
        """Return the environment of programs that use the local cloud, save the API key."""
        return {
            "BILLING_URL": self.billing_url,
            **aws_variables(self.endpoint_url),
            **self.stack.settings,
        }

    def log_groups(self) -> dict[str, str]:
        """Return the log groups of the functions, each with its function's name."""
        groups = self.stack.resources["AWS::Logs::LogGroup"].values()
        return {
            group: group.removeprefix(f"{FUNCTION_LOGS}{STACK_NAME}-")
            for group in groups
            if group.startswith(FUNCTION_LOGS)
        }


@dataclass(frozen=True)
class OwnCloud(LocalCloud):
    """A local cloud that this process runs."""

    emulator: Emulator


@contextmanager
def local_cloud(plan: Plan, progress: Progress) -> Iterator[OwnCloud]:
    """Run the local cloud for as long as the block lasts, then stop it and keep its state.

    Raises AlreadyRunningError when another process runs it in the same home, and LocalCloudError
    when it cannot be started.
    """
    lock = plan.lock
    if not lock.acquire():
        raise AlreadyRunningError(f"It is running already, as process {lock.read_holder()}.")
    try:
        _clear_up(plan, lock, progress)
        wanted = fingerprint(plan.root)
        cloud = _bring_up(plan, wanted, progress)
        plan.up.write_text(wanted)
        try:
            yield cloud
        finally:
            _stop(plan, cloud.emulator, wanted, progress)
    finally:
        lock.write_holder(None)
        lock.close()


def attach(endpoint_url: str) -> LocalCloud:
    """Return the local cloud that another process runs at the address."""
    return LocalCloud(endpoint_url, read_stack(endpoint_url))


def is_running(plan: Plan) -> bool:
    """Return whether a process runs the local cloud in this home now."""
    lock = plan.lock
    free = lock.acquire()
    lock.close()
    return not free


def build_template(plan: Plan, progress: Progress) -> Path:
    """Return the template as built from the sources of this moment."""
    with _workshop(plan):
        return build(plan.root, plan.build, fingerprint(plan.root), progress)


def _clear_up(plan: Plan, lock: FileLock, progress: Progress) -> None:
    """End what a run that was killed left behind, and write down that this one runs."""
    if lock.read_holder() is not None:
        kept = plan.up.exists() and _keep_what_was_done(plan, progress)
        progress.say(f"The last run was killed: what it did is {'kept' if kept else 'lost'}")
    emulator.kill_orphan(plan.files)
    plan.up.unlink(missing_ok=True)
    lock.write_holder(os.getpid())


def _keep_what_was_done(plan: Plan, progress: Progress) -> bool:
    """Have the emulator of a run that was killed write its state; return whether it is whole."""
    deployed = plan.up.read_text()
    if emulator.has_orphan(plan.files):
        progress.say("Stopping MiniStack, which the last run left behind")
        _vouch_for_none(plan)
    if not emulator.stop_orphan(plan.files):
        return False
    plan.saved.write_text(deployed)
    return True


@dataclass(frozen=True)
class _Prepared:
    """The emulator's program, the built template, and the fingerprint of what it was built of."""

    program: Path
    template: Path
    fingerprint: str


def _bring_up(plan: Plan, wanted: str, progress: Progress) -> OwnCloud:
    """Start on the state of the last clean stop, or else from nothing."""
    with _workshop(plan):
        prepared = _Prepared(
            emulator.install(plan.workshop / "ministack", uv=plan.uv, progress=progress),
            build(plan.root, plan.build, wanted, progress),
            wanted,
        )
        if plan.saved.exists():
            try:
                return _start(plan, prepared, plan.saved.read_text(), progress)
            except (LocalCloudError, ClientError, httpx.HTTPError) as fault:
                progress.say(f"The state of the last run cannot be used: {fault}")
        _forget(plan, progress)
        return _start(plan, prepared, None, progress)


def _start(plan: Plan, prepared: _Prepared, deployed: str | None, progress: Progress) -> OwnCloud:
    """Start the emulator; deploy unless what is deployed in its state is what is wanted."""
    progress.say("Starting MiniStack" + (" with the state of the last run" if deployed else ""))
    running = _start_emulator(plan, prepared.program, progress)
    try:
        if deployed != prepared.fingerprint:
            _deploy(plan, prepared.template, running.endpoint_url, progress)
        url = running.endpoint_url
        cloud = OwnCloud(url, read_stack(url), running)
        _check_health(cloud)
    except BaseException:
        running.kill()
        raise
    return cloud


def _start_emulator(plan: Plan, program: Path, progress: Progress) -> Emulator:
    """Start the emulator at a port that is free, and at another one where that was taken since."""
    for _ in range(PORTS_MAX):
        port = choose_port(plan.preferred_port)
        if port != plan.preferred_port:
            progress.say(f"Port {plan.preferred_port} is taken, so it is port {port} this time")
        try:
            return emulator.start(program, plan.files, port)
        except LocalCloudError:
            if is_free(port):
                raise
    raise LocalCloudError(f"Each of {PORTS_MAX} ports was taken as soon as it was chosen")


def _deploy(plan: Plan, template: Path, endpoint_url: str, progress: Progress) -> None:
    deploy(plan.root, template, endpoint_url, plan.home / "sam-deploy.log", progress)
    count = connect_http_api(endpoint_url)
    progress.say(f"Connected the {count} routes of the HTTP API")


def _check_health(cloud: LocalCloud) -> None:
    httpx.get(f"{cloud.billing_url}/health", timeout=HEALTH_SECONDS).raise_for_status()


def _stop(plan: Plan, running: Emulator, deployed: str, progress: Progress) -> None:
    """Stop the emulator, and vouch for its state only if it was written whole."""
    progress.say("Stopping MiniStack, which writes its state")
    _vouch_for_none(plan)
    if running.stop():
        plan.saved.write_text(deployed)
        progress.say("Stopped")
    else:
        progress.say("MiniStack did not stop in good order: the next run starts from nothing")
    plan.up.unlink(missing_ok=True)


def _forget(plan: Plan, progress: Progress) -> None:
    """Remove the state that cannot be used, if there is any."""
    _vouch_for_none(plan)
    if plan.files.state.exists():
        progress.say("Starting from nothing: the last run left no state that is whole and is read")
        shutil.rmtree(plan.files.state)


def _vouch_for_none(plan: Plan) -> None:
    """Remove what vouches for the state, also for one that another version reads."""
    for vouching in plan.home.glob("saved*"):
        vouching.unlink()


@contextmanager
def _workshop(plan: Plan) -> Iterator[None]:
    lock = FileLock(plan.workshop / "workshop.lock")
    if not lock.wait(WORKSHOP_WAIT_SECONDS):
        raise LocalCloudError("Another run builds or deploys without coming to an end")
    try:
        yield
    finally:
        lock.close()
