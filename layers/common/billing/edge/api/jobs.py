"""What schedules do by themselves, done by hand."""

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.domain.errors import RunInProgressError
from billing.edge.api.shared import counts_of
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, EmptyRequest, example
from billing.services.closing_work import ClosingReport
from billing.services.jobs import AllReports
from billing.services.process_logs import LogsReport
from billing.services.run_billing import RunReport, Sweep


class RetriesAnswer(AnswerSchema):
    """What a look at everybody who owes did."""

    model_config = ConfigDict(
        json_schema_extra=example(customersFound=3, recordsPaid=2, failed=0, remaining=0)
    )

    customers_found: int = Field(
        description="Customers found whose dunning runs or whose money waits."
    )
    records_paid: int
    failed: int = Field(description="Customers whom a fault kept from being dealt with.")
    remaining: int = Field(
        description="Customers not reached in time, at least; 0 only where all were."
    )


class JobAnswer(AnswerSchema):
    """What a billing run did."""

    model_config = ConfigDict(
        json_schema_extra=example(
            tabsFound=2,
            tabsSettled=2,
            customersFound=1,
            recordsPaid=2,
            recordsUnpaid=1,
            failed=0,
            remaining=0,
        )
    )

    tabs_found: int
    tabs_settled: int
    customers_found: int = Field(description="Customers who were due for another look.")
    records_paid: int
    records_unpaid: int = Field(description="Records raised now that the money did not cover.")
    failed: int = Field(description="Tabs and customers that a fault kept from being dealt with.")
    remaining: int = Field(
        description="Tabs and customers not reached in time, at least; 0 only where all were."
    )


class LogsAnswer(AnswerSchema):
    """What became of the log files that were to be read, as far as the request could wait."""

    model_config = ConfigDict(
        json_schema_extra=example(
            filesFound=2,
            filesDone=1,
            filesFailed=0,
            lines=1000,
            accepted=990,
            duplicate=4,
            conflict=1,
            rejected=5,
            remaining=1,
        )
    )

    files_found: int = Field(description="Files that were not read to their end before.")
    files_done: int
    files_failed: int = Field(description="Files that cannot be read on; each says why.")
    lines: int = Field(description="Lines read meanwhile: the sum of the four below.")
    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    remaining: int = Field(
        description="Files not read to their end, and one more while a part of the bucket is not "
        "looked at: 0 means that everything is read."
    )


class ClosingAnswer(AnswerSchema):
    """What a closing run did."""

    model_config = ConfigDict(
        json_schema_extra=example(
            customersFound=3, entriesAdded=41, imbalances=0, failed=0, remaining=0
        )
    )

    customers_found: int = Field(description="Customers with a day that was not closed.")
    entries_added: int = Field(description="Ledger entries that were added to their days.")
    imbalances: int = Field(
        description="Customers whose ledger does not verify, so that their days stay open; "
        "`GET /billing/ledger/{customerId}/verify` says what is wrong."
    )
    failed: int = Field(description="Customers whose days a fault kept from being closed.")
    remaining: int = Field(
        description="Customers not reached in time, at least; 0 only where all were."
    )


class AllJobsAnswer(AnswerSchema):
    """What all jobs did, one after the other."""

    logs: LogsAnswer
    billing: JobAnswer
    retries: RetriesAnswer
    closing: ClosingAnswer


def show_sweep(swept: Sweep) -> RetriesAnswer:
    """Show what a look at everybody who owes did."""
    return RetriesAnswer(
        customers_found=swept.customers_found,
        records_paid=swept.records_paid,
        failed=len(swept.failures),
        remaining=swept.remaining,
    )


def show_run(report: RunReport) -> JobAnswer:
    """Show what a billing run did."""
    return JobAnswer(
        tabs_found=report.tabs_found,
        tabs_settled=report.tabs_settled,
        customers_found=report.customers_found,
        records_paid=report.records_paid,
        records_unpaid=report.records_unpaid,
        failed=len(report.failures),
        remaining=report.remaining,
    )


def show_closing(report: ClosingReport) -> ClosingAnswer:
    """Show what a closing run did."""
    return ClosingAnswer(
        customers_found=report.found,
        entries_added=report.entries_added,
        imbalances=len(report.imbalances),
        failed=len(report.failures),
        remaining=report.remaining,
    )


def show_logs(report: LogsReport) -> LogsAnswer:
    """Show what became of the log files."""
    return LogsAnswer(
        files_found=report.files_found,
        files_done=report.files_done,
        files_failed=report.files_failed,
        remaining=report.remaining,
        **counts_of(report.counts),
    )


def show_all(done: AllReports) -> AllJobsAnswer:
    """Show what all jobs did."""
    return AllJobsAnswer(
        logs=show_logs(done.logs),
        billing=show_run(done.billing),
        retries=show_sweep(done.retries),
        closing=show_closing(done.closing),
    )


PROCESS_LOGS = Route(
    "POST",
    "/jobs/process-logs",
    Scope.ADMIN,
    "Read what is new among the log files, now",
    operation_id="runLogsJob",
    request=EmptyRequest,
    response=LogsAnswer,
    statuses={200: "What the run did."},
)

PROCESS_ALL = Route(
    "POST",
    "/jobs/process-all",
    Scope.ADMIN,
    "Read the log files, bill what was recorded, charge everybody who owes, and close days, now",
    operation_id="runAllJobs",
    request=EmptyRequest,
    response=AllJobsAnswer,
    statuses={200: "What each of the four did."},
    own_errors=(RunInProgressError,),
)

PROCESS_RETRIES = Route(
    "POST",
    "/jobs/process-retries",
    Scope.ADMIN,
    "Charge everybody whose dunning runs or whose money waits, now",
    operation_id="runRetriesJob",
    request=EmptyRequest,
    response=RetriesAnswer,
    statuses={200: "What was done."},
    own_errors=(RunInProgressError,),
)

PROCESS_BILLING = Route(
    "POST",
    "/jobs/process-billing",
    Scope.ADMIN,
    "Bill everything recorded, now",
    operation_id="runBillingJob",
    request=EmptyRequest,
    response=JobAnswer,
    statuses={200: "What the run did."},
    own_errors=(RunInProgressError,),
)

CLOSE = Route(
    "POST",
    "/jobs/close",
    Scope.ADMIN,
    "Add what was posted to its days, and close those that are over, now",
    operation_id="runClosingJob",
    request=EmptyRequest,
    response=ClosingAnswer,
    statuses={200: "What the run did."},
    own_errors=(RunInProgressError,),
)

ROUTES = (PROCESS_LOGS, PROCESS_ALL, PROCESS_RETRIES, PROCESS_BILLING, CLOSE)
