"""Makes the accounts and records that are charged."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from billing.domain.accounts import Account
from billing.domain.charging import (
    Posting,
    raise_record,
)
from billing.domain.customers import Customer, Mode, Status
from billing.domain.ledger import Wallet
from billing.domain.records import (
    BillingRecord,
    RecordId,
    RecordStatus,
)
from billing.domain.tabs import TabRef
from tests.support.clock import START

SCHEDULE = (1, 2, 4)


# So that giving up is never many steps away.
SHORT_SCHEDULE = (1,)


NOW = START + timedelta(minutes=1)


def account(balance_cents: int = 0, *, floor_cents: int = 0, **customer: Any) -> Account:  # noqa: ANN401  Fields of a customer.
    """Make an account with a balance, which nobody posted."""
    made = Customer("acme", Mode.PREPAID, Status.ACTIVE, START)
    wallet = Wallet("acme", balance_cents=balance_cents, floor_cents=floor_cents)
    return Account(replace(made, **customer), wallet)


def record(amount_cents: int = 40, *, number: int = 1, manual: bool = False) -> BillingRecord:
    """Make a record that nobody has tried."""
    tab = RecordId.of_tab(TabRef("acme", 0), number)
    record_id = RecordId.manual("acme", str(number)) if manual else tab
    return BillingRecord(record_id, RecordStatus.PENDING, amount_cents, START)


def raised(amount_cents: int, at: Account) -> Posting:
    """Raise a record now."""
    return raise_record(record(amount_cents), at, SCHEDULE, now=NOW)
