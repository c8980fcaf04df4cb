"""Meters against whole functions of the product: what is recorded is billed, once."""

from decimal import Decimal
from pathlib import Path

import pytest

from billing.domain.api_keys import Scope
from tests.client.conftest import Product
from usage_billing import Billing, Meter
from usage_billing.meter import UnsentError


def test_usage_is_recorded_as_it_was_given_and_told_apart_by_what_became_of_it(
    product: Product, billing: Billing, tmp_path: Path
) -> None:
    billing.create_product(id="bytes", name="Bytes", unit_price_cents="0.5", unit_decimals=3)
    spool = tmp_path / "spool"
    with Meter(product.url, product.key, spool=spool, background=False) as meter:
        first = meter.record("acme", "api-calls", 3)
        meter.record("acme", "bytes", Decimal("1.250"), id="transfer-1")
        meter.flush()
        meter.record("acme", "bytes", "1.25", id="transfer-1")
        meter.record("acme", "bytes", 2, id="transfer-1")
        meter.record("acme", "api-calls", "0.5", id="half")
        meter.record("nobody", "api-calls", 1, id="lost")
        meter.flush()
        counts = meter.stats().counts

    assert (counts.accepted, counts.duplicate, counts.conflict, counts.rejected) == (2, 1, 1, 2)
    assert billing.get_usage_event("acme", first)["units"] == 3
    assert billing.get_usage_event("acme", "transfer-1")["units"] == "1.25"
    rejected = spool.with_name("spool.rejects.ndjson").read_text()
    codes = ["usage_event_conflict", "invalid_request", "customer_not_found"]
    assert [code for code in codes if code not in rejected] == []


def test_a_key_without_the_scope_is_said_aloud_and_loses_nothing(
    product: Product, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    reader = Meter(product.url, product.key_with(Scope.BILLING_READ), spool=spool, background=False)
    reader.record("acme", "api-calls", 1)
    with pytest.raises(UnsentError, match="scope"):
        reader.flush()
    reader.close()

    with Meter(product.url, product.key, spool=spool, background=False) as meter:
        meter.flush()
        assert meter.stats().counts.accepted == 1
