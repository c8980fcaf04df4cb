"""How slow the browser calculates and how late it is answered: what no quiet machine shows."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.late_answers import Lateness, late_answers


@dataclass(frozen=True)
class Slowness:
    """How many times slower the browser is, and how many seconds late answers are at most."""

    cpu_rate: float
    late_seconds: float
    seed: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Slowness":
        """Read what is asked for; nothing is slow by itself."""
        return cls(
            cpu_rate=float(environment.get("BROWSER_CPU_RATE", "1")),
            late_seconds=float(environment.get("BROWSER_LATE_SECONDS", "0")),
            seed=environment.get("BROWSER_SEED", "1"),
        )

    def slow_down(self, page: Page) -> None:
        """Have the browser calculate slowly in a page."""
        if self.cpu_rate > 1:
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": self.cpu_rate})

    @contextmanager
    def before(self, url: str) -> Iterator[str]:
        """Give the address at which a server answers late, or its own where it needs not."""
        if self.late_seconds == 0:
            yield url
            return
        with late_answers(url, Lateness(self.late_seconds, self.seed)) as late:
            yield late


SLOWNESS = Slowness.of(os.environ)
