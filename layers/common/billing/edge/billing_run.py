"""What the two ways to start a billing run share: waiting for the other run, and reporting."""

from collections.abc import Callable, Sequence

from billing.domain.errors import RunInProgressError
from billing.edge.observability import count, logger
from billing.services.retrying import Failure
from billing.services.run_billing import RunReport, Sweep

# A run takes about a second as a rule: whoever starts one by hand rather waits than asks again.
WAITS_MAX = 5
WAIT_SECONDS = 1.0


class TabsFailedError(Exception):
    """A run ended with tabs or customers that it failed at; the next run tries them again."""


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


def report_run(report: RunReport) -> None:
    """Log and count what a run did, and why it failed at any tab or customer."""
    counts = {
        "TabsFound": report.tabs_found,
        "TabsSettled": report.tabs_settled,
        "TabsEnqueued": report.tabs_enqueued,
        "TabsFailed": report.failed,
        "TabsRemaining": report.remaining,
        "RecordsPaid": report.records_paid,
        "RecordsPending": report.records_pending,
    }
    count(counts)
    logger.info("Billing run ended", extra=counts)
    _report_failures(report.failures)


def report_sweep(swept: Sweep) -> None:
    """Log what a look at everybody who owes did, and why it failed for any."""
    logger.info("Sweep ended", customers=swept.customers_found, records_paid=swept.records_paid)
    _report_failures(swept.failures)


def _report_failures(failures: Sequence[Failure]) -> None:
    for failure in failures:
        logger.error(
            "A tab or a customer could not be dealt with",
            subject=failure.subject,
            exc_info=failure.error,
        )


def report_skipped_run() -> None:
    """Log and count that a run did nothing, because another one is at work."""
    count({"RunsSkipped": 1})
    logger.info("Another billing run is at work")


def alarm_on_failures(report: RunReport) -> None:
    """Raise TabsFailedError where anything failed, so that an alarm sounds.

    Whatever the run did settle stays settled.
    """
    if report.failures:
        found = report.tabs_found + report.customers_swept
        raise TabsFailedError(f"{len(report.failures)} of {found} tabs and customers failed")
