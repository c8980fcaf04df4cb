"""Every key of every table, beside the access patterns that they serve.

| access pattern | table, index | key condition |
|---|---|---|
| one customer | Accounts | pk = CUSTOMER#<id>, sk = PROFILE |
| one wallet | Accounts | pk = CUSTOMER#<id>, sk = WALLET |
| one tab shard; all tab shards of a customer | Accounts | pk = CUSTOMER#<id>, sk = / begins TAB# |
| what is billed of a month, a part | Accounts | pk = CUSTOMER#<id>, sk = MONTH#<yyyy-mm>#<part> |
| one billing record | Accounts | pk = CUSTOMER#<id>, sk = RECORD#<series>#<name> |
| how a record of usage is taken back | Accounts | pk = CUSTOMER#<id>, sk = TAKENBACK#<record id> |
| days of a customer, each in one item or more | Accounts | sk between DAY#<from>, DAY#<to>#~ |
| a day of all customers; one shard of it | Accounts | pk = REPORT#<day>, sk = / begins <shard># |
| is this e-mail address taken | Accounts | pk = EMAIL#<folded address>, sk = EMAIL |
| one product; all products by id | Accounts | pk = PRODUCT, sk = / > PRODUCT#<id> |
| which product has this short code | Accounts | pk = PRODUCTCODE#<code>, sk = PRODUCTCODE |
| who holds this API key | Accounts | pk = APIKEY#<sha256>, sk = APIKEY |
| one log file, by the hash of its key | Accounts | pk = LOGFILE#<file id>, sk = FILE |
| the lines that a reading did not accept | Accounts | same pk, sk begins PROBLEMS#<reading> |
| log files still to be read, oldest first | Accounts, dirty | dirtyPk = LOGFILES |
| how far the search for log files came, and its last run | Accounts | pk = LOGSCAN, sk = LOGSCAN |
| the lease of a job, and its last run | Accounts | pk = LOCK#<job>, sk = LOCK |
| tabs with something to bill | Accounts, dirty | dirtyPk = DIRTY#<0..15> |
| customers, API keys, log files, imbalances, newest first | Accounts, listing | listPk = USERS, … |
| all billing records, newest first | Accounts, listing | listPk = RECORDS#<0..15> |
| wallets with entries that are not closed | Accounts, dirty | dirtyPk = CLOSING#<0..15> |
| customers and held tabs to look at | Accounts, dirty | dirtyPk = ATTENTION#<0..15>, dirtySk < by |
| records of a status, newest first | Accounts, dirty | dirtyPk = RETRYING#<0..15>, FAILED#… |
| billing records of a customer, newest first | Accounts, by-customer | customerListPk |
| customers by the beginning of their id | Accounts, by-customer | customerListPk = CUSTOMERS |
| unpaid records of a customer, oldest first | Accounts, outstanding | outstandingPk |
| suspended customers, newest first | Accounts, outstanding | outstandingPk = SUSPENDED#<0..15> |
| one ledger entry; a range of them | Ledger | pk = <customer>, sk = / between ENTRY#<seq> |
| was this idempotency key used | Ledger | pk = <customer>, sk = KEY#credit:<key> |
| was this key used for a charge | Ledger | pk = <customer>, sk = KEY#charge:<key> |
| was this key used for a refund | Ledger | pk = <customer>, sk = KEY#refund:<key> |
| was this record debited | Ledger | pk = <customer>, sk = KEY#record:<record id> |
| one usage event | Usage | pk = <customer>, sk = <hash>#<event id> |
| usage of a tab shard by time | Usage, by-time | tabKey = <customer>#<shard> |
| usage from a log file by line | Usage, by-log | logFileId = <file id> |

Debits claim keys of their own kind (`record:`), which no caller's idempotency key (`credit:`) can
spell, so that nobody can keep a debit from being posted by using its key first. The keys of days
and reports are made in `day_keys.py`, those of log files in `log_keys.py`.

Where one kind of item leaves an index unused, its lists stand there under names of their own.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing.domain.records import RecordId
from billing.domain.times import to_text
from billing.storage.items import Key

DIRTY_INDEX = "dirty"
LISTING_INDEX = "listing"
OUTSTANDING_INDEX = "outstanding"
BY_CUSTOMER_INDEX = "by-customer"
BY_TIME_INDEX = "by-time"
BY_LOG_INDEX = "by-log"

# Sixteen partitions of an index take 16,000 changes a second between them.
PARTITIONS = 16

# The two attributes that put an item into each index.
DIRTY_ATTRIBUTES = ("dirtyPk", "dirtySk")
LISTING_ATTRIBUTES = ("listPk", "listSk")
BY_CUSTOMER_ATTRIBUTES = ("customerListPk", "customerListSk")
OUTSTANDING_ATTRIBUTES = ("outstandingPk", "outstandingSk")

# A line takes up to 120 bytes: four items of 400 KB hold twelve thousand products of a month, and a
# settle writes no more than four items of each month that it bills.
MONTH_PARTS = 4

USERS_LIST = "USERS"
CUSTOMERS_BY_ID = "CUSTOMERS"
API_KEYS_LIST = "APIKEYS"
LOG_FILES_LIST = "LOGFILES"
IMBALANCES_LIST = "IMBALANCES"

_ATTENTION = "ATTENTION#"

_ENTRY_DIGITS = 15
_TAB_DIGITS = 2
_RECORD_DIGITS = 12
_SPREAD_CHARACTERS = 4

CODE_CHARACTERS = 6


def customer_pk(customer_id: str) -> str:
    """Name the partition of everything that changes about a customer."""
    return f"CUSTOMER#{customer_id}"


def profile(customer_id: str) -> Key:
    """Address a customer's profile."""
    return {"pk": customer_pk(customer_id), "sk": "PROFILE"}


def wallet(customer_id: str) -> Key:
    """Address a customer's wallet."""
    return {"pk": customer_pk(customer_id), "sk": "WALLET"}


def customer_of(pk: str) -> str:
    """Read the customer's id back out of the name of their partition."""
    return pk.removeprefix("CUSTOMER#")


TAB_PREFIX = "TAB#"


def tab(customer_id: str, shard: int) -> Key:
    """Address one tab shard of a customer."""
    return {"pk": customer_pk(customer_id), "sk": f"{TAB_PREFIX}{shard:0{_TAB_DIGITS}d}"}


def tab_reference(key: Key) -> tuple[str, int]:
    """Read the customer and the shard back out of a tab's key."""
    return customer_of(key["pk"]), int(key["sk"].removeprefix(TAB_PREFIX))


def month_parts(customer_id: str, month: str) -> list[Key]:
    """Address all items in which a customer's month counts products."""
    pk = customer_pk(customer_id)
    return [{"pk": pk, "sk": f"MONTH#{month}#{part}"} for part in range(MONTH_PARTS)]


def month(customer_id: str, month: str, product_id: str) -> Key:
    """Address the item in which a customer's month counts a product."""
    part = int(hash_of(product_id)[:8], 16) % MONTH_PARTS
    return {"pk": customer_pk(customer_id), "sk": f"MONTH#{month}#{part}"}


def record(record_id: RecordId) -> Key:
    """Address a billing record; the id alone says where it is."""
    series = f"{record_id.series:0>{_TAB_DIGITS}}"
    name = f"{record_id.name:0>{_RECORD_DIGITS}}"
    return {"pk": customer_pk(record_id.customer_id), "sk": f"RECORD#{series}#{name}"}


def take_back(record_id: RecordId) -> Key:
    """Address how the usage of a record is taken back."""
    return {"pk": customer_pk(record_id.customer_id), "sk": f"TAKENBACK#{record_id}"}


def email(folded_address: str) -> Key:
    """Address the claim on an e-mail address, already folded for comparison."""
    return {"pk": f"EMAIL#{folded_address}", "sk": "EMAIL"}


PRODUCT_PK = "PRODUCT"
PRODUCT_PREFIX = "PRODUCT#"


def product(product_id: str) -> Key:
    """Address a product."""
    return {"pk": PRODUCT_PK, "sk": f"{PRODUCT_PREFIX}{product_id}"}


def product_code(product_id: str) -> str:
    """Name a product in six characters, 36 bits of a hash.

    Among ten thousand products a new one meets a code that is taken once in seven million times.
    """
    digest = hashlib.sha256(product_id.encode()).digest()
    return urlsafe_b64encode(digest)[:CODE_CHARACTERS].decode()


def product_code_claim(code: str) -> Key:
    """Address the claim on a product's code."""
    return {"pk": f"PRODUCTCODE#{code}", "sk": "PRODUCTCODE"}


def api_key(sha256_hex: str) -> Key:
    """Address an API key by the hash of its secret."""
    return {"pk": f"APIKEY#{sha256_hex}", "sk": "APIKEY"}


def lock(job: str) -> Key:
    """Address the lease of a job."""
    return {"pk": f"LOCK#{job}", "sk": "LOCK"}


def dirty_partition(number: int) -> str:
    """Name one partition of the dirty index."""
    return f"DIRTY#{number:02d}"


def dirty(customer_id: str, shard: int) -> dict[str, str]:
    """Return the two attributes that put a tab into the dirty index; they never change for a tab,
    so that keeping it there costs nothing.
    """
    return {
        "dirtyPk": dirty_partition(partition_of(f"{customer_id}#{shard}")),
        "dirtySk": f"{customer_id}#{shard:0{_TAB_DIGITS}d}",
    }


def attention_partition(number: int) -> str:
    """Name one partition of the customers, and of the held tabs, that the billing run must look at
    by some time.
    """
    return f"{_ATTENTION}{number:02d}"


def attention(customer_id: str, at: datetime) -> dict[str, str]:
    """Return the two attributes that bring a customer before the billing run at an instant."""
    return {
        "dirtyPk": attention_partition(partition_of(customer_id)),
        "dirtySk": f"{to_text(at)}#{customer_id}",
    }


def held(customer_id: str, shard: int, until: datetime) -> dict[str, str]:
    """Return the two attributes that bring a tab before the billing run at an instant, and no
    sooner: beside the customers, so that finding both takes one query.
    """
    return {
        "dirtyPk": attention_partition(partition_of(customer_id)),
        "dirtySk": f"{to_text(until)}#{customer_id}#{shard:0{_TAB_DIGITS}d}",
    }


def is_held(entry: Mapping[str, Any]) -> bool:
    """Tell whether a tab stands among what the billing run looks at later."""
    return str(entry.get("dirtyPk", "")).startswith(_ATTENTION)


def is_tab(entry: Key) -> bool:
    """Tell a tab from the profile of a customer."""
    return entry["sk"].startswith(TAB_PREFIX)


def records_list(number: int) -> str:
    """Name one of the partitions that list all billing records."""
    return f"RECORDS#{number:02d}"


def records_list_of(record_id: RecordId) -> str:
    """Name the partition that lists a record: one list of them all would be a hot partition."""
    return records_list(partition_of(record_id.customer_id))


def listing(list_name: str, created_at: datetime, item_id: str) -> dict[str, str]:
    """Return the two attributes that put an item into a list, in order of its making."""
    return {"listPk": list_name, "listSk": f"{to_text(created_at)}#{item_id}"}


def customer_listing(record_id: RecordId, created_at: datetime) -> dict[str, str]:
    """Return the two attributes that list a record among those of its customer."""
    return {
        "customerListPk": customer_pk(record_id.customer_id),
        "customerListSk": f"{to_text(created_at)}#{record_id}",
    }


def by_status(status: str, number: int) -> str:
    """Name one of the partitions that list what has a status."""
    return f"{status.upper()}#{number:02d}"


def customer_by_status(customer_id: str, status: str, since: datetime) -> dict[str, str]:
    """Return the two attributes that list a customer among those of a status, by since when."""
    return {
        "outstandingPk": by_status(status, partition_of(customer_id)),
        "outstandingSk": f"{to_text(since)}#{customer_id}",
    }


def record_by_status(record_id: RecordId, status: str, created_at: datetime) -> dict[str, str]:
    """Return the two attributes that list a record among those of a status."""
    return {
        "dirtyPk": by_status(status, partition_of(record_id.customer_id)),
        "dirtySk": f"{to_text(created_at)}#{record_id}",
    }


def outstanding(record_id: RecordId, created_at: datetime) -> dict[str, str]:
    """Return the two attributes that list an unpaid record of a customer, oldest first."""
    return {
        "outstandingPk": customer_pk(record_id.customer_id),
        "outstandingSk": f"{to_text(created_at)}#{record_id}",
    }


ENTRY_PREFIX = "ENTRY#"


def entry(customer_id: str, seq: int) -> Key:
    """Address one ledger entry."""
    return {"pk": customer_id, "sk": f"{ENTRY_PREFIX}{seq:0{_ENTRY_DIGITS}d}"}


def credit_key(customer_id: str, idempotency_key: str) -> Key:
    """Address the marker that a caller's idempotency key was used."""
    return {"pk": customer_id, "sk": f"KEY#credit:{idempotency_key}"}


def charge_key(customer_id: str, idempotency_key: str) -> Key:
    """Address the marker that a caller's idempotency key raised a charge."""
    return {"pk": customer_id, "sk": f"KEY#charge:{idempotency_key}"}


def refund_key(customer_id: str, idempotency_key: str) -> Key:
    """Address the marker that a caller's idempotency key refunded a record."""
    return {"pk": customer_id, "sk": f"KEY#refund:{idempotency_key}"}


def debit_key(record_id: RecordId) -> Key:
    """Address the marker that a record was debited."""
    return {"pk": record_id.customer_id, "sk": f"KEY#record:{record_id}"}


def usage_event(customer_id: str, event_id: str) -> Key:
    """Address a usage event.

    A hash stands first in the sort key, because DynamoDB splits a hot partition by sort key: ids
    that grow with time would all write to the last split.
    """
    return {"pk": customer_id, "sk": f"{hash_of(event_id)[:_SPREAD_CHARACTERS]}#{event_id}"}


def event_id_of(sort_key: str) -> str:
    """Read the event id back out of a usage event's sort key."""
    return sort_key[_SPREAD_CHARACTERS + 1 :]


def tab_key(customer_id: str, shard: int) -> str:
    """Name the partition of the by-time index that lists the events of one tab shard."""
    return f"{customer_id}#{shard}"


def recorded_at_event(recorded_at: datetime, event_id: str) -> str:
    """Return the sort key of the by-time index."""
    return f"{to_text(recorded_at)}#{event_id}"


def partition_of(text: str) -> int:
    return int(hash_of(text)[:8], 16) % PARTITIONS


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
