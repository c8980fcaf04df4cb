"""The local cloud of the person at the terminal: one for each clone, kept under ``.local``."""

import os
import shutil

from ops.patience import patient_client
from tools.local_cloud import env_file
from tools.local_cloud.admin_key import admin_key
from tools.local_cloud.cloud import LocalCloud, Plan
from tools.local_cloud.demo import load_demo
from tools.local_cloud.env_file import ENV_FILE, KEY_VARIABLE, ROOT
from tools.local_cloud.progress import Progress

LOCAL = ROOT / ".local"


def my_plan() -> Plan:
    """Return where this clone's local cloud keeps its things."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    return Plan(root=ROOT, workshop=LOCAL, home=LOCAL / "cloud", uv=uv)


def hand_over(cloud: LocalCloud, progress: Progress) -> str:
    """Make the key and the demo, write both into the env file, and return the key."""
    known = env_file.read(ENV_FILE).get(KEY_VARIABLE)
    key = admin_key(cloud.endpoint_url, cloud.stack.settings, known)
    # The file is written last: a key in it that is good tells that the demo is there as well.
    if key != known:
        progress.say("Loading the catalogue and two customers")
        with patient_client(cloud.billing_url, key) as client:
            load_demo(client)
    env_file.write(ENV_FILE, {**cloud.variables(), KEY_VARIABLE: key})
    return key
