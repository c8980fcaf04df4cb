"""A call says exactly what is meant, or is none."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from usage_billing import Billing, Retries, UsageBillingError
from usage_billing.api import customers, products, records, usage, wallets
from usage_billing.errors import NoAnswerError, Refusal, gateway_error
from usage_billing.exchange import Answer, read


def content(body: bytes | None) -> object:
    assert body is not None
    return json.loads(body)


@pytest.mark.parametrize(
    ("units", "written"),
    [(3, 3), ("2.50", "2.50"), (Decimal("1E+3"), "1000"), (Decimal("0.1"), "0.1")],
    ids=["integer", "text", "exponent", "decimal"],
)
def test_units_are_sent_as_they_are_meant(units: int | str | Decimal, written: object) -> None:
    sent = content(usage.record_usage("acme", "api-calls", units, id="e").body)
    assert sent == {"id": "e", "customerId": "acme", "productId": "api-calls", "units": written}


def test_a_float_is_never_sent() -> None:
    with pytest.raises(TypeError, match="exactly"):
        usage.record_usage("acme", "api-calls", 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="exactly"):
        products.preview_price([0.1])  # type: ignore[list-item]


def test_what_is_no_number_is_never_sent() -> None:
    with pytest.raises(ValueError, match="no number"):
        usage.record_usage("acme", "api-calls", Decimal("NaN"))


def test_a_time_is_sent_with_its_offset() -> None:
    berlin = timezone(timedelta(hours=1))
    call = usage.record_usage(
        "acme", "api-calls", 1, id="e", occurred_at=datetime(2026, 1, 31, 10, tzinfo=berlin)
    )
    assert "2026-01-31T10:00:00+01:00" in str(call.body)
    with pytest.raises(ValueError, match="no offset"):
        usage.record_usage("acme", "api-calls", 1, occurred_at=datetime(2026, 1, 31))  # noqa: DTZ001


def test_an_id_stays_one_part_of_the_path() -> None:
    assert customers.get_customer("a/../b?c#d").path == "/users/a%2F..%2Fb%3Fc%23d"
    assert records.get_record("acme~0~1").path == "/billing/acme~0~1"


@pytest.mark.parametrize("text", ["", ".", ".."], ids=["empty", "a dot", "two dots"])
def test_an_id_that_would_name_another_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="userId"):
        customers.get_customer(text)


def test_each_call_has_an_idempotency_key_of_its_own() -> None:
    calls = [wallets.credit_wallet("acme", 5) for _ in range(2)]
    keys = {call.headers["Idempotency-Key"] for call in calls}
    assert len(keys) == 2
    assert wallets.credit_wallet("acme", 5, idempotency_key="mine").headers == {
        "Idempotency-Key": "mine"
    }


@pytest.mark.parametrize(
    "url", ["", "example.com", "ftp://example.com", "https://"], ids=lambda url: url or "none"
)
def test_an_address_that_is_none_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILLING_URL", raising=False)
    with pytest.raises(ValueError, match="address"):
        Billing(url)


@pytest.mark.parametrize("key", [" ", "ub_\n", "ub_é"], ids=["blank", "line end", "accent"])
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        Billing("https://billing.test", key)
    assert "ub_" not in str(caught.value)


def waited(
    error: UsageBillingError, *, tries: int = 1, may_repeat: bool = True, chance: float = 1.0
) -> float | None:
    return Retries().wait_after(error, tries=tries, may_repeat=may_repeat, chance=chance)


def refused(status: int, retry_after_seconds: float | None = None) -> UsageBillingError:
    return gateway_error(Refusal(status, "no", retry_after_seconds=retry_after_seconds))


def test_waits_double_up_to_a_bound_and_are_spread_by_chance() -> None:
    lost = NoAnswerError("lost")
    assert [waited(lost, tries=tries) for tries in range(1, 6)] == [1, 2, 4, 8, None]
    assert waited(lost, tries=3, chance=0.25) == 1
    assert Retries(tries_max=99).wait_after(lost, tries=50, may_repeat=True, chance=1.0) == 20


def test_a_wait_is_at_least_what_the_server_asks_for() -> None:
    assert waited(refused(503, 7)) == 7
    assert waited(refused(503, 1), tries=4) == 8
    assert waited(refused(503, 61)) is None


def test_what_is_refused_for_good_is_not_sent_again() -> None:
    assert waited(refused(403)) is None
    assert waited(refused(404)) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("Sat, 31 Jan 2026 09:00:30 GMT", 30),
        ("Sat, 31 Jan 2026 08:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
    ],
    ids=["seconds", "date", "past", "words", "negative"],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    with pytest.raises(UsageBillingError) as caught:
        read(
            Answer(503, {"retry-after": text}, b""),
            "json",
            now=lambda: datetime(2026, 1, 31, 9, tzinfo=UTC),
        )
    assert caught.value.retry_after_seconds == seconds
