"""What lies between a container and the local cloud, without a container."""

import errno
import io
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from tests.support.lambdas import FUNCTIONS, ROOT
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.ports import HOST, choose_port
from tools.local_cloud.progress import Progress
from tools.sam_local import image
from tools.sam_local.containers import Containers, seen_from_a_container
from tools.sam_local.engine import gateway, missing_engine
from tools.sam_local.functions import function_names, logical_id, payload
from tools.sam_local.image import AMAZON_IMAGE, runtime_image, stand_in_image
from tools.sam_local.relay import Address, relay
from tools.sam_template import read_source

LARGE = b"x" * 1_000_000
# An address that is set aside for documents.
NOT_HERE = "192.0.2.1"


class _Echo(StreamRequestHandler):
    """Says everything again, once the other side has said all it had to say."""

    def handle(self) -> None:
        self.wfile.write(self.rfile.read())


@pytest.fixture
def echo() -> Iterator[Address]:
    """Run a server of which every answer is what was said."""
    with ThreadingTCPServer((HOST, 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield (HOST, server.server_address[1])
        server.shutdown()
        thread.join()


@pytest.fixture
def place(echo: Address) -> Address:
    """Return a place that is free."""
    return (HOST, choose_port(echo[1]))


def say(place: Address, words: bytes) -> bytes:
    """Send bytes, and return what comes back."""
    with socket.create_connection(place, timeout=300) as connection:
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_what_is_said_to_the_relay_reaches_the_server_and_its_answer_comes_back(
    echo: Address, place: Address
) -> None:
    with relay(place, echo):
        assert say(place, b"balance?") == b"balance?"
        assert say(place, LARGE) == LARGE
    with pytest.raises(ConnectionRefusedError):
        say(place, b"anyone?")


def test_a_caller_that_hangs_up_stops_nobody_else(echo: Address, place: Address) -> None:
    with relay(place, echo):
        with socket.create_connection(place) as impatient:
            impatient.sendall(b"never mind")
        assert say(place, b"balance?") == b"balance?"


def test_the_relay_tells_a_taken_place_from_one_that_is_not_on_this_machine(
    echo: Address,
) -> None:
    with pytest.raises(OSError, match=rf"Errno {errno.EADDRINUSE}") as taken, relay(echo, echo):
        pass
    assert taken.value.errno == errno.EADDRINUSE
    with pytest.raises(OSError, match="Errno") as elsewhere, relay((NOT_HERE, 4566), echo):
        pass
    assert elsewhere.value.errno == errno.EADDRNOTAVAIL


def test_the_host_has_the_address_that_the_engine_tells_or_else_the_first_of_the_subnet() -> None:
    assert gateway([{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.9"}]) == "172.17.0.9"
    assert gateway([{"Subnet": "172.17.0.0/16"}]) == "172.17.0.1"
    assert gateway([{"Subnet": "fd00::/64"}, {"Subnet": "10.1.0.0/24"}]) == "10.1.0.1"
    with pytest.raises(LocalCloudError, match="no IPv4 subnet"):
        gateway([])


def test_a_container_asks_the_bridge_which_passes_on_by_the_same_port(
    monkeypatch: pytest.MonkeyPatch, echo: Address
) -> None:
    # Another address of the loopback plays the bridge.
    monkeypatch.setattr("tools.sam_local.containers.bridge_address", lambda: "127.0.0.2")
    with seen_from_a_container(f"http://{HOST}:{echo[1]}") as url:
        assert url == f"http://127.0.0.2:{echo[1]}"
        assert say(("127.0.0.2", echo[1]), b"balance?") == b"balance?"


def test_where_the_bridge_is_not_on_this_machine_docker_desktop_passes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tools.sam_local.containers.bridge_address", lambda: NOT_HERE)
    with seen_from_a_container(f"http://{HOST}:4566") as url:
        assert url == "http://host.docker.internal:4566"


def test_a_stranger_at_the_place_of_the_relay_is_no_local_cloud(
    monkeypatch: pytest.MonkeyPatch, echo: Address
) -> None:
    monkeypatch.setattr("tools.sam_local.containers.bridge_address", lambda: HOST)
    with (
        pytest.raises(LocalCloudError, match=f"find no way to port {echo[1]}"),
        seen_from_a_container(f"http://{HOST}:{echo[1]}"),
    ):
        pass


def test_without_the_docker_command_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = missing_engine()
    assert reason is not None
    assert "there is no 'docker' command" in reason
    assert "apt install docker.io" in reason


def test_an_engine_that_does_not_answer_is_told_from_a_missing_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = tmp_path / "docker"
    command.write_text("#!/bin/sh\nexit 1\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = missing_engine()
    assert reason is not None
    assert "no Docker engine answers" in reason


# Says what it is asked to do, has the images that a file lists, and pulls only if it may.
DOCKER = """#!/bin/sh
echo "$*" >> "$ENGINE/asked"
case "$1" in
image) grep -qx "$3" "$ENGINE/images" ;;
pull) test -e "$ENGINE/online" && echo "$2" >> "$ENGINE/images" ;;
build) cp "$4/Dockerfile" "$ENGINE/built" && echo "$3" >> "$ENGINE/images" ;;
esac
"""


@dataclass(frozen=True)
class Engine:
    """A command that plays the engine, and the image that was made with it."""

    directory: Path

    def image(self) -> str:
        """Return the image that functions are to run in."""
        progress = Progress(output=io.StringIO())
        return runtime_image("http://172.17.0.1:4566", self.directory, "uv", progress)

    def have(self, image: str) -> None:
        """Let the engine have an image."""
        with (self.directory / "images").open("a") as images:
            print(image, file=images)

    @property
    def asked(self) -> list[str]:
        """Return the verbs that the engine was asked for."""
        return [line.split()[0] for line in (self.directory / "asked").read_text().splitlines()]

    @property
    def built(self) -> str:
        """Return the recipe of the image that was built last."""
        return (self.directory / "built").read_text()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Put the command before the real one, if there is one."""
    command = tmp_path / "docker"
    command.write_text(DOCKER)
    command.chmod(0o755)
    (tmp_path / "images").touch()
    monkeypatch.setenv("ENGINE", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return Engine(tmp_path)


def test_amazons_image_is_used_where_a_registry_can_be_reached(engine: Engine) -> None:
    (engine.directory / "online").touch()
    name = engine.image()
    assert engine.built == f"FROM {AMAZON_IMAGE}\nENV AWS_ENDPOINT_URL=http://172.17.0.1:4566\n"
    assert engine.image() == name
    assert engine.asked.count("pull") == 1
    assert engine.asked.count("build") == 1


def test_a_stand_in_that_was_made_is_used_again_where_no_registry_answers(engine: Engine) -> None:
    engine.have(stand_in_image())
    engine.image()
    assert engine.built.startswith(f"FROM {stand_in_image()}\n")
    assert "pull" in engine.asked


def test_where_neither_can_be_had_it_says_why(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "SCRIPT", engine.directory / "broken.sh")
    (engine.directory / "broken.sh").write_text("#!/bin/sh\necho debootstrap is missing\nexit 1\n")
    (engine.directory / "broken.sh").chmod(0o755)
    with pytest.raises(LocalCloudError, match="debootstrap is missing"):
        engine.image()


def test_every_function_has_its_name_in_the_template_and_its_payload() -> None:
    names = function_names(ROOT)
    assert names == FUNCTIONS
    in_template = {
        logical
        for logical, resource in read_source()["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert {logical_id(name) for name in names} == in_template
    for name in names:
        assert json.loads(payload(ROOT, name, None).read_text())


def test_a_function_or_a_payload_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="no function 'nothing'; there are attempt_charge, "):
        payload(ROOT, "nothing", None)
    with pytest.raises(LocalCloudError, match="no payload"):
        payload(ROOT, "usage", str(tmp_path / "missing.json"))
    mine = tmp_path / "mine.json"
    mine.write_text("{}")
    assert payload(ROOT, "usage", str(mine)) == mine


def test_sam_local_never_pulls_and_is_given_the_image_that_knows_the_local_cloud() -> None:
    ready = Containers(Path("built/template.yaml"), AMAZON_IMAGE, {"AWS_REGION": "us-east-1"})
    words = ready.command("invoke", "UsageFunction")[1:]
    assert words[:3] == ["local", "invoke", "UsageFunction"]
    assert "--skip-pull-image" in words
    assert words[words.index("--invoke-image") + 1] == AMAZON_IMAGE
    assert words[words.index("--template") + 1] == "built/template.yaml"
