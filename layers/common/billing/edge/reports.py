"""What runs over tabs, customers and log files log, count and alarm on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit

from billing.domain.logfiles import FileState
from billing.edge.observability import logger, metrics

# Named and not loaded: who reports a billing run has no use for what reads log files.
if TYPE_CHECKING:
    from billing.domain.ledger import Imbalance
    from billing.services.closing_work import ClosingReport
    from billing.services.find_logs import FindReport
    from billing.services.handing_out import HandedOut
    from billing.services.ingest_logs import FileReport
    from billing.services.process_logs import LogsReport
    from billing.services.retrying import Failure
    from billing.services.run_billing import RunReport, Sweep
    from billing.services.work import Billed, Work


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
        "RecordsUnpaid": report.records_unpaid,
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


def report_handed_out(done: "HandedOut[Work, Billed]") -> None:
    """Log what became of work that was handed out, and why any of it failed."""
    paid = sum(outcome.made.records_paid for outcome in done.outcomes)
    logger.info("Handed-out work done", works=len(done.outcomes), records_paid=paid)
    _report_failures(done.failures)


def report_skipped_run() -> None:
    """Log and count that a run did nothing, because another one is at work."""
    count({"RunsSkipped": 1})
    logger.info("Another run is at work")


def alarm_on_failures(report: "RunReport | ClosingReport") -> None:
    """Raise RunFailuresError where anything failed, so that an alarm sounds.

    Whatever the run did stays done.
    """
    if report.failures:
        raise RunFailuresError(
            f"{len(report.failures)} of {report.found} tabs and customers failed"
        )


def report_closing(report: "ClosingReport") -> None:
    """Log what a closing run did, count what it could not do, and tell whose books stay open.

    What is usual is not counted: a metric costs something each hour in which it is written.
    """
    count(
        {
            "ClosingFailures": len(report.failures),
            "ClosingRemaining": report.remaining,
            "LedgerImbalance": len(report.imbalances),
        }
    )
    logger.info(
        "Days closed",
        customers=report.found,
        enqueued=report.enqueued,
        entries=report.entries_added,
    )
    _report_imbalances(report.imbalances)
    _report_failures(report.failures)


def _report_imbalances(imbalances: "Sequence[Imbalance]") -> None:
    for imbalance in imbalances:
        logger.error(
            "A ledger does not verify", customer_id=imbalance.customer_id, fault=imbalance.fault
        )


def report_find(report: "FindReport") -> None:
    """Log and count what a look for log files found; files that nobody reads are unbilled too."""
    counts = {
        "LogFilesFound": report.files_found,
        "LogFilesWaiting": report.files_waiting,
        "LogFilesUnbilled": report.files_overdue,
    }
    count(counts)
    logger.info("Log files handed out", complete=report.complete, extra=counts)


def report_logs_run(report: "LogsReport") -> None:
    """Log what became of the log files that a request had read; their readers count it."""
    logger.info(
        "Log files watched",
        found=report.files_found,
        lines=report.counts.lines,
        remaining=report.remaining,
    )


def report_read(report: "FileReport") -> None:
    """Log and count what an invocation did to a log file.

    That a file has lines which are not billed is told once more where its message comes twice: the
    invocation before may have died when it was about to tell it.
    """
    is_failed = report.file.state is FileState.FAILED
    counts = {
        "LogFilesDone": int(report.ended and not is_failed),
        "LogFilesFailed": int(report.ended and is_failed),
        "LogFilesUnbilled": int(report.file.leaves_usage_out),
        "LogLinesAccepted": report.counts.accepted,
        "LogLinesDuplicate": report.counts.duplicate,
        "LogLinesConflict": report.counts.conflict,
        "LogLinesRejected": report.counts.rejected,
    }
    count(counts)
    logger.info("Log file read", key=report.file.stored.key, state=report.file.state, extra=counts)
