"""Manage customers: make, change, suspend, activate, delete."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.domain.customers import Customer, SuspendedBy, Terms
from billing.domain.errors import (
    ConcurrentChangeError,
    CustomerExistsError,
    CustomerNotFoundError,
    EmailTakenError,
    InvalidInputError,
)
from billing.domain.times import Clock
from billing.services.accounts import read_living_account
from billing.services.dunning import Dunning
from billing.services.paging import Page, cursor_at, position_of
from billing.services.retrying import Retry
from billing.storage.accounts import Changed, Created
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """Whom to list: everybody, or by one of the three."""

    suspended: bool = False
    email: str | None = None
    id_prefix: str | None = None

    def check(self) -> None:
        """Refuse two conditions at once; raises InvalidInputError."""
        if self.suspended + (self.email is not None) + (self.id_prefix is not None) > 1:
            raise InvalidInputError.of_field("status", "give one of status, email and idPrefix")


EVERYBODY = CustomerSearch()


def create_customer(customer_id: str, terms: Terms, *, stores: Stores, clock: Clock) -> Customer:
    """Make a customer with an empty wallet.

    Raises CustomerExistsError, also for the id of a deleted one, EmailTakenError (case does not
    matter) and InvalidInputError.
    """
    customer = Customer.new(customer_id, terms, now=clock())
    created = stores.accounts.create(customer)
    if created is Created.ID_TAKEN:
        # Reading finds no deleted customer, whose id is taken all the same.
        raise CustomerExistsError(customer.id, deleted=stores.customers.get(customer.id) is None)
    if created is Created.EMAIL_TAKEN:
        raise EmailTakenError(customer.email or "")
    return customer


def get_customer(customer_id: str, *, stores: Stores) -> Customer:
    """Read a customer; raises CustomerNotFoundError."""
    customer = stores.customers.get(customer_id)
    if customer is None:
        raise CustomerNotFoundError(customer_id)
    return customer


def list_customers(
    *, limit: int, cursor: str | None, stores: Stores, search: CustomerSearch = EVERYBODY
) -> Page[Customer]:
    """List customers, newest first; of suspended ones the newest suspension, and those of a prefix
    in order of their ids.

    Raises InvalidInputError where more is asked for than one list holds.
    """
    search.check()
    if search.email is not None:
        customer = stores.customers.with_email(search.email)
        return Page([] if customer is None else [customer], None)
    position = position_of(cursor)
    if search.id_prefix is not None:
        found = stores.customers.with_prefix(search.id_prefix, limit=limit, after=position)
    elif search.suspended:
        found = stores.customers.suspended(limit=limit, before=position)
    else:
        found = stores.customers.page(limit=limit, before=position)
    customers, end = found
    return Page(customers, cursor_at(end))


def change_customer(
    customer_id: str, change: Callable[[Terms], Terms], *, dunning: Dunning
) -> Customer:
    """Change a customer's terms; `change` is given the present ones.

    A new credit limit or mode moves the floor of the wallet in the same transaction, so that no
    charge ever goes by a floor that no longer stands; what a lower one covers is charged. Raises
    CustomerNotFoundError, EmailTakenError and InvalidInputError.
    """
    stores = dunning.stores
    retry = Retry(stores)
    while True:
        before = read_living_account(customer_id, stores)
        after = before.with_terms(change(before.customer.terms), now=dunning.clock())
        match stores.accounts.change(before, after):
            case Changed.DONE:
                if not after.may_pay_more_than(before):
                    return after.customer
                dunning.attend(customer_id)
                return get_customer(customer_id, stores=stores)
            case Changed.EMAIL_TAKEN:
                raise EmailTakenError(after.customer.email or "")
            case Changed.OUTDATED:
                retry.wait()


def suspend_customer(customer_id: str, *, stores: Stores, clock: Clock) -> Customer:
    """Suspend a customer by an operator's word; doing it again changes nothing.

    Usage is still recorded, and becomes records that wait. Raises CustomerNotFoundError.
    """
    return _change_status(
        customer_id, lambda it: it.suspended(SuspendedBy.OPERATOR, now=clock()), stores
    )


def activate_customer(customer_id: str, *, dunning: Dunning) -> Customer:
    """Lift a suspension, whoever made it, and charge what waited.

    Doing it again changes nothing. Raises CustomerNotFoundError.
    """
    stores = dunning.stores
    customer = _change_status(customer_id, lambda it: it.reactivated(now=dunning.clock()), stores)
    if customer.is_called_for:
        dunning.attend(customer_id)
        return get_customer(customer_id, stores=stores)
    return customer


def _change_status(
    customer_id: str, change: Callable[[Customer], Customer], stores: Stores
) -> Customer:
    retry = Retry(stores)
    while True:
        before = get_customer(customer_id, stores=stores)
        after = change(before)
        if stores.customers.change(before, after):
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
    if not stores.accounts.delete(account, closed, tabs):
        raise ConcurrentChangeError("Usage or money arrived at the same time; look again")
