"""Running the built template's functions in containers, by `sam local`."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import httpx

from tools.local_cloud.aws_environment import without_account
from tools.local_cloud.commands import end_group, wait_until_up
from tools.local_cloud.emulator import answers
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.ports import HOST
from tools.local_cloud.progress import Progress
from tools.sam_local.engine import bridge_address, remove_containers
from tools.sam_local.functions import logical_id
from tools.sam_local.image import runtime_image
from tools.sam_local.relay import relay

# Docker Desktop resolves it to the host, and passes it on to the host's loopback by itself.
DESKTOP_HOST = "host.docker.internal"
READY_SECONDS = 120.0
# Time enough to stop and remove a container of every function.
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Containers:
    """A built template, the image to run its functions in, and the environment of `sam local`.

    `sam local` fills the variables that the template declares from that environment.
    """

    template: Path
    image: str
    environment: Mapping[str, str]

    def command(self, verb: str, *arguments: str) -> list[str]:
        """Return a command line of `sam local`."""
        return [
            *(str(Path(sys.executable).with_name("sam")), "local", verb, *arguments),
            *("--template", str(self.template), "--region", self.environment["AWS_REGION"]),
            *("--invoke-image", self.image, "--skip-pull-image"),
        ]


@contextmanager
def containers(
    template: Path, variables: Mapping[str, str], workshop: Path, uv: str, progress: Progress
) -> Iterator[Containers]:
    """Make ready what the functions need to run in containers, for as long as the block lasts.

    ``variables`` are the environment of the local cloud: its address and the settings of its stack.
    Raises LocalCloudError when there is no image, or no way from a container to the local cloud.
    """
    workshop.mkdir(parents=True, exist_ok=True)
    with seen_from_a_container(variables["AWS_ENDPOINT_URL"]) as endpoint_url:
        yield Containers(
            template=template,
            image=runtime_image(endpoint_url, workshop, uv, progress),
            environment={**without_account(os.environ), **variables, "SAM_CLI_TELEMETRY": "0"},
        )


@dataclass(frozen=True)
class Api:
    """A running `sam local start-api`."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def start_api(ready: Containers, port: int, output: IO[bytes] | None = None) -> Iterator[Api]:
    """Run the HTTP API on warm containers for as long as the block lasts.

    What `sam local` and the functions say goes to the output, or to the terminal. Raises
    LocalCloudError when it does not answer.
    """
    process = subprocess.Popen(
        ready.command("start-api", "--port", str(port), "--warm-containers", "LAZY", "--no-watch"),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=dict(ready.environment),
        # In a session of its own, so that Ctrl-C reaches only us and we end it in good order.
        start_new_session=True,
    )
    api = Api(f"http://{HOST}:{port}", process)
    try:
        wait_until_up(
            process,
            lambda: _is_healthy(api.url),
            name="'sam local start-api'",
            log=None,
            seconds=READY_SECONDS,
        )
        yield api
    finally:
        end_group(process, grace_seconds=STOP_SECONDS)
        # It removes its containers itself, unless it was killed or fell.
        remove_containers(ready.image)


def invoke(
    ready: Containers, function: str, event: Path, *, captured: bool
) -> subprocess.CompletedProcess[str]:
    """Invoke a function, named by its folder, once with a payload.

    Its answer goes to the standard output; what it logs, and what `sam local` has to say, to the
    error output. Both are in the result if they are captured, else on the terminal.
    """
    return subprocess.run(
        ready.command("invoke", logical_id(function), "--event", str(event)),
        stdin=subprocess.DEVNULL,
        capture_output=captured,
        text=True,
        env=dict(ready.environment),
        check=False,
    )


@contextmanager
def seen_from_a_container(endpoint_url: str) -> Iterator[str]:
    """Yield the address by which a container reaches a server on this machine's loopback."""
    port = urlsplit(endpoint_url).port
    if port is None:
        raise LocalCloudError(f"{endpoint_url} names no port")
    with ExitStack() as stack:
        yield f"http://{_pass_on(port, stack)}:{port}"


def _pass_on(port: int, stack: ExitStack) -> str:
    """Pass on from the bridge, by the same port, and return the host that a container asks."""
    address = bridge_address()
    try:
        stack.enter_context(relay((address, port), (HOST, port)))
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            return DESKTOP_HOST
        # Another 'make sam-local' or 'make invoke' passes on to the same local cloud already.
        if error.errno != errno.EADDRINUSE or not answers(f"http://{address}:{port}"):
            raise LocalCloudError(f"Containers find no way to port {port}: {error}") from error
    return address


def _is_healthy(url: str) -> bool:
    """Return whether the API answers, out of a container."""
    try:
        answer = httpx.get(f"{url}/health", timeout=READY_SECONDS)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK
