"""Jobs: everything there is to read, bill or charge, within the time of one request."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.domain.deadline import Deadline
from billing.services.closing_work import Closer, ClosingReport
from billing.services.dunning import Dunning
from billing.services.find_logs import LogFinder
from billing.services.process_logs import LogsReport, LogsRun
from billing.services.rounds import when_free
from billing.services.run_billing import BillingRun, RunReport, Sweep, charge_everybody
from billing.services.run_closing import ClosingRun

# Of the time for all jobs, what reading the logs leaves to billing, billing to retries, and they to
# closing.
AFTER_LOGS_SECONDS = 10.0
AFTER_BILLING_SECONDS = 6.0
CLOSING_SECONDS = 3.0

# A run takes about a second as a rule: whoever starts one by hand rather waits than asks again.
WAITS_MAX = 5
WAIT_SECONDS = 1.0

# The last look at the log files, when the time to watch them is over.
LAST_LOOK_SECONDS = 2.0

type Report = LogsReport | RunReport | Sweep | ClosingReport


@dataclass(frozen=True, slots=True)
class AllReports:
    """What all jobs together did."""

    logs: LogsReport
    billing: RunReport
    retries: Sweep
    closing: ClosingReport


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one invocation; `report` is told what each did."""

    finder: LogFinder
    dunning: Dunning
    new_id: Callable[[], str]
    sleep: Callable[[float], None]
    report: Callable[[Report], None]

    def read_logs(self) -> LogsReport:
        """Have what is new among the log files read, and wait for it as long as there is time."""
        return self._read_logs(self._deadline)

    def bill(self) -> RunReport:
        """Bill everything that is recorded; raises RunInProgressError where another run stays."""
        return self._bill(self._deadline)

    def charge_everybody(self) -> Sweep:
        """Charge everybody who owes, as far as their money goes.

        Raises RunInProgressError where another call stays at it.
        """
        return self._charge_everybody(self._deadline)

    def close(self) -> ClosingReport:
        """Add everything that is posted to its days, and close those that are over.

        Raises RunInProgressError where another run stays.
        """
        return self._close(self._deadline)

    def do_everything(self) -> AllReports:
        """Do the four jobs one after the other; each leaves some time to those after it.

        What one of them raises keeps none from its turn, and is raised when all have had theirs.
        """
        try:
            logs = self._read_logs(self._deadline.sooner(AFTER_LOGS_SECONDS))
        finally:
            billing, retries, closing = self._do_what_follows_logs()
        return AllReports(logs, billing, retries, closing)

    def _do_what_follows_logs(self) -> tuple[RunReport, Sweep, ClosingReport]:
        try:
            billing = self._bill(self._deadline.sooner(AFTER_BILLING_SECONDS))
        finally:
            try:
                retries = self._charge_everybody(self._deadline.sooner(CLOSING_SECONDS))
            finally:
                closing = self._close(self._deadline)
        return billing, retries, closing

    @property
    def _deadline(self) -> Deadline:
        return self.dunning.stores.deadline

    def _read_logs(self, end: Deadline) -> LogsReport:
        done = LogsRun(self.finder, self.sleep, end.sooner(LAST_LOOK_SECONDS)).run()
        self.report(done)
        return done

    def _bill(self, end: Deadline) -> RunReport:
        run = BillingRun(self.dunning, self.new_id(), end)
        done = self._when_free(run.run)
        self.report(done)
        return done

    def _charge_everybody(self, end: Deadline) -> Sweep:
        owner = self.new_id()
        done = self._when_free(lambda: charge_everybody(self.dunning, owner, end))
        self.report(done)
        return done

    def _close(self, end: Deadline) -> ClosingReport:
        run = ClosingRun(Closer(self.dunning.stores, self.dunning.clock), self.new_id(), end)
        done = self._when_free(run.run)
        self.report(done)
        return done

    def _when_free[Done](self, run: Callable[[], Done]) -> Done:
        return when_free(run, sleep=self.sleep, waits=WAITS_MAX, wait_seconds=WAIT_SECONDS)
