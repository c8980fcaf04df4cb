"""The keys of days and of their reports; the table of access patterns is in `keys.py`."""

from datetime import date

from billing.storage.items import Key
from billing.storage.keys import customer_pk, hash_of, partition_of

# All customers add to the report of a day: sixteen items take sixteen of them at a time.
REPORT_SHARDS = 16

_PART_DIGITS = 3
_SHARD_DIGITS = 2


def day(customer_id: str, day: date, part: int) -> Key:
    """Address a part of a customer's day; the first one has its balances."""
    return {"pk": customer_pk(customer_id), "sk": f"DAY#{day}#{part:0{_PART_DIGITS}d}"}


def days_between(customer_id: str, first: date, last: date) -> dict[str, str]:
    """Return what bounds all parts of a customer's days from one to another."""
    return {
        ":pk": customer_pk(customer_id),
        ":first": f"DAY#{first}#",
        ":last": f"DAY#{last}#~",
    }


def closing_partition(number: int) -> str:
    """Name one partition of the customers with entries that are not closed."""
    return f"CLOSING#{number:02d}"


def closing(customer_id: str, day: date) -> dict[str, str]:
    """Return the two attributes that list a wallet under its first day that is not closed.

    They change once a day, so that postings keep it there at no cost.
    """
    return {
        "dirtyPk": closing_partition(partition_of(customer_id)),
        "dirtySk": f"{day}#{customer_id}",
    }


def report(day: date) -> str:
    """Name the partition of what the entries of all customers of a day come to."""
    return f"REPORT#{day}"


def report_shard_prefix(shard: int) -> str:
    """Begin the sort key of all parts of a shard."""
    return f"{shard:0{_SHARD_DIGITS}d}#"


def report_part(day: date, shard: int, part: int) -> Key:
    """Address a part of a shard of a day's report."""
    sort = f"{report_shard_prefix(shard)}{part:0{_PART_DIGITS}d}"
    return {"pk": report(day), "sk": sort}


def report_shard_of(key: Key) -> str:
    """Read which shard a part belongs to back out of its key."""
    return key["sk"].partition("#")[0]


def report_shard(customer_id: str, turn: int) -> int:
    """Tell to which shard a customer's entries are added, and to which one after a race."""
    return (int(hash_of(customer_id)[:8], 16) + turn) % REPORT_SHARDS
