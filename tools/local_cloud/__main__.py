"""Run the whole system on this machine until Ctrl-C: ``make run``."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import httpx

from tools.local_cloud import env_file
from tools.local_cloud.admin_key import admin_key
from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.cloud import LocalCloud, Plan, local_cloud
from tools.local_cloud.demo import load_demo
from tools.local_cloud.errors import AlreadyRunningError, LocalCloudError
from tools.local_cloud.log_watch import LogWatch
from tools.local_cloud.progress import Progress
from tools.local_cloud.welcome import welcome

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
ENV_FILE = LOCAL / "env"
ENV_NAME = str(ENV_FILE.relative_to(ROOT))
KEY_VARIABLE = "BILLING_API_KEY"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCH_SECONDS = 1.0
# The first request to each function starts it, which takes a second or two.
REQUEST_SECONDS = 60.0


def main() -> int:
    """Run the local cloud; return 0 after a stop that was asked for, 1 after a fault."""
    progress = Progress()
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    plan = Plan(root=ROOT, workshop=LOCAL, home=LOCAL / "cloud", uv=uv)
    try:
        with local_cloud(plan, progress) as cloud:
            _serve(cloud, progress)
    except AlreadyRunningError as fault:
        print(f"{fault} Its address and key are in {ENV_NAME}.", file=sys.stderr)
        return 1
    except LocalCloudError as fault:
        print(fault, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before it was up.", file=sys.stderr)
    return 0


def _serve(cloud: LocalCloud, progress: Progress) -> None:
    """Get the cloud ready for its user, then show what it does until a signal comes."""
    try:
        key = _hand_over(cloud, progress)
        progress.say("Ready")
        print(welcome(cloud.billing_url, key, ENV_NAME), flush=True)
        _watch(cloud, progress)
    except KeyboardInterrupt:
        # A second Ctrl-C must not break off the stop that the first one asked for.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def _hand_over(cloud: LocalCloud, progress: Progress) -> str:
    """Make the key and the demo, write both into the env file, and return the key."""
    known = env_file.read(ENV_FILE).get(KEY_VARIABLE)
    key = admin_key(cloud.endpoint_url, cloud.stack.settings, known)
    # The file is written last: a key in it that is good tells that the demo is there as well.
    if key != known:
        progress.say("Loading the catalogue and two customers")
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(
            base_url=cloud.billing_url, headers=headers, timeout=REQUEST_SECONDS
        ) as client:
            load_demo(client)
    env_file.write(ENV_FILE, {**cloud.variables(), KEY_VARIABLE: key})
    return key


def _watch(cloud: LocalCloud, progress: Progress) -> None:
    """Show what the functions log, for ever; raise LocalCloudError when the emulator ends."""
    watch = LogWatch(
        aws_client("logs", cloud.endpoint_url), cloud.log_groups(), int(time.time() * 1000)
    )
    while True:
        cloud.emulator.check_alive()
        for line in watch.new_lines():
            progress.say(line)
        time.sleep(WATCH_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
