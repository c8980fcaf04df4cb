"""Billing and AsyncBilling against the whole functions of the product, over HTTP."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from billing.domain.api_keys import Scope
from tests.client.conftest import AT_ONCE, Product
from usage_billing import AsyncBilling, Billing, InvalidError, KeyRefusedError, NotFoundError
from usage_billing.api.problems import (
    CustomerExistsError,
    CustomerNotFoundError,
    InvalidRequestError,
    MethodNotAllowedError,
    NotAcceptableError,
    ScopeMissingError,
    UsageEventConflictError,
)
from usage_billing.calls import Call


def test_usage_is_recorded_billed_and_proven(billing: Billing) -> None:
    billing.create_customer(id="story", mode="postpaid")
    event = billing.record_usage("story", "api-calls", 250, id="request-17")
    again = billing.record_usage("story", "api-calls", Decimal("250.0"), id="request-17")
    billing.run_billing_job()

    assert again == event
    assert billing.get_usage_event("story", "request-17")["entryId"] == "story~1"
    assert [entry["amountCents"] for entry in billing.list_ledger_entries("story")] == [-250]
    assert billing.verify_ledger("story")["ok"]


def test_an_amount_is_exact_from_end_to_end(billing: Billing) -> None:
    billing.create_product("Fine", id="fine", unit_price_cents=Decimal("0.000000000001"))
    billing.create_product("Parts", id="parts", unit_price_cents=1, unit_decimals=6)
    billing.create_customer(id="exact", mode="postpaid")

    fine = billing.record_usage("exact", "fine", 1)
    parts = billing.record_usage("exact", "parts", Decimal("0.1"))

    assert fine["unitPriceCents"] == "0.000000000001"
    assert parts["units"] == "0.1"


def test_an_event_is_named_before_it_is_sent(billing: Billing) -> None:
    [one, other] = billing.record_usage_batch(
        [
            {"customerId": "acme", "productId": "api-calls", "units": 1, "id": "mine"},
            {"customerId": "acme", "productId": "api-calls", "units": Decimal(2)},
        ]
    )["results"]

    assert one["event"] is not None
    assert one["event"]["id"] == "mine"
    assert other["status"] == "accepted"


def test_a_list_is_read_page_by_page(billing: Billing) -> None:
    for number in range(5):
        billing.create_customer(id=f"page-{number}")
    of_pages = billing.list_customers(limit=2)

    ids = [customer["id"] for customer in of_pages if customer["id"].startswith("page-")]

    assert ids == [f"page-{number}" for number in (4, 3, 2, 1, 0)]
    assert all(len(page["items"]) <= 2 for page in of_pages.pages())
    assert len(list(of_pages)) == len(list(billing.list_customers()))


def test_a_list_is_read_as_of_a_time(billing: Billing) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert list(billing.list_ledger_entries("acme", as_of=long_ago)) == []


def test_a_change_takes_away_what_is_none_and_leaves_the_rest(billing: Billing) -> None:
    billing.create_customer(id="changing", name="Before", email="before@example.com")

    changed = billing.update_customer("changing", email=None)

    assert changed["email"] is None
    assert changed["name"] == "Before"


def test_money_is_added_once_for_one_key(billing: Billing) -> None:
    billing.create_customer(id="funded")

    first = billing.add_funds("funded", 500, idempotency_key="invoice-1")
    assert billing.credit_wallet("funded", 500, idempotency_key="invoice-1") == first
    billing.add_funds("funded", 500)

    assert billing.get_wallet_balance("funded")["balance"] == "10.00"


def test_what_is_deleted_has_no_answer(billing: Billing) -> None:
    billing.create_customer(id="leaving")
    billing.delete_customer("leaving")

    with pytest.raises(CustomerNotFoundError):
        billing.get_customer("leaving")


def test_a_page_for_people_is_text(billing: Billing) -> None:
    assert "<html" in billing.get_docs()


def test_an_error_tells_what_the_problem_document_tells(billing: Billing) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        billing.record_usage("acme", "api-calls", 0)

    assert (caught.value.status, caught.value.code) == (400, "invalid_request")
    assert [fault.field for fault in caught.value.errors] == ["units"]
    assert caught.value.request_id is not None
    assert not caught.value.passes


def test_what_the_request_is_at_fault_for_is_no_fault_of_the_system() -> None:
    assert issubclass(NotAcceptableError, InvalidError)


def test_errors_are_caught_by_their_branch(billing: Billing) -> None:
    with pytest.raises(NotFoundError, match="Customer nobody not found"):
        billing.get_wallet("nobody")
    with pytest.raises(CustomerExistsError):
        billing.create_customer(id="acme")
    billing.record_usage("acme", "api-calls", 1, id="taken")
    with pytest.raises(UsageEventConflictError):
        billing.record_usage("acme", "api-calls", 2, id="taken")


def test_a_path_that_has_other_methods_tells_them(billing: Billing) -> None:
    with pytest.raises(MethodNotAllowedError) as caught:
        billing._transport.carry_out(Call("DELETE", "/users", may_repeat=False))

    assert sorted(caught.value.allowed_methods) == ["GET", "POST"]


def test_a_key_that_is_refused_is_told_apart_from_one_that_lacks_a_scope(product: Product) -> None:
    reader = product.key_with(Scope.BILLING_READ)
    with Billing(product.url, reader) as billing, pytest.raises(ScopeMissingError):
        billing.run_billing_job()
    with Billing(product.url, "ub_unknown") as billing, pytest.raises(KeyRefusedError) as unknown:
        billing.get_wallet("acme")
    with Billing(product.url) as billing, pytest.raises(KeyRefusedError) as missing:
        billing.get_wallet("acme")

    assert (unknown.value.status, missing.value.status) == (403, 401)
    assert "ub_unknown" not in str(unknown.value)


def test_a_client_takes_address_and_key_from_the_environment(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_URL", product.url)
    monkeypatch.setenv("BILLING_API_KEY", product.key)

    with Billing() as billing:
        assert billing.get_customer("acme")["id"] == "acme"


def test_the_same_is_awaited(product: Product) -> None:
    async def story() -> None:
        async with AsyncBilling(product.url, product.key, retries=AT_ONCE) as billing:
            await billing.create_customer(id="awaited", mode="postpaid")
            await asyncio.gather(
                *(billing.record_usage("awaited", "api-calls", 1, id=f"e{n}") for n in range(8))
            )
            await billing.run_billing_job()
            entries = [entry async for entry in billing.list_ledger_entries("awaited", limit=1)]
            assert sum(entry["amountCents"] for entry in entries) == -8
            with pytest.raises(CustomerNotFoundError):
                await billing.get_wallet("nobody")

    asyncio.run(story())
