"""What AWS asks for a unit, by its public price pages, and what a month's units come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tools.costs.counted import MILLION


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
