"""A server in front of another one that is late with each request and each answer."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from time import sleep
from urllib.parse import urlsplit

HOST = "127.0.0.1"
REQUEST_SECONDS = 180.0
# What is about a connection, which is another one on each side.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Lateness:
    """Draws how late each request and each answer is; from the same seed the same again."""

    seconds: float
    seed: str
    times: Counter[str] = field(default_factory=Counter)

    def of(self, request: str) -> tuple[float, float]:
        """Return the seconds before a request arrives, and those before its answer leaves."""
        self.times[request] += 1
        chance = Random(f"{self.seed} {request} {self.times[request]}")  # noqa: S311  no secret
        both, there = chance.uniform(0, self.seconds), chance.random()
        return both * there, both * (1 - there)


class _LateServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, lateness: Lateness, behind: str) -> None:
        self.lateness = lateness
        self.behind = behind
        super().__init__((HOST, 0), _LateHandler)


class _LateHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _LateServer

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        before, after = self.server.lateness.of(f"{self.command} {self.path}")
        sleep(before)
        connection = HTTPConnection(self.server.behind, timeout=REQUEST_SECONDS)
        headers = {**self.headers, "Host": self.server.behind}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        sleep(after)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OF_A_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815


@contextmanager
def late_answers(url: str, lateness: Lateness) -> Iterator[str]:
    """Give the address at which what a URL answers comes late."""
    place = urlsplit(url)
    with _LateServer(lateness, place.netloc) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{server.server_port}{place.path}"
        server.shutdown()
