"""Tabs that are held: left open while their customer cannot be charged.

A record for each minute of who is in dunning, or suspended, is a record that nobody can pay. So the
tab stays open, counted in what is pending, until its customer can be charged again, until it is a
day old, or until it is full.
"""

from datetime import datetime

from billing.domain.accounts import Account
from billing.domain.tabs import TabRef
from billing.services.accounts import read_account
from billing.storage.stores import Stores


def is_left_open(ref: TabRef, account: Account, *, stores: Stores, now: datetime) -> bool:
    """Hold a tab where its customer cannot be charged; False where it is to be settled all the
    same.

    Where the tab or the customer has changed meanwhile, the next run looks again.
    """
    if account.customer.is_charged_at_once:
        return False
    tab = stores.tabs.look(ref, consistent=True)
    if tab is None or tab.held_until is None or not tab.may_be_held(now=now):
        return False
    if not tab.is_held:
        stores.accounts.hold(account.customer, tab, until=tab.held_until)
    return True


def release_tabs(customer_id: str, *, stores: Stores) -> list[TabRef]:
    """Release the tabs of a customer who can be charged, and then leave the customer at rest.

    The tabs are read after the customer, and the call for the run is taken back only while the
    customer is as read: nobody can have held one behind our back. Returns the tabs, which are to be
    settled.
    """
    account = read_account(customer_id, stores)
    if not account.customer.is_charged_at_once:
        return []
    held = stores.tabs.held(customer_id)
    for ref in held:
        stores.tabs.release(ref)
    if account.wallet.outstanding_records == 0:
        stores.accounts.attend(account, account.customer.attended())
    return held
