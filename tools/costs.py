"""What a deployment costs a month: counted operations, list prices and stated assumptions.

    make costs

writes the tables of docs/costs.md, and a test holds the page to them. What is counted stands here
as a figure that another test counts again (tests/services/test_costs.py); what is assumed says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from billing.services.run_billing import INLINE_TABS_MAX
from billing.services.settle_tab import BUSY_TAB_EVENTS
from billing.storage.keys import PARTITIONS
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX

MINUTES = 30 * 24 * 60
HOURS = 30 * 24
SECONDS = MINUTES * 60
GB = Decimal(2**30)
MILLION = 10**6

# --- Counted: DynamoDB's request units, from every request of the tests ---------------------------

EVENT_WRITE_UNITS = 3
TAB_WRITE_UNITS = 2
SETTLE_WRITE_UNITS = 15
BUSY_SETTLE_WRITE_UNITS = 14
# A try on a number that a run has outdated: upper bound, because a cancelled transaction is counted
# as if it had been carried out.
OUTDATED_EVENT_WRITE_UNITS = 2
OUTDATED_TAB_WRITE_UNITS = 2
SETTLE_READ_UNITS = 2
# The tab's number and a price, where a container remembers neither.
FORGOTTEN_READ_UNITS = 1
RUN_WRITE_UNITS = 2
RUN_READ_UNITS = Decimal("0.5") * 2 * PARTITIONS
LOGS_RUN_READ_UNITS = 1
LOGS_RUN_LISTINGS = 1
KEY_READ_UNITS = 1
LOG_LINE_WRITE_UNITS = Decimal("4.172")

# --- Counted: what there is -----------------------------------------------------------------------

# The ten of every deployment; DetailedAlarms adds more.
ALARMS = 10
# Only what happened is written, so that a quiet month has none: tabs found, settled and handed out,
# and records paid.
METRICS = 4
# The start, and each state that five attempts enter; the first of six is made before the workflow.
DUNNING_TRANSITIONS = 19

# --- Counted: bytes, of events and customers with UUIDs for names ---------------------------------

# What DynamoDB adds to each item and to each entry of an index.
STORED_OVERHEAD_BYTES = 100
EVENT_BYTES = 350
RECORD_BYTES = 650
# A ledger entry, and the key that it claims.
ENTRY_BYTES = 335
ENTRY_KEY_BYTES = 105
FUNCTION_LOG_BYTES = 520
RUN_LOG_BYTES = 560
LOGS_RUN_LOG_BYTES = 640
SETTLED_LOG_BYTES = 520
ANSWER_BYTES = 310
BATCH_ANSWER_BYTES_PER_EVENT = 345

# --- Assumed --------------------------------------------------------------------------------------

# Lambda's own START, END and REPORT lines; API Gateway's access line; an answer's headers.
PLATFORM_LOG_BYTES = 500
ACCESS_LOG_BYTES = 400
HEADER_BYTES = 300
# Each key asks the authorizer once a minute at most, which is as long as an answer holds.
KEYS = 10
# Lambda keeps five long polls of 20 s on a queue, with or without messages in it.
IDLE_POLLS = 5 * SECONDS // 20
# Of each function: the first invocation of a second, and one in twenty of the others.
TRACED_SHARE = Decimal("0.05")
# Sent ten at a time; each received and deleted alone at worst.
QUEUE_REQUESTS_PER_SETTLE = Decimal("2.1")
SETTLES_PER_INVOCATION = 10
# The memory at which a function has one whole processor.
WHOLE_PROCESSOR_MB = 1769


@dataclass(frozen=True, slots=True)
class Work:
    """What one invocation does: `cpu_ms` were measured on one x86 core against a store that answers
    at once, and rounded up; `wait_ms` for the store is assumed.
    """

    memory_mb: int
    cpu_ms: Decimal
    wait_ms: int

    @property
    def milliseconds(self) -> Decimal:
        """Tell how long it takes with the share of a processor that the memory buys."""
        slower = max(Decimal(1), Decimal(WHOLE_PROCESSOR_MB) / self.memory_mb)
        return self.cpu_ms * slower + self.wait_ms

    @property
    def gb_seconds(self) -> Decimal:
        """Tell what Lambda charges it by."""
        return Decimal(self.memory_mb) / 1024 * self.milliseconds / 1000


SINGLE_WORK = Work(512, Decimal("2.5"), wait_ms=10)
BATCH_WORK = Work(512, Decimal(30), wait_ms=50)
AUTHORIZER_WORK = Work(256, Decimal(2), wait_ms=5)
SETTLE_WORK = Work(512, Decimal(6), wait_ms=25)
# 34 calls one after the other.
RUN_WORK = Work(512, Decimal(33), wait_ms=34 * 5)
# Most of it is the start: an hour later, the container is gone.
LOGS_RUN_WORK = Work(1769, Decimal(2_600), wait_ms=100)


class Priced(StrEnum):
    """What AWS has a price for."""

    WRITE_UNITS = "DynamoDB write request units"
    READ_UNITS = "DynamoDB read request units"
    STORED_GB = "DynamoDB storage"
    BACKUP_GB = "DynamoDB point-in-time recovery"
    API_REQUESTS = "HTTP API requests"
    INVOCATIONS = "Lambda requests"
    GB_SECONDS = "Lambda duration, x86_64"
    ARM_GB_SECONDS = "Lambda duration, arm64"
    ALARMS = "CloudWatch alarms"
    METRICS = "CloudWatch custom metrics"
    LOG_GB = "CloudWatch logs, taken in"
    KEPT_LOG_GB = "CloudWatch logs, kept a month"
    TRACES = "X-Ray traces recorded"
    QUEUE_REQUESTS = "SQS requests"
    SCHEDULES = "EventBridge Scheduler invocations"
    LISTINGS = "S3 LIST requests"
    TRANSITIONS = "Step Functions state transitions"
    OUT_GB = "Data transfer out to the internet"
    SNAPSHOT_GB_SECONDS = "Lambda SnapStart, cached snapshot"
    RESTORED_GB = "Lambda SnapStart, restored"


@dataclass(frozen=True, slots=True)
class Price:
    """The list price for `per` units; after `tier_units` of a month the second price holds."""

    page: str
    unit: str
    per: int
    dollars: Decimal
    free_units: int = 0
    tier_units: int | None = None
    tier_dollars: Decimal | None = None

    def of(self, units: Decimal, *, free_tier: bool) -> Decimal:
        """Tell what a month's units cost."""
        charged = max(Decimal(0), units - (self.free_units if free_tier else 0))
        if self.tier_units is None or self.tier_dollars is None or charged <= self.tier_units:
            return charged / self.per * self.dollars
        above = charged - self.tier_units
        return (self.tier_units * self.dollars + above * self.tier_dollars) / self.per


REGION = "us-east-1"
PRICES_READ = "2026-11-22"

# Free units are those that do not end with an account's first year.
PRICES: Mapping[Priced, Price] = {
    Priced.WRITE_UNITS: Price("Amazon DynamoDB", "million", MILLION, Decimal("0.625")),
    Priced.READ_UNITS: Price("Amazon DynamoDB", "million", MILLION, Decimal("0.125")),
    Priced.STORED_GB: Price("Amazon DynamoDB", "GB-month", 1, Decimal("0.25"), free_units=25),
    Priced.BACKUP_GB: Price("Amazon DynamoDB", "GB-month", 1, Decimal("0.20")),
    Priced.API_REQUESTS: Price(
        "Amazon API Gateway",
        "million",
        MILLION,
        Decimal("1.00"),
        tier_units=300 * MILLION,
        tier_dollars=Decimal("0.90"),
    ),
    Priced.INVOCATIONS: Price("AWS Lambda", "million", MILLION, Decimal("0.20"), MILLION),
    Priced.GB_SECONDS: Price(
        "AWS Lambda", "GB-second", 1, Decimal("0.0000166667"), free_units=400_000
    ),
    Priced.ARM_GB_SECONDS: Price(
        "AWS Lambda", "GB-second", 1, Decimal("0.0000133334"), free_units=400_000
    ),
    Priced.ALARMS: Price("Amazon CloudWatch", "alarm-month", 1, Decimal("0.10"), free_units=10),
    Priced.METRICS: Price("Amazon CloudWatch", "metric-month", 1, Decimal("0.30"), free_units=10),
    Priced.LOG_GB: Price("Amazon CloudWatch", "GB", 1, Decimal("0.50"), free_units=5),
    Priced.KEPT_LOG_GB: Price("Amazon CloudWatch", "GB-month", 1, Decimal("0.03"), free_units=5),
    Priced.TRACES: Price("AWS X-Ray", "million", MILLION, Decimal("5.00"), free_units=100_000),
    Priced.QUEUE_REQUESTS: Price("Amazon SQS", "million", MILLION, Decimal("0.40"), MILLION),
    Priced.SCHEDULES: Price(
        "Amazon EventBridge", "million", MILLION, Decimal("1.00"), free_units=14 * MILLION
    ),
    Priced.LISTINGS: Price("Amazon S3", "thousand", 1_000, Decimal("0.005")),
    Priced.TRANSITIONS: Price("AWS Step Functions", "thousand", 1_000, Decimal("0.025"), 4_000),
    Priced.OUT_GB: Price(
        "Amazon EC2, data transfer",
        "GB",
        1,
        Decimal("0.09"),
        free_units=100,
        tier_units=10 * 1024,
        tier_dollars=Decimal("0.085"),
    ),
    Priced.SNAPSHOT_GB_SECONDS: Price("AWS Lambda", "GB-second", 1, Decimal("0.0000015046")),
    Priced.RESTORED_GB: Price("AWS Lambda", "GB", 1, Decimal("0.0001397998")),
}

type Units = Mapping[Priced, Decimal]
type Dollars = Mapping[Priced, Decimal]


def dollars_of(units: Units, *, free_tier: bool) -> Dollars:
    """Tell what a month's units cost, line by line."""
    return {priced: PRICES[priced].of(used, free_tier=free_tier) for priced, used in units.items()}


def total(dollars: Dollars) -> Decimal:
    """Add up."""
    return sum(dollars.values(), Decimal(0))


def both(first: Units, second: Units) -> Units:
    """Add two sets of units."""
    return {
        priced: first.get(priced, Decimal(0)) + second.get(priced, Decimal(0))
        for priced in Priced
        if priced in first or priced in second
    }


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
    def settle_write_units(self) -> int:
        """Tell what one settle writes, and the try that it makes fail where requests go on."""
        busy = self.events_per_settle > BUSY_TAB_EVENTS
        settle = BUSY_SETTLE_WRITE_UNITS if busy else SETTLE_WRITE_UNITS
        if self.events_per_settle == self.events_per_request:
            return settle
        outdated = OUTDATED_EVENT_WRITE_UNITS * self.events_per_request + OUTDATED_TAB_WRITE_UNITS
        return settle + outdated


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
    log_bytes = MINUTES * RUN_LOG_BYTES + HOURS * LOGS_RUN_LOG_BYTES
    log_gb = (log_bytes + (MINUTES + HOURS) * PLATFORM_LOG_BYTES) / GB
    gb_seconds = MINUTES * RUN_WORK.gb_seconds + HOURS * LOGS_RUN_WORK.gb_seconds
    runs = Decimal(MINUTES + HOURS)
    return {
        Priced.WRITE_UNITS: Decimal(MINUTES * RUN_WRITE_UNITS),
        Priced.READ_UNITS: MINUTES * RUN_READ_UNITS + HOURS * LOGS_RUN_READ_UNITS,
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
    handed_out = settles if settles / MINUTES > INLINE_TABS_MAX else Decimal(0)
    authorized = min(requests, Decimal(KEYS * MINUTES))
    settling = handed_out / SETTLES_PER_INVOCATION
    gb_seconds = (
        requests * shape.work.gb_seconds
        + authorized * AUTHORIZER_WORK.gb_seconds
        + settles * SETTLE_WORK.gb_seconds
    )
    log_gb = _log_bytes(requests, authorized, handed_out, settling, deployment) / GB
    traces = sum(map(traced, (requests, authorized, settling)), Decimal(0))
    return {
        Priced.WRITE_UNITS: requests * shape.request_write_units
        + settles * shape.settle_write_units,
        Priced.READ_UNITS: settles * (SETTLE_READ_UNITS + FORGOTTEN_READ_UNITS)
        + authorized * KEY_READ_UNITS,
        Priced.STORED_GB: stored_bytes(shape, events) / GB,
        Priced.BACKUP_GB: table_bytes(shape, events) / GB,
        Priced.API_REQUESTS: requests,
        Priced.INVOCATIONS: requests + authorized + settling,
        _duration(deployment): gb_seconds,
        Priced.METRICS: Decimal(METRICS if events else 0),
        Priced.LOG_GB: log_gb,
        Priced.KEPT_LOG_GB: log_gb,
        Priced.TRACES: traces if deployment.traced else Decimal(0),
        Priced.QUEUE_REQUESTS: handed_out * QUEUE_REQUESTS_PER_SETTLE,
        Priced.OUT_GB: requests * shape.answer_bytes / GB,
    }


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
    """Tell the same with the indexes: each event stands in one, each record in two."""
    of_event = EVENT_BYTES + STORED_OVERHEAD_BYTES
    of_record = 2 * (RECORD_BYTES + STORED_OVERHEAD_BYTES)
    in_indexes = Decimal(events) * of_event + Decimal(events) / shape.events_per_settle * of_record
    return table_bytes(shape, events) + in_indexes


def _log_bytes(
    requests: Decimal,
    authorized: Decimal,
    handed_out: Decimal,
    settling: Decimal,
    deployment: Deployment,
) -> Decimal:
    of_services = requests * ACCESS_LOG_BYTES + (
        (requests + authorized + settling) * PLATFORM_LOG_BYTES
    )
    if not deployment.info_logs:
        return of_services
    return of_services + (
        (requests + authorized) * FUNCTION_LOG_BYTES + handed_out * SETTLED_LOG_BYTES
    )


def _duration(deployment: Deployment) -> Priced:
    return Priced.ARM_GB_SECONDS if deployment.arm64 else Priced.GB_SECONDS


# --- The tables of docs/costs.md ------------------------------------------------------------------

# The lines that are shown together.
LINES: Mapping[str, Sequence[Priced]] = {
    "DynamoDB writes": [Priced.WRITE_UNITS],
    "DynamoDB reads": [Priced.READ_UNITS],
    "DynamoDB storage and recovery": [Priced.STORED_GB, Priced.BACKUP_GB],
    "API Gateway": [Priced.API_REQUESTS],
    "Lambda": [Priced.INVOCATIONS, Priced.GB_SECONDS, Priced.ARM_GB_SECONDS],
    "CloudWatch alarms": [Priced.ALARMS],
    "CloudWatch metrics": [Priced.METRICS],
    "CloudWatch logs": [Priced.LOG_GB, Priced.KEPT_LOG_GB],
    "X-Ray": [Priced.TRACES],
    "SQS": [Priced.QUEUE_REQUESTS],
    "Scheduler and S3": [Priced.SCHEDULES, Priced.LISTINGS],
    "Data transfer": [Priced.OUT_GB],
}

type Row = Sequence[str]


def table(head: Row, rows: Iterable[Row]) -> str:
    """Write a table in Markdown; every column but the first is a figure."""
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ruler, *rows])


def money(dollars: Decimal) -> str:
    """Write an amount to the cent, from a thousand dollars on to the dollar."""
    step = Decimal(1) if dollars >= 1000 else Decimal("0.01")  # noqa: PLR2004  As the sentence says.
    return f"${dollars.quantize(step, ROUND_HALF_UP):,}"


def count(units: Decimal) -> str:
    """Write a number of units."""
    return f"{units.quantize(Decimal('0.01')).normalize():,f}"


def volume(events: int) -> str:
    """Write a number of events a month."""
    return f"{events // MILLION} M" if events < 1_000 * MILLION else f"{events // 10**9} B"


def price_table() -> str:
    """List the prices."""
    return table(
        ["what", "price", "free each month", "AWS price page"],
        [
            [priced, _price_text(price), _free_text(price), price.page]
            for priced, price in PRICES.items()
        ],
    )


def _price_text(price: Price) -> str:
    first = f"${price.dollars} per {price.unit}"
    if price.tier_units is None:
        return first
    return f"{first}, ${price.tier_dollars} above {price.tier_units // price.per:,}"


def _free_text(price: Price) -> str:
    return f"{price.free_units:,}" if price.free_units else "none"


def idle_table() -> str:
    """Show what 0 events cost, and which of it the free tier takes off."""
    units = idle_units()
    listed, charged = (dollars_of(units, free_tier=free) for free in (False, True))
    rows = [
        [priced, count(units[priced]), money(listed[priced]), money(charged[priced])]
        for priced in units
    ]
    totals = ["**total**", "", f"**{money(total(listed))}**", f"**{money(total(charged))}**"]
    return table(["0 events", "units", "list price", "after the free tier"], [*rows, totals])


def volume_table() -> str:
    """Show what a month costs by the number of events and the way they arrive."""
    return table(
        ["a month, list prices", *map(volume, VOLUMES)],
        [
            [shape.name, *[money(total(_month(shape, events))) for events in VOLUMES]]
            for shape in SHAPES
        ],
    )


def million_table() -> str:
    """Show what a million more events cost at each volume."""
    return table(
        ["a million events, of that month", *map(volume, VOLUMES)],
        [
            [
                shape.name,
                *[money(total(_month(shape, events)) * MILLION / events) for events in VOLUMES],
            ]
            for shape in SHAPES
        ],
    )


def line_table(shape: Shape) -> str:
    """Show where the money of a shape goes."""
    months = [_month(shape, events) for events in VOLUMES]
    rows = [
        [
            line,
            *[
                money(sum((month.get(p, Decimal(0)) for p in priced), Decimal(0)))
                for month in months
            ],
        ]
        for line, priced in LINES.items()
    ]
    totals = ["**total**", *[f"**{money(total(month))}**" for month in months]]
    return table([shape.name, *map(volume, VOLUMES)], [*rows, totals])


def storage_table() -> str:
    """Show what keeping the events of each month adds to every month after it."""
    return table(
        ["each month's events, kept", *map(volume, VOLUMES)],
        [
            [
                shape.name,
                *[
                    f"{stored_bytes(shape, events) / GB:,.1f} GB, {money(_kept(shape, events))}"
                    for events in VOLUMES
                ],
            ]
            for shape in SHAPES
        ],
    )


def _kept(shape: Shape, events: int) -> Decimal:
    month = _month(shape, events)
    return month[Priced.STORED_GB] + month[Priced.BACKUP_GB]


def _month(shape: Shape, events: int, deployment: Deployment = DEFAULT) -> Dollars:
    return dollars_of(month_units(shape, events, deployment), free_tier=False)


SAVINGS: Mapping[str, Deployment] = {
    "as deployed by default": DEFAULT,
    "`Architecture=arm64`": replace(DEFAULT, arm64=True),
    "`LogLevel=WARN`": replace(DEFAULT, info_logs=False),
    "`Tracing: PassThrough`": replace(DEFAULT, traced=False),
    "all three": Deployment(arm64=True, info_logs=False, traced=False),
}


def savings_table() -> str:
    """Show what settings change at 100 million events."""
    events = 100 * MILLION
    return table(
        [f"{volume(events)} events", *[shape.name for shape in SHAPES]],
        [
            [what, *[money(total(_month(shape, events, deployment))) for shape in SHAPES]]
            for what, deployment in SAVINGS.items()
        ],
    )


def other_table() -> str:
    """Show what is charged beside usage, each on its own."""
    lines = 1_000 * LOG_LINE_WRITE_UNITS
    failed = Decimal(1_000 * DUNNING_TRANSITIONS)
    cached = _cached_gb_seconds(512)
    rows = [
        ("writes of 1,000 lines of log files", Priced.WRITE_UNITS, lines),
        ("Step Functions for 1,000 charges that fail six times", Priced.TRANSITIONS, failed),
        ("SnapStart of one version with 512 MB, a month", Priced.SNAPSHOT_GB_SECONDS, cached),
    ]
    return table(
        ["beside usage", "units", "list price"],
        [
            [what, f"{count(units)}", f"${PRICES[priced].of(units, free_tier=False):.4f}"]
            for what, priced, units in rows
        ],
    )


def _cached_gb_seconds(memory_mb: int) -> Decimal:
    return Decimal(memory_mb) / 1024 * SECONDS


def tables() -> Mapping[str, str]:
    """Write every table by its name on the page."""
    return {
        "prices": price_table(),
        "idle": idle_table(),
        "volumes": volume_table(),
        "millions": million_table(),
        "batched": line_table(BATCHED),
        "single": line_table(SINGLE),
        "quiet": line_table(QUIET),
        "storage": storage_table(),
        "savings": savings_table(),
        "others": other_table(),
    }


def main() -> None:
    """Print every table under its name."""
    for name, text in tables().items():
        print(f"<!-- {name} -->\n{text}\n")


if __name__ == "__main__":
    main()
