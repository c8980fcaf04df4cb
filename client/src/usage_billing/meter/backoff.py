"""How long to wait before the next try."""

from collections.abc import Callable
from dataclasses import dataclass
from random import uniform

# Whatever a server asks for: an hour late is late enough.
RETRY_AFTER_SECONDS_MAX = 3600.0
_DOUBLINGS_MAX = 30


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from try to try, each cut by chance to between a half and the whole."""

    first_seconds: float = 0.5
    most_seconds: float = 60.0
    uniform: Callable[[float, float], float] = uniform

    def seconds(self, failures: int, retry_after_seconds: float = 0.0) -> float:
        """Return the wait after so many failures in a row, no less than the server asked for."""
        doubled = self.first_seconds * 2.0 ** min(max(failures, 1) - 1, _DOUBLINGS_MAX)
        jittered = min(self.most_seconds, doubled) * self.uniform(0.5, 1.0)
        return max(jittered, min(retry_after_seconds, RETRY_AFTER_SECONDS_MAX))
