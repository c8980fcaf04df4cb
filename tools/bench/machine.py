"""On what machine the figures were measured, in words that name no place."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path


def describe_machine(*, rounds: int, repeats: int) -> str:
    """Tell processor, Python, how busy it was, and how often everything was measured."""
    busy, *_ = os.getloadavg()
    return (
        f"{os.cpu_count()} cores of {_processor()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}; at the end of the run "
        f"the machine had {busy:.1f} things to do at once. Starts: {rounds} rounds; work: "
        f"{repeats} processes each"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "an unknown processor"
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found.group(1) if found else platform.machine()
