"""What is counted, and what is assumed: units, bytes, transitions, and the work of an invocation.

What is counted stands here as a figure that another test counts again, in
tests/services/test_costs.py; what is assumed says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

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
# A tab of who cannot be charged: its mark, to hold it, and the record of a day.
HELD_DAY_WRITE_UNITS = 22
SETTLE_READ_UNITS = 2
# Of one product that counts by the month: its month is written too, and read, and so is its price.
MONTH_SETTLE_WRITE_UNITS = 17
MONTH_SETTLE_READ_UNITS = 4
# In a billing interval and a container: looks at the tab's number while a run is due, and a price;
# where there is one request an interval, one of each.
BUSY_READ_UNITS = 2
FORGOTTEN_READ_UNITS = 1
RUN_WRITE_UNITS = 2
RUN_READ_UNITS = Decimal("0.5") * 2 * PARTITIONS
# A page of entries is added to its day, to a report and to the wallet; a day that is over changes
# the wallet, which leaves the list of the closing run.
CLOSING_PAGE_WRITE_UNITS = 6
CLOSED_DAY_WRITE_UNITS = 3
# What a page reads besides its entries and their records, each of which is a unit.
CLOSING_PAGE_READ_UNITS = 3
CLOSING_RUNS_A_DAY = 24
# What it did is kept, which the lease of another run carries without a unit more.
LOGS_RUN_WRITE_UNITS = 1
LOGS_RUN_READ_UNITS = Decimal("1.5")
LOGS_RUN_LISTINGS = 1
KEY_READ_UNITS = 1
LOG_LINE_WRITE_UNITS = Decimal("4.182")


@dataclass(frozen=True, slots=True)
class TabUnits:
    """What a tab of some products costs in write units: an event more, the same while something is
    sealed, and a settle with the mark that the first event of an interval sets.

    Products and customers have UUIDs for names, and a unit costs 0.25 cents.
    """

    event: int
    event_while_sealed: int
    settle: int

    @property
    def event_of_a_batch(self) -> Decimal:
        """What an event costs in a batch of 99 of them."""
        tab = self.event - EVENT_WRITE_UNITS
        return EVENT_WRITE_UNITS + Decimal(tab) / EVENTS_PER_TRANSACTION_MAX


BY_PRODUCTS: Mapping[int, TabUnits] = {
    1: TabUnits(5, 5, 15),
    10: TabUnits(5, 5, 17),
    100: TabUnits(9, 15, 36),
    400: TabUnits(23, 43, 108),
}

# --- Counted: what there is -----------------------------------------------------------------------

# The twelve of every deployment; DetailedAlarms adds more.
ALARMS = 12
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
# The two entries by which a record is listed, which have nothing but keys.
RECORD_INDEX_BYTES = 380
# A ledger entry, and the key that it claims.
ENTRY_BYTES = 335
ENTRY_KEY_BYTES = 105
FUNCTION_LOG_BYTES = 520
RUN_LOG_BYTES = 560
LOGS_RUN_LOG_BYTES = 520
CLOSING_RUN_LOG_BYTES = 480
HANDED_OUT_LOG_BYTES = 470
ANSWER_BYTES = 310
BATCH_ANSWER_BYTES_PER_EVENT = 345

# --- Assumed --------------------------------------------------------------------------------------

# Lambda's own START, END and REPORT lines; API Gateway's access line; an answer's headers.
PLATFORM_LOG_BYTES = 500
ACCESS_LOG_BYTES = 400
HEADER_BYTES = 300
# Each key asks the authorizer once a minute at most, which is as long as an answer holds.
KEYS = 10
# Long polls of 20 s that Lambda keeps, with or without messages: on the settle queue two, to which
# it goes down while traffic is low, and on that of closings; on that of log files five, because it
# does not where a mapping has a maximum of concurrency.
IDLE_POLLERS = 2 + 2 + 5
IDLE_POLLS = IDLE_POLLERS * SECONDS // 20
# Of each function: the first invocation of a second, and one in twenty of the others.
TRACED_SHARE = Decimal("0.05")
# A message hands out ten tabs. Messages are sent ten at a time; each is received and deleted alone,
# by an invocation of its own, at worst.
QUEUE_REQUESTS_PER_MESSAGE = Decimal("2.1")
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
# Most of it is the start: an hour later, the container is gone. So it is with the closing run, of
# which the same is assumed.
LOGS_RUN_WORK = Work(512, Decimal(2_600), wait_ms=100)
