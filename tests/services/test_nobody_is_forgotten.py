"""Who owes is looked at until they are at rest, whoever meets whom and whoever dies on the way."""

import pytest

from billing.domain.customers import Mode
from billing.domain.errors import ConcurrentChangeError
from billing.domain.records import RecordStatus
from billing.domain.tabs import TabRef
from billing.services.manage_customers import (
    activate_customer,
    delete_customer,
    suspend_customer,
)
from tests.support.books import Books
from tests.support.faults import Faults, meanwhile, on


@pytest.fixture
def shop(books: Books) -> Books:
    """Give books with a prepaid customer without funds, and a product at 1 cent."""
    books.customer("acme", mode=Mode.PREPAID)
    books.product()
    return books


def statuses(shop: Books) -> list[RecordStatus]:
    """Tell what became of the records, oldest first."""
    records = sorted(shop.records(), key=lambda record: record.created_at)
    return [record.status for record in records]


def suspended_by_an_operator(shop: Books) -> None:
    """Let an operator suspend a customer who has money."""
    shop.credit(20, key="funds")
    suspend_customer("acme", stores=shop.stores, clock=shop.clock)


def activate(shop: Books) -> None:
    """Lift a suspension, as an operator does."""
    activate_customer("acme", dunning=shop.dunning)


def test_a_charge_does_not_wait_for_a_suspension_that_was_lifted_meanwhile(
    shop: Books, faults: Faults
) -> None:
    suspended_by_an_operator(shop)

    with faults.planned(on("TransactWriteItems", meanwhile(lambda: activate(shop)))):
        charged = shop.charge(5)

    assert charged.status is RecordStatus.PAID
    shop.assert_sound()


def test_a_tab_does_not_wait_for_a_suspension_that_was_lifted_meanwhile(
    shop: Books, faults: Faults
) -> None:
    suspended_by_an_operator(shop)
    shop.use(7)
    # The first transaction of a run is that of the settle: leases and seals are single updates.
    with faults.planned(on("TransactWriteItems", meanwhile(lambda: activate(shop)))):
        shop.bill()

    assert statuses(shop) == [RecordStatus.PAID]
    shop.assert_sound()


def test_a_shard_made_beside_a_deletion_keeps_the_customer(shop: Books, faults: Faults) -> None:
    """Else it would take usage for ever, which nobody could bill."""

    def delete() -> None:
        delete_customer("acme", stores=shop.stores, clock=shop.clock)

    def make_shard() -> None:
        assert shop.stores.tabs.make_shard(TabRef("acme", 3))

    made = meanwhile(make_shard)
    with faults.planned(on("TransactWriteItems", made)), pytest.raises(ConcurrentChangeError):
        delete()

    assert shop.customer_now().deleted_at is None
    delete()
    assert shop.stores.tabs.of_customer("acme") == []
    assert not shop.stores.tabs.make_shard(TabRef("acme", 3))
