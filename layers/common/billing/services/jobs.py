"""Jobs: everything there is to read, bill or charge, within the time of one request."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.domain.errors import RunInProgressError
from billing.domain.times import Clock
from billing.services.catalogue import Catalogue
from billing.services.dunning import Dunning
from billing.services.find_logs import LogStorage
from billing.services.ingest_logs import IngestReport, ingest_logs
from billing.services.run_billing import RunReport, Sweep, run_billing, sweep
from billing.services.tab_numbers import TabNumbers
from billing.storage.stores import Stores

# What reading began when its time ended, a batch and its tally, is still written in this time.
LAST_BATCH_SECONDS = 2.0

# Of the time for all jobs, what reading leaves to billing and retries, and billing to retries.
BILLING_AND_RETRIES_SECONDS = 10.0
RETRIES_SECONDS = 4.0

# A run takes about a second as a rule: whoever starts one by hand rather waits than asks again.
WAITS_MAX = 5
WAIT_SECONDS = 1.0

type Report = IngestReport | RunReport | Sweep


@dataclass(frozen=True, slots=True)
class AllReports:
    """What all jobs together did."""

    logs: IngestReport
    billing: RunReport
    retries: Sweep


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one invocation; `report` is told what each did, and may raise what went wrong."""

    stores: Stores
    storage: LogStorage
    catalogue: Catalogue
    tab_numbers: TabNumbers
    clock: Clock
    new_id: Callable[[], str]
    sleep: Callable[[float], None]
    dunning: Dunning
    report: Callable[[Report], None]

    def read_logs(self) -> IngestReport:
        """Read what is new among the log files."""
        return self._read_logs(self.stores.deadline)

    def bill(self) -> RunReport:
        """Bill everything that is recorded; raises RunInProgressError where another run stays."""
        return self._bill(self.stores.deadline)

    def charge_everybody(self) -> Sweep:
        """Charge everybody who owes, as far as their money goes."""
        return self._charge_everybody(self.stores.deadline)

    def do_everything(self) -> AllReports:
        """Do the three jobs one after the other; each leaves some time to those after it."""
        end = self.stores.deadline
        logs = self._read_logs(end.sooner(BILLING_AND_RETRIES_SECONDS))
        billing = self._bill(end.sooner(RETRIES_SECONDS))
        return AllReports(logs, billing, self._charge_everybody(end))

    def _read_logs(self, end: Deadline) -> IngestReport:
        done = read_logs_until(
            end,
            stores=self.stores,
            storage=self.storage,
            catalogue=self.catalogue,
            tab_numbers=self.tab_numbers,
            clock=self.clock,
            owner=self.new_id(),
        )
        self.report(done)
        return done

    def _bill(self, end: Deadline) -> RunReport:
        def run() -> RunReport:
            return run_billing(
                stores=self.stores,
                clock=self.clock,
                owner=self.new_id(),
                deadline=end,
                queue=None,
                dunning=self.dunning,
            )

        done = run_when_free(run, sleep=self.sleep)
        self.report(done)
        return done

    def _charge_everybody(self, end: Deadline) -> Sweep:
        done = sweep(self.dunning, due_by=None, deadline=end)
        self.report(done)
        return done


def read_logs_until(
    end: Deadline,
    *,
    stores: Stores,
    storage: LogStorage,
    catalogue: Catalogue,
    tab_numbers: TabNumbers,
    clock: Clock,
    owner: str,
) -> IngestReport:
    """Read what is new in the bucket, and be done with what was begun when the time ends."""
    return ingest_logs(
        stores=stores,
        storage=storage,
        catalogue=catalogue,
        tab_numbers=tab_numbers,
        clock=clock,
        owner=owner,
        deadline=end.sooner(LAST_BATCH_SECONDS),
    )


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
