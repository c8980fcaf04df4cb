"""Have a log file read once more, on request: what was rejected may be accepted by now."""

from billing.domain.errors import LogFileInProgressError
from billing.domain.logfiles import FileState, LogFile
from billing.domain.times import Clock
from billing.services.find_logs import LogFileQueue
from billing.services.read_logs import get_log_file
from billing.storage.logfiles import FileLostError
from billing.storage.stores import Stores


def reread_log_file(file_id: str, *, queue: LogFileQueue, stores: Stores, clock: Clock) -> LogFile:
    """Hand a file out to be read from its first line; one that waits for that is as it is.

    Raises LogFileNotFoundError, LogFileInProgressError while the file is being read, and
    UnavailableError, after which the next run hands the file out.
    """
    file = _waiting(file_id, stores=stores, clock=clock)
    queue.send([file.id])
    return file


def _waiting(file_id: str, *, stores: Stores, clock: Clock) -> LogFile:
    file = get_log_file(file_id, stores=stores)
    if file.finished:
        try:
            return stores.log_files.change(file, file.read_again(now=clock()))
        except FileLostError:
            # Somebody else asked for the same, or something new lies under its key.
            file = get_log_file(file_id, stores=stores)
    if file.state is not FileState.FOUND:
        raise LogFileInProgressError(file_id)
    return file
