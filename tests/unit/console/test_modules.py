"""The console's pure modules, run by node: money, times, addresses, prices, bars, graphs, names."""

import os
import subprocess
from pathlib import Path

from tools.java_and_npm import program

HERE = Path(__file__).parent


def test_what_is_said_of_them_holds() -> None:
    files = sorted(map(str, HERE.glob("*.test.mjs")))
    told = subprocess.run(
        [program("node"), "--no-warnings", "--test", *files],
        env={**os.environ, "LC_ALL": "en_GB.UTF-8", "TZ": "Europe/Berlin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(files) == 7
    assert told.returncode == 0, told.stdout + told.stderr
