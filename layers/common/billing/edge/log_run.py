"""What the two ways to have log files read share: the run itself, and reporting it."""

from billing.domain.deadline import Deadline
from billing.domain.errors import UnavailableError
from billing.edge.aws.log_bucket import S3LogStorage
from billing.edge.composition import Container
from billing.edge.observability import count, logger
from billing.services.ingest_logs import IngestReport, ingest_logs
from billing.storage.stores import Stores

# What a run began when its time ended, a batch and its account, is still written in this time.
LAST_BATCH_SECONDS = 2.0


def run_ingest(
    container: Container, storage: S3LogStorage, stores: Stores, *, deadline: Deadline
) -> IngestReport:
    """Read what is new in the bucket, as far as the time goes."""
    return ingest_logs(
        stores=stores,
        storage=storage,
        catalogue=container.catalogue,
        tab_numbers=container.tab_numbers,
        clock=container.clock,
        owner=container.new_id(),
        deadline=deadline.sooner(LAST_BATCH_SECONDS),
    )


def report_ingest(report: IngestReport) -> None:
    """Log and count what a run did, and raise what went wrong with any file.

    Whatever the run did read stays read. An outage, which passes by itself, is only raised where
    nothing worse happened.
    """
    counts = {
        "LogFilesFound": report.files_found,
        "LogFilesDone": report.files_done,
        "LogFilesFailed": report.files_failed,
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
