"""An event is what was used, and a claim that says the same repeats it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billing.domain.records import RecordId
from billing.domain.usage import UsageClaim, UsageEvent
from tests.support.clock import START

EVENT = UsageEvent(
    customer_id="acme",
    event_id="e1",
    product_id="p",
    units=Decimal("1.5"),
    unit_price_cents=Decimal("0.3"),
    price_version=1,
    occurred_at=START,
    recorded_at=START,
    record_id=RecordId("acme", "0", "1"),
)
SAME = UsageClaim("acme", "e1", "p", Decimal("1.50"), START)


def test_a_claim_that_says_the_same_repeats_an_event() -> None:
    assert EVENT.repeats(SAME)
    assert EVENT.repeats(replace(SAME, occurred_at=None))


@pytest.mark.parametrize(
    "other",
    [
        replace(SAME, units=Decimal("1.51")),
        replace(SAME, product_id="q"),
        replace(SAME, occurred_at=START + timedelta(microseconds=1)),
    ],
)
def test_a_claim_that_says_something_else_does_not(other: UsageClaim) -> None:
    assert not EVENT.repeats(other)
