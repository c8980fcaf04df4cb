"""A server that answers each connection as it is told: late, cut off, with garbage, or well."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# Bytes are sent, and None hangs up without a word.
type Behaviour = bytes | None


@dataclass
class Misbehaving:
    """Where it listens, and the requests that came, each as it was sent."""

    url: str
    requests: list[bytes] = field(default_factory=list)


def answer(
    status: int, body: bytes = b"{}", *headers: str, media: str = "application/json"
) -> bytes:
    """Write a whole answer of HTTP, after which the connection is closed."""
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {media}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def misbehaving(behaviours: Sequence[Behaviour]) -> Iterator[Misbehaving]:
    """Serve one connection after the other, each with the next behaviour; then refuse."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Misbehaving(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(
            target=_serve, args=(listener, behaviours, server.requests), daemon=True
        )
        thread.start()
        try:
            yield server
        finally:
            with suppress(OSError):  # It has closed by itself where all behaviours were shown.
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, behaviours: Sequence[Behaviour], requests: list[bytes]) -> None:
    for behaviour in behaviours:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # The test ended before it came to this behaviour.
        with connection:
            requests.append(_request(connection))
            if behaviour is not None:
                connection.sendall(behaviour)
    listener.close()


def _request(connection: socket.socket) -> bytes:
    """Read one request to its end."""
    with connection.makefile("rb") as stream:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return head
            head += line
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.lower().splitlines()
                if line.startswith(b"content-length:")
            ),
            0,
        )
        return head + stream.read(length)
