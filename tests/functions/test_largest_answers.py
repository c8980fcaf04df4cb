"""The largest things that may be stored, listed a hundred at a time: Lambda answers with 6 MB."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.domain.customers import RETRIES_MAX, RETRY_DELAY_SECONDS_MAX, Customer, Mode, Terms
from billing.domain.logfiles import FileState, LogFile, Problem, StoredFile
from billing.domain.money import MAX_CENTS
from billing.domain.price_models import TIERS_MAX, Graduated, Tier
from billing.domain.prices import Price
from billing.domain.pricing import PriceVersion, Product
from billing.domain.records import (
    ATTEMPTS_KEPT_MAX,
    Attempt,
    AttemptOutcome,
    BilledLine,
    BillingRecord,
    RecordId,
    RecordStatus,
)
from billing.domain.tabs import LINES_MAX, LineKey, TabRef
from billing.domain.usage import LogSource, UsageClaim
from billing.services.record_usage import Outcome
from billing.storage import keys
from billing.storage.items import Key, size_of, typed
from billing.storage.lists import PAGE_BYTES_MAX
from billing.storage.products import Created
from billing.storage.usage import EVENTS_PER_TRANSACTION_MAX
from tests.support.books import Books
from tests.support.clock import START
from tests.support.cloud import Cloud, function_of, moto_cloud
from tests.support.lambdas import http_event

# Of the payload that a function answers with (AWS Lambda quotas, "Invocation payload").
ANSWER_BYTES_MAX = 6 * 1024 * 1024

# JSON writes a quote as two characters, and Lambda, which carries the answer as text in JSON, as
# four; what is beyond ASCII may be written as twelve.
NAME = '"' * 100 + "\U0001f600" * 100
EMAIL = '"' * 246 + "@a.test"
# So many are made, and stand for the hundred of a page.
SOME = 10

# In the order of ids it comes before the products that are there.
FIRST = "A"
LONGEST = FIRST + "x" * 59
UNITS = Decimal("9" * 15 + "." + "9" * 6)
EXACT = Decimal("9" * 12 + "." + "9" * 18)


def fill_users(books: Books) -> None:
    """Make customers with the longest terms."""
    for number in range(SOME):
        terms = Terms(
            name=NAME,
            email=f"{number}{EMAIL}",
            mode=Mode.POSTPAID,
            credit_limit_cents=MAX_CENTS,
            retry_schedule_seconds=(RETRY_DELAY_SECONDS_MAX,) * RETRIES_MAX,
        )
        customer = Customer.new(f"{number:03d}{LONGEST}", terms, now=books.clock())
        books.stores.dynamo.transact([books.stores.customers.inserting(customer)])


def put_record(books: Books, *, product_id: str) -> Key:
    """Raise a record with as many lines and attempts as there can be."""
    attempt = Attempt(RETRIES_MAX, START, AttemptOutcome.INSUFFICIENT_FUNDS, -MAX_CENTS)
    totals = BilledLine(UNITS, EXACT, 999_999)
    keys_of_lines = (
        LineKey(f"{number:x}{product_id}", 1, "2026-01")
        for number in range(LINES_MAX + EVENTS_PER_TRANSACTION_MAX)
    )
    record = BillingRecord(
        id=RecordId.of_tab(TabRef(LONGEST, 15), 10**9),
        status=RecordStatus.FAILED,
        amount_cents=-MAX_CENTS,
        created_at=START,
        lines=dict.fromkeys(keys_of_lines, totals),
        attempts=(attempt,) * (ATTEMPTS_KEPT_MAX + RETRIES_MAX),
        retry_schedule_seconds=(RETRY_DELAY_SECONDS_MAX,) * RETRIES_MAX,
    )
    books.stores.dynamo.transact([books.stores.records.inserting(record)])
    return keys.record(record.id)


def put_product(books: Books, *, price_cents: Decimal) -> Key:
    """Make a product with all the tiers that a price may have, in several versions."""
    tiers = [Tier(Decimal(10**9 + number), price_cents, price_cents) for number in range(TIERS_MAX)]
    price = Price(Graduated((*tiers[:-1], replace(tiers[-1], up_to=None))), Decimal(10**9))
    versions = tuple(
        PriceVersion(number + 1, price, START + timedelta(days=31 * number)) for number in range(10)
    )
    # A name is given once, also where the product is gone.
    product = Product(f"{FIRST}{price_cents}", NAME, 6, versions, START, len(versions))
    assert books.stores.products.create(product) is Created.DONE
    return keys.product(product.id)


def fill_ledger(books: Books) -> None:
    """Credit under the longest keys."""
    for number in range(SOME):
        books.credit(10**12, key=f"{number:03d}" + '"' * 252)


def fill_usage(books: Books) -> None:
    """Record events with the longest names, each read from a line of a file."""
    claims = [
        UsageClaim(
            customer_id="acme",
            event_id=f"{number:03d}{'e' * 125}",
            product_id="api-calls",
            units=Decimal(10**9),
            source=LogSource(log_file(books).id, 10**11 + number, 1),
        )
        for number in range(SOME)
    ]
    assert {result.outcome for result in books.record(claims)} == {Outcome.ACCEPTED}


def stored(name: str) -> StoredFile:
    """Give a file under the longest key."""
    return StoredFile(f"incoming/{name}" + '"' * (1024 - 9 - len(name)), "e" * 32, 10**12, START)


def log_file(books: Books) -> LogFile:
    """Find the file of which everything is kept, made when first asked for."""
    known = books.stores.log_files.get(stored("kept").id)
    if known is not None:
        return known
    file = LogFile.found(stored("kept"), now=books.clock())
    books.stores.log_files.add(file)
    return file


def fill_log_files(books: Books) -> None:
    """Find files under the longest keys, which failed for the longest reasons."""
    books.clock.advance(1)
    for number in range(SOME):
        file = LogFile.found(stored(f"{number:03d}"), now=books.clock())
        failed = replace(file, state=FileState.FAILED, reason="\\" * 200)
        books.stores.log_files.add(failed)


def fill_problems(books: Books) -> None:
    """Keep lines for the longest reasons."""
    file = log_file(books)
    problems = [Problem(number, "rejected", "\\" * 200) for number in range(1, SOME + 1)]
    kept = replace(file, problems_kept=SOME)
    books.stores.log_files.change(file, kept, problems=problems)


HEAVY: Mapping[str, tuple[Callable[[Books], Key], str]] = {
    "record": (lambda it: put_record(it, product_id=LONGEST), "GET /billing"),
    "record-of-short-lines": (lambda it: put_record(it, product_id=""), "GET /billing"),
    "product": (
        lambda it: put_product(it, price_cents=Decimal("99999999.999999999999")),
        "GET /products",
    ),
    "product-of-short-tiers": (
        lambda it: put_product(it, price_cents=Decimal(1)),
        "GET /products",
    ),
}

LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "users": ("GET /users", {}),
    "ledger": ("GET /billing/ledger/{customerId}", {"customerId": "acme"}),
    "usage": ("GET /billing/balance/{customerId}", {"customerId": "acme"}),
    "logs": ("GET /logs", {}),
    "logs-of-customer": ("GET /logs/user/{userId}", {"userId": "acme"}),
    "log-files": ("GET /logs/files", {}),
    "problems": ("GET /logs/files/{fileId}", {"fileId": stored("kept").id}),
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """Give functions over tables in which some of everything are as long as they may be."""
    with moto_cloud() as cloud:
        for fill in (fill_users, fill_ledger, fill_usage, fill_log_files, fill_problems):
            fill(cloud.books)
        yield cloud


def list_page(
    cloud: Cloud, route: str, parameters: Mapping[str, str] | None = None, *, limit: int
) -> tuple[int, list[Any]]:
    """Read the first page of a list; returns the bytes of the answer, and the items."""
    event = http_event(route, path_parameters=parameters, query={"limit": str(limit)})
    answer = cloud.invoke(function_of(event), event)
    assert answer["statusCode"] == 200, answer
    content = json.loads(answer["body"])
    page = content.get("problems", content)
    return len(json.dumps(answer)), page.get("items", page.get("usageDetails"))


@pytest.mark.parametrize("name", LISTS)
def test_a_hundred_of_the_longest_fit_into_an_answer(cloud: Cloud, name: str) -> None:
    size, items = list_page(cloud, *LISTS[name], limit=SOME)

    assert len(items) == SOME
    assert size * 100 / SOME <= ANSWER_BYTES_MAX


@pytest.mark.parametrize("name", HEAVY)
def test_what_may_be_heavy_is_shown_in_so_much_more_than_it_is_stored_in(
    cloud: Cloud, name: str
) -> None:
    """A page ends where what is stored comes to `PAGE_BYTES_MAX`."""
    put, route = HEAVY[name]
    store, table = cloud.books.stores.dynamo, cloud.books.tables.accounts
    key = put(cloud.books)
    stored_bytes = size_of(store.get(table, key))
    shown_bytes, items = list_page(cloud, route, limit=1)
    store.client.delete_item(TableName=table, Key=typed(key))

    assert items[0]["id"].startswith(FIRST)
    # Else a hundred of them fit in any case, and another one is heavier.
    assert stored_bytes * 100 > PAGE_BYTES_MAX
    assert shown_bytes / stored_bytes * PAGE_BYTES_MAX <= ANSWER_BYTES_MAX
