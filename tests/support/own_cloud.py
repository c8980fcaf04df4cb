"""A local cloud for the tests of one suite: from nothing, on a port and a state of its own."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.taken import take
from tools.local_cloud.cloud import LocalCloud, Plan, local_cloud
from tools.local_cloud.ports import DEFAULT_PORT, HOST
from tools.local_cloud.progress import Progress

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def own_cloud(home: str) -> Iterator[LocalCloud]:
    """Run the local cloud as ``make run`` does, while its usual port is taken."""
    plan = Plan(
        root=ROOT,
        workshop=ROOT / ".local",
        home=ROOT / ".local" / home,
        uv=os.environ.get("UV") or shutil.which("uv") or "uv",
    )
    plan.saved.unlink(missing_ok=True)
    plan.up.unlink(missing_ok=True)
    # Whoever ends the tests ends the emulator with them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with take(HOST, DEFAULT_PORT), local_cloud(plan, Progress()) as cloud:
        yield cloud
