"""What the books rest on, each piece taken back: the search must see what comes of that.

A piece that may be taken back unseen is not needed, or not searched for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from billing.domain.accounts import Account
from billing.domain.charging import (
    Posting,
    charge_or_lead,
    give_up,
    is_at_rest,
    note_failed_attempt,
    raise_record,
)
from billing.domain.customers import Customer
from billing.domain.ledger import ChainState, Entry, Wallet
from billing.domain.records import BillingRecord
from billing.domain.tabs import TabRef
from billing.storage import keys
from billing.storage.customers import Customers
from billing.storage.items import Key
from billing.storage.tabs import Tabs
from billing.storage.wallets import Wallets
from billing.storage.writes import Check
from tests.prove.explore import Bound

# Conditions of storage, each made true of any row that is there, and the case in which it shows.
WEAKENED = {
    "billing.storage.wallets.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #version = :seen",
        "funded: charge credit",
    ),
    "billing.storage.customers.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #revision = :seen",
        "broke: settle suspend",
    ),
    "billing.storage.records.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #revision = :seen",
        "exhausted: process give-up",
    ),
    "billing.storage.reports.UNCHANGED_SINCE_READ": (
        "attribute_exists(#pk) OR #revision = :seen",
        "open-days: close-handed close-other",
    ),
    "billing.storage.tabs.STILL_OPEN": (
        "attribute_exists(#pk) OR #number = :number OR size(#lines) <= :most",
        "funded: record settle",
    ),
    "billing.storage.tabs.NOTHING_SEALED_YET": (
        "attribute_exists(#pk) OR attribute_not_exists(#sealedNumber) OR size(#lines) > :zero",
        "sealed: settle record",
    ),
    "billing.storage.tabs.SEALED_AS_READ_AND_NOTHING_OPEN": (
        "#sealedNumber = :sealed OR size(#lines) = :zero",
        "funded: settle record",
    ),
    "billing.storage.tabs.EMPTY_AS_READ": (
        "attribute_exists(#pk) OR #number = :number OR size(#lines) = :zero",
        "empty: delete record",
    ),
    "billing.storage.usage.NOT_RECORDED_YET": (
        "attribute_exists(#pk) OR attribute_not_exists(#pk)",
        "funded: record settle",
    ),
    "billing.storage.take_backs.NOT_TAKEN_BACK_OTHERWISE": (
        "attribute_exists(#pk) OR attribute_not_exists(#pk) OR #taken = :taken",
        "wrong: void void-usage",
    ),
    "billing.storage.ledger.KEY_UNUSED": (
        "attribute_exists(#pk) OR attribute_not_exists(#pk)",
        "funded: credit",
    ),
}


@dataclass(frozen=True)
class Mend:
    """What takes the place of a mend, at a dotted name, and where that shows."""

    name: str
    instead: object
    case: str
    bound: Bound


def _as_if_all_were_listed(account: Account, oldest: BillingRecord | None, _behind: object) -> bool:
    return is_at_rest(account, oldest, [record.id for record in [oldest] * 99 if record])


def _overtaking(
    record: BillingRecord, account: Account, schedule: tuple[int, ...], *, now: datetime
) -> Posting:
    if not account.customer.is_charged_at_once:
        return raise_record(record, account, schedule, now=now)
    owing = account.with_wallet(account.wallet.owing_more(record.amount_cents))
    return charge_or_lead(record, owing, schedule, now=now)


def _ended_and_forgotten(customer: Customer, **_called: object) -> Customer:
    return replace(customer, dunning_record_id=None, attention_at=None)


def _activated(customer: Customer, **_now: object) -> Customer:
    return customer.activated()


def _as_it_is(customer: Customer, **_now: object) -> Customer:
    return customer


def _no(*_given: object, **_named: object) -> bool:
    return False


def _nobody(*_given: object, **_named: object) -> None:
    return None


def _no_tabs(*_given: object, **_named: object) -> list[TabRef]:
    return []


def _any_profile(customers: Customers, customer: Customer) -> Check:
    return _is_there(customers.table, keys.profile(customer.id))


def _any_wallet(wallets: Wallets, wallet: Wallet) -> Check:
    return _is_there(wallets.table, keys.wallet(wallet.customer_id))


def _any_shard(tabs: Tabs, ref: TabRef) -> Check:
    condition = "attribute_exists(#pk) OR attribute_not_exists(#pk)"
    return Check(tabs.table, keys.tab(ref.customer_id, ref.shard), condition)


_posted = Wallet.posted


def _posted_unlisted(wallet: Wallet, entry: Entry) -> Wallet:
    return replace(_posted(wallet, entry), closing_from=wallet.closing_from)


_added_up_to = Wallet.added_up_to


def _added_up_under_imbalance(
    wallet: Wallet, checkpoint: ChainState, day: date, *, today: date
) -> Wallet:
    return replace(_added_up_to(wallet, checkpoint, day, today=today), imbalance=wallet.imbalance)


def _is_there(table: str, key: Key) -> Check:
    return Check(table, key, "attribute_exists(#pk)")


def _who_asks_for_money(posting: Posting) -> bool:
    return posting.record.is_outstanding


_DUNNING = "billing.services.dunning"
_CUSTOMER = "billing.domain.customers.Customer"

MENDS: Mapping[str, Mend] = {
    "giving-up-charges-what-the-wallet-covers": Mend(
        f"{_DUNNING}.charge_or_give_up", give_up, "exhausted: top-up give-up", Bound(0, 1)
    ),
    "an-attempt-notes-what-the-charge-met": Mend(
        f"{_DUNNING}.charge_or_note",
        note_failed_attempt,
        "in-dunning: attempt top-up",
        Bound(1, 1),
    ),
    "who-rests-has-a-complete-list": Mend(
        f"{_DUNNING}.is_at_rest", _as_if_all_were_listed, "lagging: credit", Bound(0, 1)
    ),
    "the-end-of-a-dunning-calls-the-run": Mend(
        f"{_CUSTOMER}.no_longer_dunned", _ended_and_forgotten, "in-dunning: top-up", Bound(0, 1)
    ),
    "money-calls-the-run": Mend(
        "billing.services.credit_wallet._calling_the_run", _nobody, "failed: top-up", Bound(0, 1)
    ),
    "a-floor-that-falls-calls-the-run": Mend(
        "billing.domain.accounts.Account.may_pay_more_than", _no, "failed: limit", Bound(0, 0)
    ),
    "activation-calls-the-run": Mend(
        f"{_CUSTOMER}.reactivated", _activated, "failed: activate", Bound(0, 0)
    ),
    "a-new-charge-waits-for-older-ones": Mend(
        "billing.services.manage_records.raise_record",
        _overtaking,
        "in-dunning: charge top-up",
        Bound(1, 0),
    ),
    "who-is-left-to-owe-rests-on-the-account": Mend(
        "billing.domain.charging.Posting.rests_on_account",
        property(_no),
        "paused: charge activate visit",
        Bound(1, 0),
    ),
    "money-given-back-rests-on-the-account": Mend(
        "billing.domain.charging.Posting.rests_on_account",
        property(_who_asks_for_money),
        "money-back: settle retry-all",
        Bound(1, 1),
    ),
    "money-given-back-calls-the-run": Mend(
        f"{_CUSTOMER}.needing_attention_now", _as_it_is, "money-back: settle", Bound(0, 1)
    ),
    "who-rests-has-the-wallet-that-was-read": Mend(
        "billing.storage.wallets.Wallets.unchanged",
        _any_wallet,
        "failed: credit top-up",
        Bound(1, 1),
    ),
    "a-tab-is-held-for-the-profile-that-was-read": Mend(
        "billing.storage.customers.Customers.unchanged",
        _any_profile,
        "rescued: settle visit",
        Bound(1, 0),
    ),
    "a-visit-releases-what-was-held": Mend(
        "billing.services.work.release_tabs", _no_tabs, "held: top-up", Bound(0, 0)
    ),
    "entries-that-wait-are-listed": Mend(
        "billing.domain.ledger.Wallet.posted", _posted_unlisted, "leaving: credit", Bound(0, 0)
    ),
    "an-imbalance-ends-with-the-last-entry": Mend(
        "billing.domain.ledger.Wallet.added_up_to",
        _added_up_under_imbalance,
        "unbalanced: close",
        Bound(0, 0),
    ),
    "a-deletion-knows-every-shard": Mend(
        "billing.storage.tabs.Tabs.still_missing",
        _any_shard,
        "empty: record delete",
        Bound(1, 1),
    ),
}
