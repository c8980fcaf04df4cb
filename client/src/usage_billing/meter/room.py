"""Whether a disk has room left for a spool to be emptied in."""

import shutil
from pathlib import Path

# Emptying a spool takes room before it gives any: SQLite moves up to 1,000 pages from its log into
# the file, and a batch of 1,000 events may be written anew, to be tried later. A spool that took
# the last byte of its disk could never be emptied.
ROOM_BYTES = 8 * 1024**2


def has_room(folder: Path) -> bool:
    """Tell whether the disk of a folder has that room; so it has where the system cannot tell."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return True
    return usage.total == 0 or usage.free >= ROOM_BYTES
