"""The image that the functions run in: Amazon's, or a stand-in, told where the local cloud is."""

import hashlib
import math
import os
from pathlib import Path

from tools.local_cloud.building import fingerprint
from tools.local_cloud.commands import run_quietly
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.progress import Progress
from tools.sam_local.engine import has_image

AMAZON_IMAGE = "public.ecr.aws/lambda/python:3.13-x86_64"
STAND_IN = "usage-billing/lambda-python-stand-in"
RUNTIME = "usage-billing/lambda-python"
HERE = Path(__file__).parent
SCRIPT = HERE / "stand_in.sh"
# What decides what the stand-in consists of.
RECIPE = ("stand_in.sh", "requirements.txt")
TAG_CHARACTERS = 12
# A pull that stalls says nothing, and never ends.
PULL_SECONDS = 900.0


def runtime_image(endpoint_url: str, workshop: Path, uv: str, progress: Progress) -> str:
    """Return the name of an image in which every AWS client speaks to the endpoint.

    `sam local` hands a function only those variables that the template declares, and the template
    is the one that is deployed: so the image itself says where the AWS services are. Raises
    LocalCloudError when no image can be had.
    """
    base = _base_image(workshop, uv, progress)
    recipe = f"FROM {base}\nENV AWS_ENDPOINT_URL={endpoint_url}\n"
    name = f"{RUNTIME}:{hashlib.sha256(recipe.encode()).hexdigest()[:TAG_CHARACTERS]}"
    if not has_image(name):
        directory = workshop / "runtime-image"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "Dockerfile").write_text(recipe)
        _run(["docker", "build", "--tag", name, str(directory)], workshop, uv, progress)
    return name


def stand_in_image() -> str:
    """Return the name of the stand-in as its recipe makes it today."""
    return f"{STAND_IN}:{fingerprint(HERE, RECIPE)[:TAG_CHARACTERS]}"


def _base_image(workshop: Path, uv: str, progress: Progress) -> str:
    """Return Amazon's image where its registry can be reached or was once, else the stand-in."""
    if has_image(AMAZON_IMAGE):
        return AMAZON_IMAGE
    progress.say("Pulling Amazon's image of Python 3.13")
    try:
        _run(["docker", "pull", AMAZON_IMAGE], workshop, uv, progress, PULL_SECONDS)
    except LocalCloudError as unreachable:
        stand_in = stand_in_image()
        if not has_image(stand_in):
            progress.say(f"It cannot be pulled: {str(unreachable).splitlines()[-1].strip()}")
            progress.say("Making a stand-in for it out of Debian's packages, this once")
            _run([str(SCRIPT), stand_in, str(workshop / "stand-in")], workshop, uv, progress)
        return stand_in
    return AMAZON_IMAGE


def _run(
    command: list[str], workshop: Path, uv: str, progress: Progress, seconds: float = math.inf
) -> None:
    run_quietly(
        command,
        log=workshop / "image.log",
        environment={**os.environ, "UV": uv},
        directory=workshop,
        progress=progress,
        seconds=seconds,
    )
