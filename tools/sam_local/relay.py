"""The way from a container to a server that listens on this machine's loopback alone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

CHUNK_BYTES = 65_536

# A host and a port.
type Address = tuple[str, int]


class _Relay(ThreadingTCPServer):
    """A server of which every connection is passed on to one target."""

    # A container keeps its connections open, and the end of the relay must not wait for them.
    daemon_threads = True
    # Connections of a relay that ended a moment ago hinder no new one.
    allow_reuse_address = True

    def __init__(self, place: Address, target: Address) -> None:
        self.target = target
        super().__init__(place, _PassOn)


class _PassOn(BaseRequestHandler):
    server: _Relay

    def handle(self) -> None:
        """Copy both ways until both sides have said all they had to say."""
        with socket.create_connection(self.server.target) as onward:
            back = threading.Thread(target=_copy, args=(onward, self.request), daemon=True)
            back.start()
            _copy(self.request, onward)
            back.join()


@contextmanager
def relay(place: Address, target: Address) -> Iterator[None]:
    """Pass on what comes to one place to another one, for as long as the block lasts.

    Raises OSError when the place is taken, or is none of this machine.
    """
    with _Relay(place, target) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    # Either side may be gone at any time: a container that is stopped says no goodbye.
    with suppress(ConnectionError):
        while chunk := source.recv(CHUNK_BYTES):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
