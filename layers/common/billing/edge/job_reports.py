"""What the jobs that are done by hand log and count: each as the run that its schedule starts."""

from billing.edge.reports import report_ingest, report_run, report_sweep
from billing.services.ingest_logs import IngestReport
from billing.services.jobs import Report
from billing.services.run_billing import RunReport, Sweep


def report_job(report: Report) -> None:
    """Log and count what a job did, and raise what is wrong with the log files."""
    match report:
        case IngestReport():
            report_ingest(report)
        case RunReport():
            report_run(report)
        case Sweep():
            report_sweep(report)
