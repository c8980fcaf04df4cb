"""Choosing the port of the local cloud."""

import random
import socket

# The port that AWS emulators use by custom.
DEFAULT_PORT = 4566
HOST = "127.0.0.1"
# Below those that systems give to connections, any of which may get the port that was just chosen.
OTHER_PORTS = range(10_240, 32_768)


def choose_port(preferred: int) -> int:
    """Return the preferred port, or another one when that one is taken."""
    return preferred if is_free(preferred) else any_free_port()


def is_free(port: int) -> bool:
    """Return whether a server could listen on the port of this machine now."""
    with socket.socket() as probe:
        # A server that stopped a moment ago leaves connections behind that hinder no new one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """Return a port that nobody listens on, nor is likely to before its server does."""
    ports = iter(lambda: random.choice(OTHER_PORTS), None)  # noqa: S311  It is no secret.
    return next(filter(is_free, ports))
