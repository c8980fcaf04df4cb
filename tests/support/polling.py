"""Waiting for what happens by itself: asked again and again until a deadline."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.25


def eventually[Answer](
    probe: Callable[[], Answer], until: Callable[[Answer], bool], *, seconds: float
) -> Answer:
    """Return the first answer of the probe that satisfies ``until``.

    Raises AssertionError with the last answer when none did within the seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if until(answer):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:.0f} s; the last answer was {answer}")
        time.sleep(POLL_SECONDS)
