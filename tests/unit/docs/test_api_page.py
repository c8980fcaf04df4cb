"""docs/api.md names every route, error code, scope and limit, and none that does not exist."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from billing.domain.api_keys import Scope
from billing.domain.customers import RETRIES_MAX, RETRY_DELAY_SECONDS_MAX
from billing.domain.ids import IDEMPOTENCY_KEY_LENGTH_MAX
from billing.domain.ledger import EntryKind, Wallet, post
from billing.domain.logfiles import FILE_BYTES_MAX, LINE_BYTES_MAX, PROBLEMS_KEPT_MAX
from billing.domain.money import EVENT_AMOUNT_CENTS_MAX, MAX_CENTS, PRICE_DECIMALS_MAX
from billing.domain.price_models import BOUND_UNITS_MAX, TIERS_MAX
from billing.domain.pricing import PRICE_AHEAD_MAX, PRICE_VERSIONS_MAX
from billing.domain.tabs import LINES_MAX, SHARDS_MAX
from billing.domain.usage import UNITS_MAX
from billing.edge.api.all_routes import ROUTES, published_errors
from billing.edge.api.balance import show_ledger
from billing.edge.api.openapi import describe
from billing.edge.api.pricing import PreviewRequest
from billing.edge.api.products import ProductChange, ProductRequest
from billing.edge.api.records import ChargeBody
from billing.edge.api.usage import UsageRequest
from billing.edge.api.users import CustomerChange, CustomerRequest
from billing.edge.api.wallets import AddFundsBody
from billing.edge.aws.log_text import GROWTH_FREE_BYTES, GROWTH_MAX
from billing.edge.http import strict_json
from billing.edge.http.fields import PAGE_ITEMS_DEFAULT
from billing.edge.http.problems import INTERNAL_ERROR_CODE, status_of
from billing.edge.http.routes import Route
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from billing.edge.http.values import EMAIL_LENGTH_MAX, NAME_LENGTH_MAX
from billing.services.catalogue import PRICE_NOTICE_SECONDS
from billing.services.dunning import RECORDS_PER_VISIT_MAX
from billing.services.explain_record import PARTS_MAX
from billing.services.paging import PAGE_ITEMS_MAX
from billing.services.read_ledger import LedgerPage
from billing.services.record_usage import BATCH_EVENTS_MAX
from tests.support.description import validator_of
from tests.support.lambdas import ROOT
from tests.unit.edge.aws.log_lines.reading import reasons

if TYPE_CHECKING:
    from pydantic import BaseModel

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SCHEMAS = describe()["components"]["schemas"]


def sections() -> dict[str, str]:
    """Split the text at its headings, and join its lines but those of tables."""
    parts = re.split(r"^###? (.+)$", TEXT, flags=re.MULTILINE)
    texts = (re.sub(r"(?<!\|)\n(?!\|)", " ", text) for text in parts[2::2])
    return dict(zip(parts[1::2], texts, strict=True))


def test_every_route_has_a_section_and_every_such_section_a_route() -> None:
    methods = "GET|POST|PUT|PATCH|DELETE"
    documented = {heading for heading in sections() if re.match(f"({methods}) /", heading)}
    assert documented == {route.key for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.key)
def test_a_section_names_scope_statuses_errors_and_fields(route: Route) -> None:
    section = sections()[route.key]
    if not route.needs_key:
        assert "No key" in section
    elif route.needed_scope is None:
        assert "Any key" in section
    else:
        assert f"Scope `{route.needed_scope}`" in section
    for status in route.statuses:
        assert str(status) in section
    for error in route.own_errors:
        assert f"`{error.code}`" in section
    models = [model for model in (route.request, route.query) if model is not None]
    for model in models:
        for field in model.model_fields.values():
            assert f"`{field.alias}`" in section, field


def test_every_field_of_every_schema_is_mentioned() -> None:
    fields = {field for schema in SCHEMAS.values() for field in schema.get("properties", ())}
    missing = sorted(field for field in fields if not re.search(rf"\b{field}\b", TEXT))
    assert missing == []


def test_the_table_of_codes_is_exactly_what_is_published() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", sections()["Error codes"], flags=re.MULTILINE)
    expected = {error.code: str(status_of(error)) for error in published_errors()}
    assert dict(rows) == {**expected, INTERNAL_ERROR_CODE: "500"}
    assert len(rows) == len(expected) + 1


def test_every_scope_is_named_and_no_other() -> None:
    assert set(re.findall(r"\| `([a-z:]+)` \|", sections()["Keys and scopes"])) == set(Scope)


@pytest.mark.parametrize(
    "limit",
    [strict_json.BODY_BYTES_MAX, strict_json.DEPTH_MAX, strict_json.DIGITS_MAX, BATCH_EVENTS_MAX,
     PAGE_ITEMS_MAX, PAGE_ITEMS_DEFAULT, IDEMPOTENCY_KEY_LENGTH_MAX, NAME_LENGTH_MAX,
     EMAIL_LENGTH_MAX, MAX_CENTS, UNITS_MAX, EVENT_AMOUNT_CENTS_MAX, PRICE_DECIMALS_MAX,
     PRICE_VERSIONS_MAX, PRICE_NOTICE_SECONDS, PRICE_AHEAD_MAX.days, TIERS_MAX, BOUND_UNITS_MAX,
     PARTS_MAX, RETRIES_MAX, RETRY_DELAY_SECONDS_MAX, RECORDS_PER_VISIT_MAX,
     LINE_BYTES_MAX, FILE_BYTES_MAX, PROBLEMS_KEPT_MAX, GROWTH_MAX,
     GROWTH_FREE_BYTES, LINES_MAX * SHARDS_MAX],
)  # fmt: skip
def test_every_limit_is_told(limit: int) -> None:
    assert re.search(rf"(?<![\d,]){limit:,}(?![\d,])", sections()["Limits"])


def examples() -> list[dict[str, Any]]:
    """Read all examples of JSON."""
    found = re.findall(r"^```json\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    return [json.loads(example) for example in found]


def schema_of(example: Mapping[str, object]) -> str | None:
    """Name the schema of exactly these fields, or else the answer that fits with most of them."""
    fields = set(example)
    known = {name: set(schema.get("properties", ())) for name, schema in SCHEMAS.items()}
    exact = [name for name, properties in known.items() if properties == fields]
    needed = {name: set(SCHEMAS[name].get("required", ())) for name in known}
    fitting = [
        name
        for name, properties in known.items()
        if name.endswith("Answer") and needed[name] <= fields <= properties
    ]
    # Every list has the same two fields: what it lists tells which one it is.
    described = [name for name in exact if validator_of(name).is_valid(example)]
    best = max(fitting, key=lambda name: len(needed[name]), default=None)
    return next(iter(described or exact), best)


def test_examples_of_requests_are_accepted_and_examples_of_answers_are_as_described() -> None:
    named = [(schema_of(example), example) for example in examples()]
    for name, example in named:
        if name is not None:
            validator_of(name).validate(example)
    assert {name for name, _ in named if name is not None} >= {
        "UsageEventAnswer",
        "UsageBatchRequest",
        "UsageBatchAnswer",
        "CreditBody",
        "CreditAnswer",
        "BalanceAnswer",
        "LedgerAnswer",
        "ProofAnswer",
        "LineAnswer",
        "PreviewAnswer",
        "ProductAnswer",
        "CustomerAnswer",
        "WalletAnswer",
        "WalletBalanceAnswer",
        "RecordDetailAnswer",
        "ProcessAnswer",
        "JobAnswer",
        "RetriesAnswer",
        "LogFileAnswer",
        "LogProblemAnswer",
        "LogsAnswer",
        "DunningRunAnswer",
        "Problem",
    }
    # What leaves out optional fields is a request.
    partial = [example for name, example in named if name is None]
    requests: list[type[BaseModel]] = [
        UsageRequest,
        AddFundsBody,
        ChargeBody,
        ProductRequest,
        ProductChange,
        PreviewRequest,
        CustomerRequest,
        CustomerChange,
    ]
    for example, model in zip(partial[:-1], requests, strict=True):
        validate(model, parse(json.dumps(example)))
    # The last one is no request, but a line of a log file.
    assert reasons(json.dumps(partial[-1]).encode()) == [None]


def test_the_program_that_verifies_a_ledger_by_itself_works() -> None:
    """Run the very lines of the documentation on entries that this code made, good and forged."""
    [program] = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
    namespace: dict[str, object] = {}
    exec(compile(program, "api.md", "exec"), namespace)  # noqa: S102  The text is the project's.
    verify = namespace["verify"]
    assert callable(verify)
    entries = ledger_entries()
    assert verify("acme", entries) == (2, 4937, entries[-1]["hash"])
    [shown] = [example for example in examples() if {"items", "balanceCents"} <= example.keys()]
    proven = (2, shown["balanceCents"], shown["items"][0]["hash"])
    assert verify("acme", shown["items"][::-1]) == proven
    for field, forged in (("amountCents", 6000), ("reference", "other"), ("seq", 3)):
        with pytest.raises(AssertionError):
            verify("acme", [{**entries[0], field: forged}, entries[1]])
    with pytest.raises(AssertionError):
        verify("acme", entries[1:])


def ledger_entries() -> list[dict[str, object]]:
    """Make two entries, as the ledger route shows them, oldest first."""
    now = datetime(2026, 1, 31, 9, tzinfo=UTC)
    first, wallet = post(
        Wallet("acme"), kind=EntryKind.CREDIT, amount_cents=5000, reference="key ü", now=now
    )
    second, _ = post(wallet, kind=EntryKind.USAGE, amount_cents=-63, reference="acme~0~1", now=now)
    page = LedgerPage([first, second], second.balance_cents, None)
    shown: list[dict[str, object]] = show_ledger(page).model_dump()["items"]
    return shown
