"""Locks on files that the system gives back when their holder dies, whatever it died of."""

import fcntl
import os
import time
from pathlib import Path

POLL_SECONDS = 0.2


class FileLock:
    """An exclusive lock whose file can tell the process id of the holder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock and return True, or return False when someone else holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def wait(self, seconds: float) -> bool:
        """Take the lock as soon as it is free; return False when that takes too long."""
        deadline = time.monotonic() + seconds
        while not self.acquire():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def descriptor(self) -> int:
        """Return the open file that holds the lock; a child that inherits it holds it too."""
        if self._descriptor is None:
            raise RuntimeError(f"{self.path} is not locked")
        return self._descriptor

    def write_holder(self, pid: int | None) -> None:
        """Write into the file who holds the lock; None where that is not known yet."""
        os.ftruncate(self.descriptor(), 0)
        if pid is not None:
            os.pwrite(self.descriptor(), f"{pid}\n".encode(), 0)

    def read_holder(self) -> int | None:
        """Return the process id in the file, or None when there is none."""
        text = self.path.read_text().strip() if self.path.exists() else ""
        return int(text) if text.isdigit() else None

    def close(self) -> None:
        """Close our side; the lock is free when no process that inherited it lives."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
