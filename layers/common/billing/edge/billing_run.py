"""Waiting for a billing run that is at work, before another is started by hand."""

from collections.abc import Callable

from billing.domain.errors import RunInProgressError
from billing.services.run_billing import RunReport

# A run takes about a second as a rule: whoever starts one by hand rather waits than asks again.
WAITS_MAX = 5
WAIT_SECONDS = 1.0


def run_when_free(run: Callable[[], RunReport], *, sleep: Callable[[float], None]) -> RunReport:
    """Run as soon as no other run is at work.

    Raises RunInProgressError when one still is after `WAITS_MAX` waits of `WAIT_SECONDS`.
    """
    for _ in range(WAITS_MAX):
        try:
            return run()
        except RunInProgressError:
            sleep(WAIT_SECONDS)
    return run()
