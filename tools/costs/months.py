"""What a month uses: idle, and by how many events arrive in which shape."""

from dataclasses import dataclass
from decimal import Decimal

from billing.edge.aws.work_queue import WORKS_PER_MESSAGE_MAX
from billing.services.rounds import INLINE_MAX
from billing.services.settle_tab import BUSY_TAB_EVENTS
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX
from tools.costs.counted import (
    ACCESS_LOG_BYTES,
    ALARMS,
    ANSWER_BYTES,
    AUTHORIZER_WORK,
    BATCH_ANSWER_BYTES_PER_EVENT,
    BATCH_WORK,
    BUSY_READ_UNITS,
    BUSY_SETTLE_WRITE_UNITS,
    CLOSED_DAY_WRITE_UNITS,
    CLOSING_PAGE_READ_UNITS,
    CLOSING_PAGE_WRITE_UNITS,
    CLOSING_RUN_LOG_BYTES,
    CLOSING_RUNS_A_DAY,
    ENTRY_BYTES,
    ENTRY_KEY_BYTES,
    EVENT_BYTES,
    EVENT_WRITE_UNITS,
    FORGOTTEN_READ_UNITS,
    FUNCTION_LOG_BYTES,
    GB,
    HANDED_OUT_LOG_BYTES,
    HEADER_BYTES,
    HOURS,
    IDLE_POLLS,
    KEY_READ_UNITS,
    KEYS,
    LOGS_RUN_LISTINGS,
    LOGS_RUN_LOG_BYTES,
    LOGS_RUN_READ_UNITS,
    LOGS_RUN_WORK,
    LOGS_RUN_WRITE_UNITS,
    METRICS,
    MILLION,
    MINUTES,
    PLATFORM_LOG_BYTES,
    QUEUE_REQUESTS_PER_MESSAGE,
    RECORD_BYTES,
    RECORD_INDEX_BYTES,
    RUN_LOG_BYTES,
    RUN_READ_UNITS,
    RUN_WORK,
    RUN_WRITE_UNITS,
    SECONDS,
    SETTLE_READ_UNITS,
    SETTLE_WORK,
    SETTLE_WRITE_UNITS,
    SINGLE_WORK,
    STORED_OVERHEAD_BYTES,
    TAB_WRITE_UNITS,
    TRACED_SHARE,
    Work,
)
from tools.costs.prices import Priced, Units, both

MINUTES_A_DAY = 24 * 60
READ_UNIT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Shape:
    """How events arrive; `events_per_settle` are those of one customer in one billing interval."""

    name: str
    events_per_request: int
    events_per_settle: int

    @property
    def work(self) -> Work:
        """Tell what a request takes."""
        return SINGLE_WORK if self.events_per_request == 1 else BATCH_WORK

    @property
    def answer_bytes(self) -> int:
        """Tell the size of an answer."""
        if self.events_per_request == 1:
            return HEADER_BYTES + ANSWER_BYTES
        return HEADER_BYTES + BATCH_ANSWER_BYTES_PER_EVENT * self.events_per_request

    @property
    def request_write_units(self) -> int:
        """Tell what recording the events of one request writes."""
        return EVENT_WRITE_UNITS * self.events_per_request + TAB_WRITE_UNITS

    @property
    def recording_read_units(self) -> int:
        """Tell what recording the events of one settle reads."""
        is_quiet = self.events_per_settle == self.events_per_request
        return FORGOTTEN_READ_UNITS if is_quiet else BUSY_READ_UNITS

    @property
    def settle_write_units(self) -> int:
        """Tell what one settle writes."""
        busy = self.events_per_settle > BUSY_TAB_EVENTS
        return BUSY_SETTLE_WRITE_UNITS if busy else SETTLE_WRITE_UNITS


BATCHED = Shape(
    "batches of 99, 990 events of a customer a minute",
    EVENTS_PER_TRANSACTION_MAX,
    10 * EVENTS_PER_TRANSACTION_MAX,
)
SINGLE = Shape("single events, 10 of a customer a minute", 1, 10)
QUIET = Shape("single events, 1 of a customer a minute", 1, 1)
SHAPES = (BATCHED, SINGLE, QUIET)
VOLUMES = (MILLION, 100 * MILLION, 1_000 * MILLION)


@dataclass(frozen=True, slots=True)
class Deployment:
    """What may be set otherwise: `info_logs` is LogLevel=INFO, `traced` is Tracing: Active."""

    arm64: bool = False
    info_logs: bool = True
    traced: bool = True


DEFAULT = Deployment()


def idle_units(deployment: Deployment = DEFAULT) -> Units:
    """Tell what a month without any request uses: schedules, their runs, and what watches."""
    hourly_bytes = LOGS_RUN_LOG_BYTES + CLOSING_RUN_LOG_BYTES
    log_bytes = MINUTES * RUN_LOG_BYTES + HOURS * hourly_bytes
    runs = Decimal(MINUTES + 2 * HOURS)
    log_gb = (log_bytes + runs * PLATFORM_LOG_BYTES) / GB
    gb_seconds = MINUTES * RUN_WORK.gb_seconds + 2 * HOURS * LOGS_RUN_WORK.gb_seconds
    # A closing run reads one kind of entry of the index, where a billing run reads two.
    hourly_reads = LOGS_RUN_READ_UNITS + RUN_READ_UNITS / 2
    return {
        Priced.WRITE_UNITS: Decimal(
            (MINUTES + HOURS) * RUN_WRITE_UNITS + HOURS * LOGS_RUN_WRITE_UNITS
        ),
        Priced.READ_UNITS: MINUTES * RUN_READ_UNITS + HOURS * hourly_reads,
        Priced.INVOCATIONS: runs,
        _duration(deployment): gb_seconds,
        Priced.ALARMS: Decimal(ALARMS),
        Priced.LOG_GB: log_gb,
        Priced.KEPT_LOG_GB: log_gb,
        Priced.TRACES: runs if deployment.traced else Decimal(0),
        Priced.QUEUE_REQUESTS: Decimal(IDLE_POLLS),
        Priced.SCHEDULES: runs,
        Priced.LISTINGS: Decimal(HOURS * LOGS_RUN_LISTINGS),
    }


def traffic_units(shape: Shape, events: int, deployment: Deployment = DEFAULT) -> Units:
    """Tell what events use beside that: recording, authorizing, settling, and what they leave."""
    requests = Decimal(events) / shape.events_per_request
    settles = Decimal(events) / shape.events_per_settle
    handed_out = settles if settles / MINUTES > INLINE_MAX else Decimal(0)
    authorized = min(requests, Decimal(KEYS * MINUTES))
    messages = handed_out / WORKS_PER_MESSAGE_MAX
    gb_seconds = (
        requests * shape.work.gb_seconds
        + authorized * AUTHORIZER_WORK.gb_seconds
        + settles * SETTLE_WORK.gb_seconds
    )
    log_gb = _log_bytes(requests, authorized, messages, deployment) / GB
    traces = sum(map(traced, (requests, authorized, messages)), Decimal(0))
    return {
        Priced.WRITE_UNITS: requests * shape.request_write_units
        + settles * (shape.settle_write_units + closing_write_units()),
        Priced.READ_UNITS: settles
        * (SETTLE_READ_UNITS + shape.recording_read_units + closing_read_units())
        + authorized * KEY_READ_UNITS,
        Priced.STORED_GB: stored_bytes(shape, events) / GB,
        Priced.BACKUP_GB: table_bytes(shape, events) / GB,
        Priced.API_REQUESTS: requests,
        Priced.INVOCATIONS: requests + authorized + messages,
        _duration(deployment): gb_seconds,
        Priced.METRICS: Decimal(METRICS if events else 0),
        Priced.LOG_GB: log_gb,
        Priced.KEPT_LOG_GB: log_gb,
        Priced.TRACES: traces if deployment.traced else Decimal(0),
        Priced.QUEUE_REQUESTS: messages * QUEUE_REQUESTS_PER_MESSAGE,
        Priced.OUT_GB: requests * shape.answer_bytes / GB,
    }


def closing_write_units() -> Decimal:
    """Tell what closing writes for a settle, of a customer who is settled each minute."""
    day = CLOSING_RUNS_A_DAY * CLOSING_PAGE_WRITE_UNITS + CLOSED_DAY_WRITE_UNITS
    return Decimal(day) / MINUTES_A_DAY


def closing_read_units() -> Decimal:
    """Tell what closing reads for a settle: its entry, its record, and a share of the page."""
    of_page = Decimal(CLOSING_PAGE_READ_UNITS * CLOSING_RUNS_A_DAY) / MINUTES_A_DAY
    return 1 + Decimal(ENTRY_BYTES) / READ_UNIT_BYTES + of_page


def month_units(shape: Shape, events: int, deployment: Deployment = DEFAULT) -> Units:
    """Tell what a month with so many events uses."""
    return both(idle_units(deployment), traffic_units(shape, events, deployment))


def traced(invocations: Decimal) -> Decimal:
    """Tell how many invocations of a function are traced, at most."""
    return min(invocations, SECONDS + max(Decimal(0), invocations - SECONDS) * TRACED_SHARE)


def table_bytes(shape: Shape, events: int) -> Decimal:
    """Tell what a month's events leave in the tables: the events, and what they were billed by."""
    of_event = EVENT_BYTES + STORED_OVERHEAD_BYTES
    of_settle = RECORD_BYTES + ENTRY_BYTES + ENTRY_KEY_BYTES + 3 * STORED_OVERHEAD_BYTES
    return Decimal(events) * of_event + Decimal(events) / shape.events_per_settle * of_settle


def stored_bytes(shape: Shape, events: int) -> Decimal:
    """Tell the same with the indexes: each event stands in one, the keys of each record in two."""
    of_event = EVENT_BYTES + STORED_OVERHEAD_BYTES
    of_record = RECORD_INDEX_BYTES + 2 * STORED_OVERHEAD_BYTES
    in_indexes = Decimal(events) * of_event + Decimal(events) / shape.events_per_settle * of_record
    return table_bytes(shape, events) + in_indexes


def _log_bytes(
    requests: Decimal, authorized: Decimal, messages: Decimal, deployment: Deployment
) -> Decimal:
    of_services = requests * ACCESS_LOG_BYTES + (
        (requests + authorized + messages) * PLATFORM_LOG_BYTES
    )
    if not deployment.info_logs:
        return of_services
    return of_services + (
        (requests + authorized) * FUNCTION_LOG_BYTES + messages * HANDED_OUT_LOG_BYTES
    )


def _duration(deployment: Deployment) -> Priced:
    return Priced.ARM_GB_SECONDS if deployment.arm64 else Priced.GB_SECONDS
