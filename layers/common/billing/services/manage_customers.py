"""Manage customers: make, change, suspend, activate, delete."""

from collections.abc import Callable, Sequence

from billing.domain.accounts import Account
from billing.domain.customers import Customer, SuspendedBy, Terms
from billing.domain.errors import (
    ConcurrentChangeError,
    CustomerExistsError,
    CustomerNotFoundError,
    EmailTakenError,
)
from billing.domain.times import Clock
from billing.services.accounts import read_living_account
from billing.services.dunning import Dunning, attend
from billing.services.paging import Page, cursor_at, position_of
from billing.services.posting import write_customer
from billing.services.retrying import Retry
from billing.storage.stores import Stores
from billing.storage.writes import TransactionCancelledError, Write


def create_customer(
    terms: Terms,
    *,
    customer_id: str | None,
    stores: Stores,
    clock: Clock,
    new_id: Callable[[], str],
) -> Customer:
    """Make a customer with an empty wallet.

    Raises CustomerExistsError, also for the id of a deleted one, EmailTakenError (case does not
    matter) and InvalidInputError.
    """
    customer = Customer.new(customer_id or new_id(), terms, now=clock())
    writes = stores.customers.creation(customer)
    try:
        stores.dynamo.transact(writes.all())
    except TransactionCancelledError as cancelled:
        # Where the id is taken, any of its items may say so: another may still be held.
        failures = [cancelled.failure_of(write) for write in (writes.profile, *writes.rest)]
        if customer.email is None or any(failure is not None for failure in failures):
            raise CustomerExistsError(customer.id) from None
        raise EmailTakenError(customer.email) from None
    return customer


def get_customer(customer_id: str, *, stores: Stores) -> Customer:
    """Read a customer; raises CustomerNotFoundError."""
    customer = stores.customers.get(customer_id)
    if customer is None:
        raise CustomerNotFoundError(customer_id)
    return customer


def list_customers(*, limit: int, cursor: str | None, stores: Stores) -> Page[Customer]:
    """List customers, newest first."""
    customers, position = stores.customers.page(limit=limit, before=position_of(cursor))
    return Page(customers, cursor_at(position))


def change_customer(
    customer_id: str, change: Callable[[Terms], Terms], *, stores: Stores
) -> Customer:
    """Change a customer's terms; `change` is given the present ones.

    A new credit limit or mode moves the floor of the wallet in the same transaction, so that no
    charge ever goes by a floor that no longer stands. Raises CustomerNotFoundError,
    EmailTakenError and InvalidInputError.
    """
    retry = Retry(stores)
    while True:
        before = read_living_account(customer_id, stores)
        after = before.with_terms(change(before.customer.terms))
        if _write_terms(before, after, stores):
            return after.customer
        retry.wait()


def _write_terms(account: Account, changed: Account, stores: Stores) -> bool:
    if changed == account:
        return True
    before, after = account.customer, changed.customer
    writes: list[Write] = [stores.customers.change(before, after)]
    if changed.wallet != account.wallet:
        writes.append(stores.wallets.change(account.wallet, changed.wallet))
    claim = None
    if after.folded_email != before.folded_email:
        if after.email is not None:
            claim = stores.customers.claiming(after.id, after.email)
            writes.append(claim)
        if before.email is not None:
            writes.append(stores.customers.freeing(before.id, before.email))
    try:
        stores.dynamo.transact(writes)
    except TransactionCancelledError as cancelled:
        if claim is not None and cancelled.failure_of(claim) is not None:
            raise EmailTakenError(after.email or "") from None
        return False
    return True


def suspend_customer(customer_id: str, *, stores: Stores, clock: Clock) -> Customer:
    """Suspend a customer by an operator's word; doing it again changes nothing.

    Usage is still recorded, and becomes records that wait. Raises CustomerNotFoundError.
    """
    return _change_status(
        customer_id, lambda it: it.suspended(SuspendedBy.OPERATOR, now=clock()), stores
    )


def activate_customer(
    customer_id: str, *, stores: Stores, clock: Clock, dunning: Dunning
) -> Customer:
    """Lift a suspension, whoever made it, and charge what waited.

    Doing it again changes nothing. Raises CustomerNotFoundError.
    """
    customer = _change_status(customer_id, lambda it: it.reactivated(now=clock()), stores)
    if customer.attention_at is not None and customer.dunning_record_id is None:
        attend(customer_id, stores=stores, clock=clock, dunning=dunning)
        return get_customer(customer_id, stores=stores)
    return customer


def _change_status(
    customer_id: str, change: Callable[[Customer], Customer], stores: Stores
) -> Customer:
    retry = Retry(stores)
    while True:
        before = get_customer(customer_id, stores=stores)
        after = change(before)
        if write_customer(before, after, stores=stores):
            return after
        retry.wait()


def delete_customer(customer_id: str, *, stores: Stores, clock: Clock) -> None:
    """Delete a customer who owes nothing and is owed nothing; the id and the ledger stay.

    The e-mail address is free again. Raises CustomerNotFoundError, CustomerNotSettledError while
    there is a balance, an unpaid record or unbilled usage, and ConcurrentChangeError when usage or
    money arrived at the same time.
    """
    account = read_living_account(customer_id, stores)
    tabs = stores.tabs.of_customer(customer_id)
    closed = account.closed(tabs, now=clock())
    writes: list[Write] = [
        stores.customers.change(account.customer, closed.customer),
        stores.wallets.change(account.wallet, closed.wallet),
        *(stores.tabs.removal(tab) for tab in tabs),
    ]
    email = account.customer.email
    if email is not None:
        writes.append(stores.customers.freeing(customer_id, email))
    _commit(writes, stores)


def _commit(writes: Sequence[Write], stores: Stores) -> None:
    try:
        stores.dynamo.transact(writes)
    except TransactionCancelledError:
        raise ConcurrentChangeError("Usage or money arrived at the same time; look again") from None
