"""Run the functions in containers, on the local cloud: ``make sam-local`` and ``make invoke``."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tools.local_cloud import env_file
from tools.local_cloud.cloud import Plan, build_template, is_running, local_cloud
from tools.local_cloud.emulator import answers
from tools.local_cloud.env_file import ENV_FILE, KEY_VARIABLE
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.mine import hand_over, my_plan
from tools.local_cloud.ports import choose_port
from tools.local_cloud.progress import Progress
from tools.local_cloud.stopping import go_on_when_stopped, raise_when_stopped
from tools.local_cloud.welcome import welcome
from tools.sam_local.containers import Containers, containers, invoke, start_api
from tools.sam_local.engine import require_engine
from tools.sam_local.functions import payload

# Where `sam local start-api` listens by custom.
API_PORT = 3000
REMARK = "The first call of a function starts its container, which takes some seconds."


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; return 0 when it was done or stopped, 1 after a fault."""
    options = _parser().parse_args(arguments)
    # An answer of a function is all that the standard output shows.
    progress = Progress(output=sys.stderr)
    raise_when_stopped()
    try:
        if options.command == "start-api":
            return _serve(my_plan(), progress)
        return _invoke(my_plan(), options.function, options.event, progress)
    except LocalCloudError as fault:
        print(fault, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sam_local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("start-api", help="serve the HTTP API until Ctrl-C")
    one = commands.add_parser("invoke", help="invoke a function once")
    one.add_argument("function", help="the name of its folder, such as run_billing")
    one.add_argument("event", nargs="?", help="file with the payload, or else the one in events/")
    return parser


def _serve(plan: Plan, progress: Progress) -> int:
    with _ready(plan, progress) as (ready, key):
        progress.say("Starting the HTTP API (sam local start-api)")
        with start_api(ready, choose_port(API_PORT)) as api:
            progress.say("Ready")
            print(welcome(api.url, key, REMARK), flush=True)
            try:
                return api.process.wait()
            except KeyboardInterrupt:
                go_on_when_stopped()
                return 0


def _invoke(plan: Plan, function: str, event: str | None, progress: Progress) -> int:
    path = payload(plan.root, function, event)
    with _ready(plan, progress) as (ready, _):
        progress.say(f"Invoking {function} with {path} (sam local invoke)")
        return invoke(ready, function, path, captured=False).returncode


@contextmanager
def _ready(plan: Plan, progress: Progress) -> Iterator[tuple[Containers, str]]:
    """Yield what runs the functions, and the key to the local cloud."""
    require_engine()
    with _cloud(plan, progress) as variables:
        template = build_template(plan, progress)
        # The key is for callers; a function has no use for it.
        key = variables[KEY_VARIABLE]
        settings = {name: value for name, value in variables.items() if name != KEY_VARIABLE}
        with containers(
            template, settings, plan.workshop / "sam-local", plan.uv, progress
        ) as ready:
            yield ready, key


@contextmanager
def _cloud(plan: Plan, progress: Progress) -> Iterator[Mapping[str, str]]:
    """Yield the variables of the local cloud that runs, or else of one that runs meanwhile."""
    if is_running(plan):
        variables = env_file.read(ENV_FILE)
        if not answers(variables.get("AWS_ENDPOINT_URL", "")) or KEY_VARIABLE not in variables:
            raise LocalCloudError("The local cloud is not ready yet; try again when it says so.")
        yield variables
        return
    with local_cloud(plan, progress) as cloud:
        hand_over(cloud, progress)
        yield env_file.read(ENV_FILE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
