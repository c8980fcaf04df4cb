"""From what services return to what answers show."""

from datetime import datetime
from decimal import Decimal

from billing.domain.accounts import Account
from billing.domain.customers import Customer
from billing.domain.ledger import Entry, Wallet, entry_id
from billing.domain.logfiles import LineCounts, LogFile, Problem
from billing.domain.money import to_plain
from billing.domain.pricing import Product
from billing.domain.records import Attempt, BillingRecord
from billing.domain.tabs import LineKey, LineTotals
from billing.domain.times import to_text
from billing.domain.usage import UsageEvent
from billing.edge.http.problems import problem_of
from billing.edge.schemas import (
    AttemptAnswer,
    BalanceAnswer,
    BilledEventAnswer,
    CreditAnswer,
    CustomerAnswer,
    CustomerListAnswer,
    DunningRunAnswer,
    DunningRunListAnswer,
    EntryAnswer,
    ExecutionAnswer,
    JobAnswer,
    LedgerAnswer,
    LineAnswer,
    LogFileAnswer,
    LogFileDetailAnswer,
    LogFileListAnswer,
    LogProblemAnswer,
    LogProblemListAnswer,
    LogsAnswer,
    LogUsageAnswer,
    LogUsageListAnswer,
    PriceAnswer,
    ProcessAnswer,
    ProductAnswer,
    ProductListAnswer,
    ProofAnswer,
    RecordAnswer,
    RecordDetailAnswer,
    RecordEventsAnswer,
    RecordListAnswer,
    RetriesAnswer,
    UsageEventAnswer,
    UsageResultAnswer,
    WalletAnswer,
    WalletBalanceAnswer,
)
from billing.services.credit_wallet import CreditReceipt
from billing.services.executions import DunningRun, Execution
from billing.services.ingest_logs import IngestReport
from billing.services.manage_records import Processed
from billing.services.paging import Page
from billing.services.read_balance import Balance
from billing.services.read_ledger import LedgerPage, Proof
from billing.services.read_usage import BilledEvent
from billing.services.record_usage import UsageResult
from billing.services.run_billing import RunReport, Sweep


def show_event(event: UsageEvent, *, billed_at: datetime | None = None) -> UsageEventAnswer:
    """Show an event."""
    return UsageEventAnswer(
        id=event.event_id,
        customer_id=event.customer_id,
        product_id=event.product_id,
        units=_units(event.units),
        unit_price_cents=to_plain(event.unit_price_cents),
        occurred_at=to_text(event.occurred_at),
        created_at=to_text(event.recorded_at),
        record_id=str(event.record_id),
        billed_at=None if billed_at is None else to_text(billed_at),
    )


def show_billed_event(billed: BilledEvent) -> BilledEventAnswer:
    """Show an event with the record and the entry that bill it."""
    shown = show_event(billed.event, billed_at=billed.billed_at)
    return BilledEventAnswer(
        **dict(shown),
        record=None if billed.record is None else _record(billed.record),
        entry_id=_entry_id(billed.record),
    )


def show_result(result: UsageResult, *, prefix: str) -> UsageResultAnswer:
    """Show what became of one event of a batch; `prefix` names it, for instance `events.3.`."""
    return UsageResultAnswer(
        status=result.outcome.value,
        event=None if result.event is None else show_event(result.event),
        problem=None if result.error is None else problem_of(result.error, prefix=prefix),
    )


def show_receipt(receipt: CreditReceipt) -> CreditAnswer:
    """Show what a credit did."""
    return CreditAnswer(entry_id=receipt.entry_id, balance_cents=receipt.balance_cents)


def show_balance(balance: Balance) -> BalanceAnswer:
    """Show a balance."""
    return BalanceAnswer(
        customer_id=balance.customer.id,
        balance_cents=balance.balance_cents,
        pending_cents=balance.pending_cents,
        available_cents=balance.available_cents,
        has_funds=balance.has_funds,
        status=balance.customer.status,
        usage_details=[
            show_event(billed.event, billed_at=billed.billed_at) for billed in balance.usage.items
        ],
        cursor=balance.usage.cursor,
    )


def show_ledger(page: LedgerPage) -> LedgerAnswer:
    """Show a page of the ledger."""
    return LedgerAnswer(
        items=[_entry(entry) for entry in page.entries],
        balance_cents=page.balance_cents,
        cursor=page.cursor,
    )


def show_proof(proof: Proof) -> ProofAnswer:
    """Show what a verification found."""
    return ProofAnswer(
        ok=proof.ok,
        complete=proof.complete,
        entries=proof.entries,
        sum_cents=proof.sum_cents,
        balance_cents=proof.balance_cents,
        head_hash=proof.head_hash,
        fault=proof.fault,
        cursor=proof.cursor,
    )


def show_product(product: Product, *, now: datetime) -> ProductAnswer:
    """Show a product with the price in force at an instant."""
    return ProductAnswer(
        id=product.id,
        name=product.name,
        unit_decimals=product.unit_decimals,
        unit_price_cents=to_plain(product.price_at(now).unit_price_cents),
        prices=[
            PriceAnswer(
                version=price.version,
                unit_price_cents=to_plain(price.unit_price_cents),
                effective_from=to_text(price.effective_from),
            )
            for price in product.prices
        ],
        created_at=to_text(product.created_at),
    )


def show_products(page: Page[Product], *, now: datetime) -> ProductListAnswer:
    """Show a page of products."""
    return ProductListAnswer(
        items=[show_product(product, now=now) for product in page.items], cursor=page.cursor
    )


def show_customer(customer: Customer) -> CustomerAnswer:
    """Show a customer."""
    schedule = customer.retry_schedule_seconds
    return CustomerAnswer(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        mode=customer.mode,
        status=customer.status,
        suspended_by=customer.suspended_by,
        suspended_at=_optional_text(customer.suspended_at),
        credit_limit_cents=customer.credit_limit_cents,
        retry_schedule=None if schedule is None else list(schedule),
        created_at=to_text(customer.created_at),
    )


def show_customers(page: Page[Customer]) -> CustomerListAnswer:
    """Show a page of customers."""
    return CustomerListAnswer(
        items=[show_customer(customer) for customer in page.items], cursor=page.cursor
    )


def show_wallet_balance(wallet: Wallet) -> WalletBalanceAnswer:
    """Show what a wallet holds."""
    return WalletBalanceAnswer(
        user_id=wallet.customer_id,
        balance_cents=wallet.balance_cents,
        balance=_major_units(wallet.balance_cents),
    )


def show_wallet(account: Account) -> WalletAnswer:
    """Show a wallet."""
    wallet = account.wallet
    return WalletAnswer(
        **dict(show_wallet_balance(wallet)),
        outstanding_cents=wallet.outstanding_cents,
        outstanding_records=wallet.outstanding_records,
        floor_cents=wallet.floor_cents if account.customer.has_floor else None,
        entries=wallet.seq,
    )


def show_record(record: BillingRecord) -> RecordDetailAnswer:
    """Show a billing record in full."""
    return RecordDetailAnswer(
        **dict(_record(record)),
        user_id=record.id.customer_id,
        description=record.description,
        lines=[_line(key, totals) for key, totals in record.lines.items()],
        created_at=to_text(record.created_at),
        failed_at=_optional_text(record.failed_at),
        entry_id=_entry_id(record),
        attempts=[_attempt(attempt) for attempt in record.attempts],
        retry_count=sum(1 for attempt in record.attempts if attempt.number),
        next_attempt_at=_optional_text(record.next_attempt_at),
    )


def show_records(page: Page[BillingRecord]) -> RecordListAnswer:
    """Show a page of billing records."""
    return RecordListAnswer(
        items=[show_record(record) for record in page.items], cursor=page.cursor
    )


def show_record_events(page: Page[UsageEvent], record: BillingRecord) -> RecordEventsAnswer:
    """Show a page of the events behind a record."""
    return RecordEventsAnswer(
        items=[show_event(event, billed_at=record.paid_at) for event in page.items],
        cursor=page.cursor,
    )


def show_processed(processed: Processed) -> ProcessAnswer:
    """Show how charging a record by hand ended."""
    return ProcessAnswer(
        outcome=processed.outcome,
        balance_cents=processed.balance_cents,
        record=show_record(processed.record),
    )


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
        customers_found=report.customers_swept,
        records_paid=report.records_paid,
        records_unpaid=report.records_pending,
        failed=len(report.failures),
        remaining=report.remaining,
    )


def show_dunning_run(run: DunningRun) -> DunningRunAnswer:
    """Show a record's dunning; the newest of its executions says where it stands."""
    record, newest = run.record, next(iter(run.executions), None)
    return DunningRunAnswer(
        record_id=str(record.id),
        customer_id=record.id.customer_id,
        record_status=record.status,
        amount_cents=record.amount_cents,
        status=None if newest is None else newest.status,
        started_at=None if newest is None else to_text(newest.started_at),
        stopped_at=None if newest is None else _optional_text(newest.stopped_at),
        attempts=[_attempt(attempt) for attempt in record.attempts],
        next_attempt_at=_optional_text(record.next_attempt_at),
        executions=[_execution(execution) for execution in run.executions],
    )


def show_dunning_runs(page: Page[DunningRun]) -> DunningRunListAnswer:
    """Show a page of executions."""
    return DunningRunListAnswer(
        items=[show_dunning_run(run) for run in page.items], cursor=page.cursor
    )


def _attempt(attempt: Attempt) -> AttemptAnswer:
    return AttemptAnswer(
        number=attempt.number,
        at=to_text(attempt.at),
        outcome=attempt.outcome,
        balance_cents=attempt.balance_cents,
    )


def _execution(execution: Execution) -> ExecutionAnswer:
    return ExecutionAnswer(
        name=execution.name,
        status=execution.status,
        started_at=to_text(execution.started_at),
        stopped_at=_optional_text(execution.stopped_at),
        error=execution.error,
    )


def _optional_text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _line(key: LineKey, totals: LineTotals) -> LineAnswer:
    return LineAnswer(
        product_id=key.product_id,
        price_version=key.price_version,
        month=key.month,
        units=_units(totals.units),
        amount_cents=to_plain(totals.amount_cents),
        events=totals.events,
    )


def _major_units(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def show_ingest(report: IngestReport) -> LogsAnswer:
    """Show what a run over the log files did."""
    return LogsAnswer(
        files_found=report.files_found,
        files_done=report.files_done,
        files_failed=report.files_failed,
        remaining=report.remaining,
        **_counts(report.counts),
    )


def show_log_file(file: LogFile) -> LogFileAnswer:
    """Show a log file's account."""
    return LogFileAnswer(
        id=file.id,
        key=file.stored.key,
        bytes=file.stored.size_bytes,
        upload=file.upload,
        state=file.state,
        reason=file.reason,
        position=file.position,
        found_at=to_text(file.found_at),
        started_at=None if file.started_at is None else to_text(file.started_at),
        finished_at=None if file.finished_at is None else to_text(file.finished_at),
        **_counts(file.counts),
    )


def show_log_files(page: Page[LogFile]) -> LogFileListAnswer:
    """Show a page of log files' accounts."""
    return LogFileListAnswer(items=[show_log_file(file) for file in page.items], cursor=page.cursor)


def show_log_file_detail(
    file: LogFile, usage: Page[BilledEvent], problems: Page[Problem]
) -> LogFileDetailAnswer:
    """Show a log file's account with pages of what came of it."""
    return LogFileDetailAnswer(
        **dict(show_log_file(file)),
        usage=show_log_usage(usage),
        problems=LogProblemListAnswer(
            items=[
                LogProblemAnswer.model_validate(
                    {"line": each.line, "outcome": each.outcome, "reason": each.reason}
                )
                for each in problems.items
            ],
            cursor=problems.cursor,
        ),
    )


def show_log_usage(page: Page[BilledEvent]) -> LogUsageListAnswer:
    """Show a page of usage that was read from log files."""
    return LogUsageListAnswer(
        items=[_log_usage(billed) for billed in page.items], cursor=page.cursor
    )


def _log_usage(billed: BilledEvent) -> LogUsageAnswer:
    source = billed.event.source
    if source is None:
        raise ValueError(f"usage event {billed.event.event_id} was not read from a log file")
    shown = show_event(billed.event, billed_at=billed.billed_at)
    return LogUsageAnswer(**dict(shown), log_file_id=source.file_id, log_line=source.line)


def _counts(counts: LineCounts) -> dict[str, int]:
    return {
        "lines": counts.lines,
        "accepted": counts.accepted,
        "duplicate": counts.duplicate,
        "conflict": counts.conflict,
        "rejected": counts.rejected,
    }


def _units(units: Decimal) -> int | str:
    return int(units) if units == units.to_integral_value() else to_plain(units)


def _record(record: BillingRecord) -> RecordAnswer:
    return RecordAnswer(
        id=str(record.id),
        status=record.status,
        amount_cents=record.amount_cents,
        paid_at=None if record.paid_at is None else to_text(record.paid_at),
    )


def _entry_id(record: BillingRecord | None) -> str | None:
    if record is None or record.entry_seq is None:
        return None
    return entry_id(record.id.customer_id, record.entry_seq)


def _entry(entry: Entry) -> EntryAnswer:
    return EntryAnswer(
        id=entry.id,
        seq=entry.seq,
        kind=entry.kind,
        amount_cents=entry.amount_cents,
        balance_cents=entry.balance_cents,
        reference=entry.reference,
        posted_at=to_text(entry.posted_at),
        previous_hash=entry.previous_hash,
        hash=entry.hash,
    )
