"""What the lists by status cost: whoever enters one, and whoever asks for one."""

from decimal import Decimal

import pytest

from billing.domain.customers import Mode
from billing.domain.records import RecordStatus
from billing.services.dunning import give_up_dunning
from billing.services.manage_customers import (
    CustomerSearch,
    activate_customer,
    list_customers,
    suspend_customer,
)
from billing.services.read_records import list_records
from billing.storage import keys
from billing.storage.keys import PARTITIONS
from tests.support.books import Books
from tests.support.write_units import HALF, Meter

SUSPENDED = CustomerSearch(suspended=True)


def test_a_customer_enters_the_list_by_id_for_one_unit(books: Books, meter: Meter) -> None:
    books.customer("newcomer")

    # Customer, wallet and tab in a transaction, the list by age, and the list by id.
    assert meter.write == 3 * 2 + 1 + 1


def test_to_suspend_costs_a_place_among_the_suspended(books: Books, meter: Meter) -> None:
    suspend_customer("acme", stores=books.stores, clock=books.clock)
    suspended = meter.write
    meter.restart()
    activate_customer("acme", dunning=books.dunning)

    # The customer in a transaction, and the place; then the call for a visit as well.
    assert (suspended, meter.write) == (2 + 1, 2 + 1 + 1)


def test_a_list_of_a_status_asks_each_of_its_partitions(
    books: Books, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests have fewer.
    monkeypatch.setattr(keys, "PARTITIONS", PARTITIONS)
    list_customers(limit=50, cursor=None, stores=books.stores, search=SUSPENDED)
    customers = meter.read
    meter.restart()
    list_records(limit=50, cursor=None, stores=books.stores, status=RecordStatus.FAILED)

    assert (customers, meter.read) == (PARTITIONS * HALF, PARTITIONS * HALF)
    assert meter.write == 0


def test_what_stands_in_a_list_of_a_status_is_read_itself(
    books: Books, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PARTITIONS", PARTITIONS)
    for number in range(50):
        books.customer(f"poor-{number}", mode=Mode.PREPAID)
        record = books.charge(40, customer_id=f"poor-{number}")
        give_up_dunning(record.id, stores=books.stores, clock=books.clock)
    meter.restart()
    failed = list_records(limit=50, cursor=None, stores=books.stores, status=RecordStatus.FAILED)

    assert len(failed.items) == 50
    assert Decimal(33) <= meter.read <= Decimal(34)
