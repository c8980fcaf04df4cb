"""The container engine, spoken to by its own command line."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, ip_network

from tools.local_cloud.errors import LocalCloudError

HOW_TO_GET_ONE = (
    "Install Docker (Debian: apt install docker.io) and start it; 'docker info' tells whether it "
    "answers."
)


def missing_engine() -> str | None:
    """Return why there is no container engine to work with, or None when there is one."""
    try:
        answer = _docker(["version", "--format", "{{.Server.Version}}"])
    except FileNotFoundError:
        return f"there is no 'docker' command. {HOW_TO_GET_ONE}"
    if answer.returncode != 0:
        return f"no Docker engine answers. {HOW_TO_GET_ONE}"
    return None


def require_engine() -> None:
    """Raise LocalCloudError when there is no container engine to work with."""
    if (reason := missing_engine()) is not None:
        raise LocalCloudError(f"Functions cannot run in containers: {reason}")


def has_image(name: str) -> bool:
    """Return whether the engine has the image already."""
    return _docker(["image", "inspect", name]).returncode == 0


def bridge_address() -> str:
    """Return the address at which containers on the default network see their host."""
    found = _docker(["network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"])
    found.check_returncode()
    return gateway(json.loads(found.stdout))


def gateway(subnets: Sequence[Mapping[str, str]]) -> str:
    """Return the host's own address in the first IPv4 subnet of a network's description.

    Engines leave it out where it is the subnet's first address, as it is by default.
    """
    for subnet in subnets:
        network = ip_network(subnet["Subnet"])
        if isinstance(network, IPv4Network):
            return subnet.get("Gateway") or str(network[1])
    raise LocalCloudError("The engine's default network has no IPv4 subnet")


def remove_containers(image: str) -> None:
    """Remove the containers of an image and of the images that were built on it."""
    found = _docker(["ps", "--all", "--quiet", "--filter", f"ancestor={image}"])
    found.check_returncode()
    if found.stdout.strip():
        _docker(["rm", "--force", *found.stdout.split()]).check_returncode()


def _docker(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
