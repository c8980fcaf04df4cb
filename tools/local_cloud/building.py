"""Building and deploying with SAM the one real template, but for what the emulator refuses."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tools.local_cloud.aws_environment import REGION, aws_variables, without_account
from tools.local_cloud.commands import run_quietly
from tools.local_cloud.progress import Progress
from tools.sam_template import read_source

ALARM = "AWS::CloudWatch::Alarm"
STACK_NAME = "usage-billing"
# In an account it is an hour, which nobody at a laptop waits for.
LOCAL_CLOSING_SCHEDULE = "rate(5 minutes)"

# Everything that decides what is deployed.
INPUTS = ("template.yaml", "detailed-alarms.yaml", "samconfig.toml", "functions", "layers")


def fingerprint(root: Path, inputs: Sequence[str] = INPUTS) -> str:
    """Return a hash of the files' names and contents, whatever their dates.

    What Python leaves beside the sources (__pycache__) does not count.
    """
    total = hashlib.sha256()
    for path in _files(root, inputs):
        name = path.relative_to(root).as_posix().encode()
        total.update(b"%d:%s" % (len(name), name))
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def build(root: Path, target: Path, wanted: str, progress: Progress) -> Path:
    """Return the built template, after building it unless the target holds the wanted build.

    ``wanted`` is the fingerprint of the inputs. Raises LocalCloudError with SAM's output.
    """
    template = target / "template.yaml"
    marker = target / "fingerprint"
    if marker.exists() and marker.read_text() == wanted and template.exists():
        return template
    progress.say("Building the functions and their layer (sam build)")
    # First, so that a build that is broken off is not taken for one that is whole.
    marker.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    run_quietly(
        [*_sam("build"), "--build-dir", str(target), "--cache-dir", str(target) + ".cache"],
        log=target.parent / "sam-build.log",
        environment={**layer_environment(os.environ), "SAM_CLI_TELEMETRY": "0"},
        directory=root,
        progress=progress,
    )
    marker.write_text(wanted)
    return template


def layer_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which layers/common/Makefile finds a Python that has pip: ours."""
    kept = without_account(environment)
    beside_us = str(Path(sys.executable).parent)
    return {**kept, "PATH": os.pathsep.join([beside_us, kept.get("PATH", os.defpath)])}


def deploy(root: Path, template: Path, endpoint_url: str, log: Path, progress: Progress) -> None:
    """Deploy the built template; raise LocalCloudError with SAM's output when that fails."""
    progress.say("Deploying template.yaml (sam deploy)")
    options = [
        *(
            "--template-file",
            str(for_the_emulator(template)),
            "--stack-name",
            STACK_NAME,
            "--region",
            REGION,
        ),
        *("--config-file", str(root / "samconfig.toml"), "--config-env", "default"),
        *("--no-confirm-changeset", "--no-progressbar"),
    ]
    run_quietly(
        [*_sam("deploy"), *options],
        log=log,
        environment={
            **without_account(os.environ),
            **aws_variables(endpoint_url),
            "SAM_CLI_TELEMETRY": "0",
            # The emulator is done in an instant; SAM's own pause is meant for a real account.
            "SAM_CLI_POLL_DELAY": "0.3",
        },
        directory=root,
        progress=progress,
    )


def for_the_emulator(template: Path) -> Path:
    """Write the template without the alarms on expressions, which MiniStack refuses, and with days
    closed each five minutes, for people to see; return where.

    It stands beside the built one, so that what both name by a path is the same.
    """
    source = read_source(template)
    source["Resources"] = {
        name: resource
        for name, resource in source["Resources"].items()
        if not (resource["Type"] == ALARM and "Metrics" in resource["Properties"])
    }
    source["Parameters"]["ClosingScheduleExpression"]["Default"] = LOCAL_CLOSING_SCHEDULE
    written = template.with_name("for-the-emulator.json")
    written.write_text(json.dumps(source), encoding="utf-8")
    return written


def _files(root: Path, inputs: Sequence[str]) -> Iterator[Path]:
    for name in inputs:
        path = root / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (each for each in found if each.is_file() and "__pycache__" not in each.parts)


def _sam(command: str) -> list[str]:
    return [str(Path(sys.executable).with_name("sam")), command]
