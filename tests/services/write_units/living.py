"""A customer who is metered over many billing intervals, and what that costs."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from billing.services.record_usage import Outcome
from billing.services.run_billing import BillingRun
from billing.services.tab_numbers import TabNumbers
from tests.support.books import Books
from tests.support.write_units import Meter

INTERVAL_SECONDS = 60
INTERVAL = timedelta(seconds=INTERVAL_SECONDS)

# A run begins some time after the full minute, and comes to a tab some time after that.
RUN_DELAYS_SECONDS = (0.4, 2.2, 0.9, 1.5)

# Half a read unit, for the price of the product; every 50 seconds, in every container.
PRICE_READ_UNITS = Decimal("0.5")
PRICE_SECONDS = 50


def record_batch(books: Books, count: int, customer_id: str = "acme") -> None:
    """Record events of one customer in one call."""
    results = books.record([books.claim(1, customer_id=customer_id) for _ in range(count)])
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}


@dataclass(slots=True)
class Counted:
    """Events, what they and the runs wrote, and what recording them read, in units."""

    events: int = 0
    written: int = 0
    read: Decimal = Decimal(0)
    failed: int = 0

    @property
    def written_per_event(self) -> Decimal:
        """All that was written, by event."""
        return Decimal(self.written) / self.events

    def looked_per_event(self, seconds: int, containers: int = 1) -> Decimal:
        """What was read to record, less the prices, by event."""
        prices = containers * (seconds // PRICE_SECONDS + 1)
        return max(Decimal(0), self.read - prices * PRICE_READ_UNITS) / self.events


@dataclass(slots=True)
class Life:
    """A customer who is metered, and runs that bill, for some intervals."""

    books: Books
    meter: Meter
    spacing_seconds: float
    events: int = 1
    containers: int = 1
    intervals: int = 3
    runs_hold: bool = False
    customer_id: str = "acme"
    begins_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Begin now."""
        self.begins_at = self.books.clock.now

    def live(self) -> Counted:
        """Let the intervals go by, and count."""
        numbers = itertools.cycle([TabNumbers(INTERVAL) for _ in range(self.containers)])
        delays = itertools.cycle(RUN_DELAYS_SECONDS)
        counted = Counted()
        ends_at = self.intervals * INTERVAL_SECONDS
        run_at = INTERVAL_SECONDS + next(delays)
        at = 0.0
        while at < ends_at:
            if run_at <= at:
                self._run(run_at, counted)
                run_at = run_at // INTERVAL_SECONDS * INTERVAL_SECONDS
                run_at += INTERVAL_SECONDS + next(delays)
                continue
            self._record(at, next(numbers), counted)
            at += self.spacing_seconds
        self._run(run_at, counted)
        self.books.assert_sound(self.customer_id)
        return counted

    def _record(self, at: float, numbers: TabNumbers, counted: Counted) -> None:
        self.books.clock.now = self.begins_at + timedelta(seconds=at)
        self.books.tab_numbers = numbers
        self.meter.restart()
        record_batch(self.books, self.events, self.customer_id)
        written = [charge for charge in self.meter.charges if charge.write]
        counted.events += self.events
        counted.written += self.meter.write
        counted.read += self.meter.read
        counted.failed += len(written) - 1

    def _run(self, at: float, counted: Counted) -> None:
        self.books.clock.now = self.begins_at + timedelta(seconds=at)
        self.meter.restart()
        if not self.runs_hold:
            BillingRun(self.books.dunning, "run", self.books.deadline()).run()
        counted.written += self.meter.write
