"""Run the whole system on this machine until Ctrl-C: ``make run``."""

import sys
import time

from tools.local_cloud.aws_environment import aws_client
from tools.local_cloud.cloud import OwnCloud, local_cloud
from tools.local_cloud.env_file import ENV_NAME
from tools.local_cloud.errors import AlreadyRunningError, LocalCloudError
from tools.local_cloud.log_watch import LogWatch, rest_seconds
from tools.local_cloud.mine import hand_over, my_plan
from tools.local_cloud.progress import Progress
from tools.local_cloud.stopping import go_on_when_stopped, raise_when_stopped
from tools.local_cloud.welcome import welcome


def main() -> int:
    """Run the local cloud; return 0 after a stop that was asked for, 1 after a fault."""
    progress = Progress()
    raise_when_stopped()
    try:
        with local_cloud(my_plan(), progress) as cloud:
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


def _serve(cloud: OwnCloud, progress: Progress) -> None:
    """Get the cloud ready for its user, then show what it does until a signal comes."""
    try:
        key = hand_over(cloud, progress)
        progress.say("Ready")
        remark = f"Both are in {ENV_NAME} too; other programs can source it."
        print(welcome(cloud.billing_url, key, remark), flush=True)
        _watch(cloud, progress)
    except KeyboardInterrupt:
        go_on_when_stopped()


def _watch(cloud: OwnCloud, progress: Progress) -> None:
    """Show what the functions log, for ever; raise LocalCloudError when the emulator ends."""
    watch = LogWatch(
        aws_client("logs", cloud.endpoint_url), cloud.log_groups(), int(time.time() * 1000)
    )
    while True:
        cloud.emulator.check_alive()
        began = time.monotonic()
        for line in watch.new_lines():
            progress.say(line)
        time.sleep(rest_seconds(time.monotonic() - began))


if __name__ == "__main__":
    sys.exit(main())
