"""What the jobs that are done by hand log and count: each as the run that its schedule starts."""

from billing.edge.reports import report_closing, report_logs_run, report_run, report_sweep
from billing.services.closing_work import ClosingReport
from billing.services.jobs import Report
from billing.services.process_logs import LogsReport
from billing.services.run_billing import RunReport, Sweep


def report_job(report: Report) -> None:
    """Log and count what a job did."""
    match report:
        case LogsReport():
            report_logs_run(report)
        case RunReport():
            report_run(report)
        case Sweep():
            report_sweep(report)
        case ClosingReport():
            report_closing(report)
