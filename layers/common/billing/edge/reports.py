"""What runs over tabs, customers and log files log, count and alarm on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit

from billing.domain.errors import UnavailableError
from billing.edge.observability import logger, metrics

# Named and not loaded: who reports a billing run has no use for what reads log files.
if TYPE_CHECKING:
    from billing.services.ingest_logs import IngestReport
    from billing.services.retrying import Failure
    from billing.services.run_billing import RunReport, Sweep
    from billing.services.work import HandedOut


class RunFailuresError(Exception):
    """A run ended with tabs or customers that it failed at; the next run tries them again."""


def count(counts: Mapping[str, int]) -> None:
    """Publish how often each thing happened.

    A zero is not published: it would cost as much as any other figure, each hour of a quiet month.
    """
    happened = {name: times for name, times in counts.items() if times}
    for name, times in happened.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=times)
    if happened:
        metrics.flush_metrics()


def report_run(report: "RunReport") -> None:
    """Log and count what a run did, and why it failed at any tab or customer."""
    counts = {
        "TabsFound": report.tabs_found,
        "TabsSettled": report.tabs_settled,
        "TabsEnqueued": report.tabs_enqueued,
        "CustomersEnqueued": report.customers_enqueued,
        "RunFailures": len(report.failures),
        "RunRemaining": report.remaining,
        "RecordsPaid": report.records_paid,
        "RecordsPending": report.records_pending,
    }
    count(counts)
    logger.info("Billing run ended", extra=counts)
    _report_failures(report.failures)


def report_sweep(swept: "Sweep") -> None:
    """Log what a look at everybody who owes did, and why it failed for any."""
    logger.info("Sweep ended", customers=swept.customers_found, records_paid=swept.records_paid)
    _report_failures(swept.failures)


def _report_failures(failures: "Sequence[Failure]") -> None:
    for failure in failures:
        logger.error(
            "A tab or a customer could not be dealt with",
            subject=failure.subject,
            exc_info=failure.error,
        )


def report_handed_out(done: "HandedOut") -> None:
    """Log what became of work that was handed out, and why any of it failed."""
    paid = sum(outcome.records_paid for outcome in done.outcomes)
    logger.info("Handed-out work done", works=len(done.outcomes), records_paid=paid)
    _report_failures(done.failures)


def report_skipped_run() -> None:
    """Log and count that a run did nothing, because another one is at work."""
    count({"RunsSkipped": 1})
    logger.info("Another billing run is at work")


def alarm_on_failures(report: "RunReport") -> None:
    """Raise RunFailuresError where anything failed, so that an alarm sounds.

    Whatever the run did settle stays settled.
    """
    if report.failures:
        found = report.tabs_found + report.customers_found
        raise RunFailuresError(f"{len(report.failures)} of {found} tabs and customers failed")


def report_ingest(report: "IngestReport") -> None:
    """Log and count what a run did, and raise what went wrong with any file.

    Whatever the run did read stays read. An outage, which passes by itself, is only raised where
    nothing worse happened.
    """
    counts = {
        "LogFilesFound": report.files_found,
        "LogFilesDone": report.files_done,
        "LogFilesFailed": report.files_failed,
        "LogFilesUnbilled": report.files_unbilled,
        "LogFilesRemaining": report.remaining,
        "LogLinesAccepted": report.counts.accepted,
        "LogLinesDuplicate": report.counts.duplicate,
        "LogLinesConflict": report.counts.conflict,
        "LogLinesRejected": report.counts.rejected,
    }
    count(counts)
    logger.info("Log files read", extra=counts)
    for failure in report.failures:
        logger.error(
            "A log file could not be dealt with", key=failure.subject, exc_info=failure.error
        )
    errors = [failure.error for failure in report.failures]
    for error in sorted(errors, key=lambda each: isinstance(each, UnavailableError)):
        raise error
