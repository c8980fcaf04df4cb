"""Ask the API again where it could not answer just now, so that no tool gives up at once.

A store that throttles, a container that starts and a gateway that gave up are over in seconds.
Every request of these tools may be sent again, and comes to the same: it reads, asks for a job,
makes what it names itself, or has an `Idempotency-Key`.
"""

import time
from collections.abc import Callable

import httpx

# 503 says that nothing doubles; a gateway's own 502, 503 and 504 say nothing, and 429 to wait.
PASSING = frozenset({429, 502, 503, 504})

TRIES_MAX = 5
WAIT_SECONDS = 1.0
WAIT_SECONDS_MAX = 30.0

# A request ends after 29 seconds; a cold start comes before it.
REQUEST_SECONDS = 60.0


def patient_client(
    url: str,
    key: str,
    *,
    inner: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> httpx.Client:
    """Make a client of the API that asks again, for requests that may be sent again."""
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {key}"},
        timeout=REQUEST_SECONDS,
        transport=PatientTransport(inner or httpx.HTTPTransport(), sleep=sleep),
    )


class PatientTransport(httpx.BaseTransport):
    """Sends a request up to `TRIES_MAX` times, until the answer is one that will not pass."""

    def __init__(
        self, inner: httpx.BaseTransport, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Send by another transport."""
        self._inner = inner
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; returns the last answer where each one passes by itself."""
        for waits in range(TRIES_MAX - 1):
            answer = self._inner.handle_request(request)
            if answer.status_code not in PASSING:
                return answer
            answer.close()
            self._sleep(_wait_seconds(answer, waits))
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close what it sends by."""
        self._inner.close()


def _wait_seconds(answer: httpx.Response, waits: int) -> float:
    """Tell how long to wait: as the answer asks, within bounds, or longer each time."""
    asked = answer.headers.get("Retry-After", "")
    seconds = float(asked) if asked.isdecimal() else WAIT_SECONDS * 2.0**waits
    return min(seconds, WAIT_SECONDS_MAX)
