"""The tables of docs/costs.md."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from tools.costs.counted import (
    BY_PRODUCTS,
    DUNNING_TRANSITIONS,
    GB,
    HELD_DAY_WRITE_UNITS,
    LOG_LINE_WRITE_UNITS,
    MILLION,
    SECONDS,
)
from tools.costs.months import (
    BATCHED,
    DEFAULT,
    QUIET,
    SHAPES,
    SINGLE,
    VOLUMES,
    Deployment,
    Shape,
    idle_units,
    month_units,
    stored_bytes,
)
from tools.costs.prices import PRICES, Dollars, Price, Priced, dollars_of, total

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


def products_table() -> str:
    """Show what a customer writes by how many products they use in an interval."""
    return table(
        [
            "products in the tab",
            "one event",
            "one event, while something is sealed",
            "an event in a batch of 99",
            "a settle",
        ],
        [
            [
                f"{products}",
                f"{units.event}",
                f"{units.event_while_sealed}",
                f"{units.event_of_a_batch:.2f}",
                f"{units.settle}",
            ]
            for products, units in BY_PRODUCTS.items()
        ],
    )


def other_table() -> str:
    """Show what is charged beside usage, each on its own."""
    lines = 1_000 * LOG_LINE_WRITE_UNITS
    failed = Decimal(1_000 * DUNNING_TRANSITIONS)
    cached = _cached_gb_seconds(512)
    rows = [
        ("writes of 1,000 lines of log files", Priced.WRITE_UNITS, lines),
        (
            "writes of 1,000 days of a customer who cannot be charged, beside the events",
            Priced.WRITE_UNITS,
            Decimal(1_000 * HELD_DAY_WRITE_UNITS),
        ),
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
        "products": products_table(),
    }
