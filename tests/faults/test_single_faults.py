"""One fault at every call of every flow: the caller repeats, and everything happened exactly once.

A fault that passes by itself is not even seen by the caller. A caller whose process was killed, or
who got no answer, sends the same again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

import pytest

from billing.domain.customers import Mode, Status
from billing.domain.errors import CustomerExistsError, ProductExistsError, UnavailableError
from billing.services.dunning import give_up_dunning
from billing.services.manage_customers import suspend_customer
from billing.services.manage_records import process_record
from billing.services.record_usage import Refused
from billing.services.rounds import LEASE_SECONDS
from billing.services.settle_tab import settle_tab
from tests.support.books import Books, event_in
from tests.support.faults import (
    ANSWER_LOST,
    KILLED_AFTER,
    KILLED_BEFORE,
    PASSING,
    THROTTLED,
    UNPROCESSED,
    Fault,
    Faults,
    ProcessKilledError,
    always,
    at,
    die_at,
    from_call,
)
from tests.support.prices import GRADUATED, VOLUME


@dataclass(frozen=True)
class Flow:
    """Something that a caller asks for, and the balance once it was done and billed.

    `prepare` and `act` are given the name of a customer of their own; `act` tells what it was
    answered, which must be the same when it is asked again.
    """

    name: str
    prepare: Callable[[Books, str], None]
    act: Callable[[Books, str], object]
    balance_cents: int

    def __str__(self) -> str:
        """Name the flow in the id of a test."""
        return self.name


def a_customer(books: Books, name: str) -> None:
    """Begin with a customer in a container that remembers nothing."""
    books.customer(name)
    books.restart_container()


def a_customer_with_usage(books: Books, name: str) -> None:
    """Begin with usage to bill."""
    a_customer(books, name)
    books.use(7, customer_id=name)


def a_customer_with_an_outdated_number(books: Books, name: str) -> None:
    """Begin with a container that slept through a run."""
    a_customer_with_usage(books, name)
    books.bill()
    books.clock.advance(-60)


def a_customer_with_a_sealed_tab(books: Books, name: str) -> None:
    """Begin with what a crash between seal and settle leaves behind."""
    a_customer_with_usage(books, name)
    [tab] = books.stores.tabs.of_customer(name)
    books.stores.tabs.seal(tab.ref, now=books.clock())


def a_customer_with_usage_of_a_month(books: Books, name: str) -> None:
    """Begin with usage of a month that is billed in part, and with some that needs no month."""
    a_customer(books, name)
    books.use(9, customer_id=name, product_id="graduated")
    books.bill()
    books.use(6, customer_id=name, product_id="graduated")
    books.use(7, customer_id=name)


def a_customer_who_gets_money_back(books: Books, name: str) -> None:
    """Begin with usage that makes what is billed of its month cheaper."""
    a_customer(books, name)
    books.use(10, customer_id=name, product_id="volume")
    books.bill()
    books.use(1, customer_id=name, product_id="volume")


def credit(books: Books, name: str) -> object:
    """Credit a wallet."""
    receipt = books.credit(500, key="k1", customer_id=name)
    return receipt.entry_id, receipt.balance_cents


def record(books: Books, name: str) -> object:
    """Record two events in one batch."""
    claims = [books.claim(n, customer_id=name, event_id=f"e{n}") for n in (1, 2)]
    results = books.record(claims)
    for result in results:
        if isinstance(result, Refused):
            raise result.error
    return [event_in(result) for result in results]


def settle(books: Books, name: str) -> object:
    """Settle the tab of a customer."""
    [tab] = books.stores.tabs.of_customer(name)
    settle_tab(tab.ref, dunning=books.dunning)
    return None


def run(books: Books, _name: str) -> object:
    """Bill everything, as the run of a later minute does once a lost lease has run out."""
    books.clock.advance(LEASE_SECONDS)
    books.bill(owner=books.new_id())
    return None


def make_customer(books: Books, name: str) -> object:
    """Make a customer; one that is there already was made by the try before."""
    with suppress(CustomerExistsError):
        books.customer(name, email=f"{name}@example.com")
    return books.stores.customers.get(name)


def make_product(books: Books, name: str) -> object:
    """Make a product; one that is there already was made by the try before."""
    with suppress(ProductExistsError):
        books.product(name, "5")
    return books.stores.products.get(name)


def a_customer_without_money(books: Books, name: str) -> None:
    """Begin with a customer who cannot pay."""
    books.customer(name, mode=Mode.PREPAID)


def a_prepaid_customer_with_money(books: Books, name: str) -> None:
    """Begin with a customer who can pay."""
    books.customer(name, mode=Mode.PREPAID)
    books.credit(100, key="funds", customer_id=name)


def a_prepaid_customer_who_owes(books: Books, name: str) -> None:
    """Begin with a record that leads a dunning."""
    books.customer(name, mode=Mode.PREPAID)
    books.charge(40, customer_id=name)


def a_suspended_customer_with_money_who_owes(books: Books, name: str) -> None:
    """Begin with a record that waits, though the money is there."""
    a_prepaid_customer_with_money(books, name)
    suspend_customer(name, stores=books.stores, clock=books.clock)
    books.charge(40, customer_id=name)


def charge(books: Books, name: str) -> object:
    """Raise a charge by hand, under a key."""
    record = books.charge(40, customer_id=name, key="c1")
    return record.id, record.status


def credit_what_is_owed(books: Books, name: str) -> object:
    """Credit more than is owed: the charge follows by itself."""
    receipt = books.credit(100, key="k1", customer_id=name)
    [record] = books.records(name)
    return receipt.entry_id, receipt.balance_cents, record.status


def attempt(books: Books, name: str) -> object:
    """Make the first retry of a dunning."""
    [record] = books.records(name)
    return books.dunning.attempt(record.id, 1)


def give_up(books: Books, name: str) -> object:
    """End a dunning without money."""
    [record] = books.records(name)
    step = give_up_dunning(record.id, stores=books.stores, clock=books.clock)
    assert books.customer_now(name).status is Status.SUSPENDED
    return step


def process(books: Books, name: str) -> object:
    """Charge a record by hand."""
    [record] = books.records(name)
    processed = process_record(str(record.id), dunning=books.dunning)
    return processed.record.status, processed.balance_cents


def a_customer_who_paid(books: Books, name: str) -> None:
    """Begin with a record that is paid, and another one that leads a dunning."""
    a_prepaid_customer_with_money(books, name)
    books.charge(100, customer_id=name, key="paid")
    books.clock.advance(1)
    books.charge(40, customer_id=name, key="owed")


def void(books: Books, name: str) -> object:
    """Take back the record that leads a dunning."""
    [record] = books.records(name)
    voided = books.void(record, reason="Wrong")
    return voided.status, voided.voided


def refund(books: Books, name: str) -> object:
    """Give a record back, which pays the other one."""
    [paid] = [record for record in books.records(name) if record.amount_cents == 100]
    receipt = books.refund(paid)
    return receipt.entry_id, receipt.amount_cents, receipt.balance_cents


def nothing(_books: Books, _name: str) -> None:
    """Begin with nothing."""


FLOWS = [
    Flow("credit", a_customer, credit, balance_cents=500),
    Flow("record", a_customer, record, balance_cents=-3),
    Flow("record-outdated", a_customer_with_an_outdated_number, record, balance_cents=-10),
    Flow("settle", a_customer_with_usage, settle, balance_cents=-7),
    Flow("settle-leftover", a_customer_with_a_sealed_tab, settle, balance_cents=-7),
    Flow("settle-month", a_customer_with_usage_of_a_month, settle, balance_cents=-167),
    Flow("settle-money-back", a_customer_who_gets_money_back, settle, balance_cents=-11),
    Flow("run", a_customer_with_usage, run, balance_cents=-7),
    Flow("make-customer", nothing, make_customer, balance_cents=0),
    Flow("make-product", a_customer, make_product, balance_cents=0),
    Flow("charge", a_prepaid_customer_with_money, charge, balance_cents=60),
    Flow("charge-short", a_customer_without_money, charge, balance_cents=0),
    Flow("credit-owing", a_prepaid_customer_who_owes, credit_what_is_owed, balance_cents=60),
    Flow("attempt", a_prepaid_customer_who_owes, attempt, balance_cents=0),
    Flow("give-up", a_prepaid_customer_who_owes, give_up, balance_cents=0),
    Flow("process", a_suspended_customer_with_money_who_owes, process, balance_cents=60),
    Flow("void", a_prepaid_customer_who_owes, void, balance_cents=0),
    Flow("refund", a_customer_who_paid, refund, balance_cents=60),
]


@pytest.fixture
def books(books: Books) -> Books:
    """Give books with a product of one cent a unit, and two that count by the month."""
    books.product("api-calls", "1")
    books.product("graduated", GRADUATED)
    books.product("volume", VOLUME)
    return books


# Those that read accounts in batches.
BATCH_READING_FLOWS = [flow for flow in FLOWS if flow.name in {"settle-month", "charge", "attempt"}]


def calls_to_strike(flow: Flow, fault: Fault, books: Books, faults: Faults) -> list[int]:
    """Number the calls of a flow when nothing goes wrong, those for which a fault makes sense.

    A run reads the partitions of its indexes one after another: the first of them stands for all.
    """
    flow.prepare(books, "dry")
    faults.count(lambda: flow.act(books, "dry"))
    operations = ["", *(call.operation for call in faults.calls)]
    numbers = [
        number
        for number, (before, operation) in enumerate(pairwise(operations), start=1)
        if (before, operation) != ("Query", "Query")
        and operation in (fault.operations or {operation})
    ]
    assert numbers, "the fault strikes no call of this flow"
    return numbers


def check(flow: Flow, books: Books, names: Sequence[str]) -> None:
    """Bill what is left, and check that each customer's books are exact."""
    run(books, "")
    assert books.dirty_tabs() == set()
    for name in names:
        books.assert_sound(name)
        assert books.balance_cents(name) == flow.balance_cents


@pytest.mark.parametrize("fault", PASSING, ids=str)
@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_a_fault_that_passes_is_not_seen_and_a_repetition_changes_nothing(
    books: Books, faults: Faults, flow: Flow, fault: Fault
) -> None:
    assert_not_seen(flow, fault, books, faults)


@pytest.mark.parametrize("flow", BATCH_READING_FLOWS, ids=str)
def test_keys_that_a_batch_leaves_out_are_not_missed(
    books: Books, faults: Faults, flow: Flow
) -> None:
    assert_not_seen(flow, UNPROCESSED, books, faults)


def assert_not_seen(flow: Flow, fault: Fault, books: Books, faults: Faults) -> None:
    """Strike each call of a flow once, then ask for the same again."""
    names = []
    for number in calls_to_strike(flow, fault, books, faults):
        names.append(f"{flow.name}-{number}")
        flow.prepare(books, names[-1])

        with faults.planned(at(number, fault)):
            first = flow.act(books, names[-1])
        books.restart_container()
        again = flow.act(books, names[-1])

        assert again == first
    check(flow, books, names)


@pytest.mark.parametrize("kill", [KILLED_BEFORE, KILLED_AFTER], ids=str)
@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_a_process_that_dies_at_any_call_leaves_what_a_repetition_ends(
    books: Books, faults: Faults, flow: Flow, kill: Fault
) -> None:
    names = []
    for number in calls_to_strike(flow, kill, books, faults):
        names.append(f"{flow.name}-{number}")
        flow.prepare(books, names[-1])

        with faults.planned(die_at(number, kill)), pytest.raises(ProcessKilledError):
            flow.act(books, names[-1])
        books.restart_container()
        flow.act(books, names[-1])

    check(flow, books, names)


@pytest.mark.parametrize("fault", [THROTTLED, ANSWER_LOST], ids=str)
@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_a_fault_that_does_not_pass_is_told_in_time_and_a_repetition_ends_the_work(
    books: Books, faults: Faults, flow: Flow, fault: Fault
) -> None:
    """Endless faults from each call on: the caller hears of it before its own time is over."""
    names = []
    for number in calls_to_strike(flow, fault, books, faults):
        names.append(f"{flow.name}-{number}")
        flow.prepare(books, names[-1])
        began = books.monotonic.seconds

        with faults.planned(from_call(number, fault)), pytest.raises(UnavailableError):
            flow.act(books, names[-1])

        assert books.monotonic.seconds - began < books.patience_seconds
        books.restart_container()
        flow.act(books, names[-1])
    check(flow, books, names)


@pytest.mark.parametrize("flow", FLOWS, ids=str)
def test_without_time_left_nothing_is_tried_twice(books: Books, faults: Faults, flow: Flow) -> None:
    flow.prepare(books, "late")
    rows = books.counts()
    books.patience_seconds = 0.0

    with faults.planned(always(THROTTLED)), pytest.raises(UnavailableError):
        flow.act(books, "late")

    assert books.monotonic.slept == []
    assert {call.occurrence for call in faults.calls} == {1}
    assert books.counts() == rows
