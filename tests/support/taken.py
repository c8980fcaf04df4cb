"""Making a port taken, for as long as a test needs it so."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def take(host: str, port: int) -> Iterator[None]:
    """Listen on the port, unless another program does already."""
    try:
        server = socket.create_server((host, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        yield
        return
    with server:
        yield
