"""The browser that the console is tested in: the system's own Chromium."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")


def path() -> str | None:
    """Return where the browser is, or None where this machine has none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def lack() -> str | None:
    """Tell how to get a browser where there is none."""
    return None if path() else "it needs Chromium: apt-get install chromium"
