"""What must always be true of the books, and what must be true once everybody is at rest.

All of it is read from the rows as they are stored, without any code of the services: the rows are
what auditors get. Section 5 of the design numbers the invariants.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import starmap

from billing.storage.stores import Tables
from tests.prove.adjustment_invariants import OF_ADJUSTMENTS
from tests.prove.day_invariants import OF_DAYS, reports_are_days
from tests.prove.rows import Customer, Item, customers_of
from tests.prove.store import Store

GENESIS_HASH = "0" * 64
DEBITS = {"usage", "charge"}


@dataclass(frozen=True, slots=True)
class Sum:
    """Cents of what has a price of its own, units of what its month counts, and events of both."""

    cents: Decimal = Decimal(0)
    counted_units: Decimal = Decimal(0)
    events: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        """Add up."""
        return Sum(
            self.cents + other.cents,
            self.counted_units + other.counted_units,
            self.events + other.events,
        )


NOTHING = Sum()


def at_once(store: Store, tables: Tables) -> list[str]:
    """Tell what is wrong with the books as they stand."""
    found: list[str] = []
    customers = customers_of(store, tables)
    for customer in customers:
        for check in (*AT_ONCE, *OF_ADJUSTMENTS, *OF_DAYS):
            found += check(customer)
    return [*found, *reports_are_days(store, tables, customers)]


def _chain(customer: Customer) -> Iterator[str]:
    """Invariant 1: the ledger is one chain, and the wallet is its sum."""
    total, previous = 0, GENESIS_HASH
    for number, entry in enumerate(customer.entries, start=1):
        total += int(entry["amountCents"])
        if (int(entry["seq"]), entry["previousHash"]) != (number, previous):
            yield f"entry {number} does not follow the one before it"
        if int(entry["balanceCents"]) != total:
            yield f"entry {number} has a balance that is not the sum"
        if entry["hash"] != _hash(customer.id, entry):
            yield f"entry {number} does not match its hash"
        previous = entry["hash"]
    wallet = customer.wallet
    if (int(wallet["balanceCents"]), int(wallet["seq"])) != (total, len(customer.entries)):
        yield "the wallet is not the sum of its entries"
    if wallet["headHash"] != previous:
        yield "the wallet does not stand at the head of the chain"


def _hash(customer_id: str, entry: Item) -> str:
    content = [
        entry["previousHash"],
        customer_id,
        int(entry["seq"]),
        entry["kind"],
        int(entry["amountCents"]),
        int(entry["balanceCents"]),
        entry["reference"],
        entry["postedAt"],
    ]
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _billed_once(customer: Customer) -> Iterator[str]:
    """Invariant 2: every event counts in exactly the record, or the tab, that it names."""
    used: dict[str, Sum] = defaultdict(lambda: NOTHING)
    for event in customer.events:
        used[event["recordId"]] += _sum(event["units"], event["unitPriceCents"], 1)
    billed: dict[str, Sum] = {}
    for record in customer.records:
        if record["lines"]:
            billed[record["recordId"]] = sum(map(_of_line, record["lines"].values()), NOTHING)
    for name, content in _in_tabs(customer):
        if name in billed:
            yield f"{name} is a record, and still in a tab"
        billed[name] = content
    if dict(used) != billed:
        yield f"events say {dict(used)}, records and tabs say {billed}"


def _of_line(line: Item) -> Sum:
    """Read a line of a record; of one that its month counts, the units are what can be compared."""
    if "before" in line:
        return _sum(line["units"], None, line["events"])
    return Sum(line["amountCents"], Decimal(0), int(line["events"]))


def _in_tabs(customer: Customer) -> Iterator[tuple[str, Sum]]:
    for tab in customer.tabs:
        shard = int(tab["sk"].removeprefix("TAB#"))
        contents = ((tab["lines"], "number"), (tab.get("sealedLines"), "sealedNumber"))
        for lines, number in contents:
            if lines:
                content = sum(starmap(_of_tab, lines.items()), NOTHING)
                yield f"{customer.id}~{shard}~{tab[number]}", content


def _of_tab(name: str, number: Decimal) -> Sum:
    """Read a line of a tab.

    A name ends with its price, or nothing where its month counts it; a number has units and, behind
    six decimals, ten digits of events.
    """
    units = round(number, 6)
    price = name.partition(":")[2]
    return _sum(units, Decimal(price) if price else None, (number - units).scaleb(16))


def _sum(units: Decimal, price: Decimal | None, events: Decimal | int) -> Sum:
    if price is None:
        return Sum(Decimal(0), units, int(events))
    return Sum(units * price, Decimal(0), int(events))


def _months(customer: Customer) -> Iterator[str]:
    """Invariant 2: what was debited of a month is the price of all that was billed of it."""
    billed: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for record in customer.records:
        for name, line in record["lines"].items():
            if "before" in line:
                units, cents = billed[name]
                billed[name] = [units + line["units"], cents + line["amountCents"]]
    months = {
        f"{name}/{month['sk'].split('#')[1]}": total
        for month in customer.months
        for name, total in month["lines"].items()
    }
    if months != billed:
        yield f"months say {months}, records say {dict(billed)}"
    for name, (units, cents) in months.items():
        if cents != _price_of(customer.prices[name.partition("/")[0]], units):
            yield f"{cents} were debited for {units} of {name}"


def _price_of(price: Item, units: Decimal) -> Decimal:
    """Count what units come to, one whole unit after another."""
    bounds = [tier[0] for tier in price["tiers"]]
    tiers = [
        next(at for at, bound in enumerate(bounds) if bound is None or number <= bound)
        for number in range(1, int(units) + 1)
    ]
    if price["model"] == "volume":
        tiers = [tiers[-1] for _ in tiers]
    of_units = sum((price["tiers"][at][1] for at in tiers), Decimal(0))
    return of_units + sum((price["tiers"][at][2] for at in set(tiers)), Decimal(0))


def _within_a_cent(customer: Customer) -> Iterator[str]:
    """Invariants 2 and 8: what was asked is the exact sum, less the carry, in whole cents."""
    of_usage = [record for record in customer.records if record["lines"]]
    exact = sum(
        (line["amountCents"] for record in of_usage for line in record["lines"].values()),
        Decimal(0),
    )
    asked = sum((record["amountCents"] for record in of_usage), Decimal(0))
    carry = customer.wallet["carryCents"]
    if exact - asked != carry or not 0 <= carry < 1:
        yield f"records ask {asked} of {exact}, and the wallet carries {carry}"
    whole = [customer.wallet["balanceCents"], *(entry["amountCents"] for entry in customer.entries)]
    if any(number != int(number) or abs(number) > 10**15 for number in whole):
        yield "money is no whole number of cents within its bounds"


def _outstanding(customer: Customer) -> Iterator[str]:
    """The wallet counts what is outstanding."""
    cents = sum(int(record["amountCents"]) for record in customer.outstanding)
    wallet = customer.wallet
    counted = (int(wallet["outstandingRecords"]), int(wallet["outstandingCents"]))
    if counted != (len(customer.outstanding), cents):
        yield f"the wallet counts {counted}, records are {(len(customer.outstanding), cents)}"


def _paid_once(customer: Customer) -> Iterator[str]:
    """Invariants 2 and 5: a paid record has one debit, a debit one record, a credit one key."""
    debits = {entry["reference"]: entry for entry in customer.entries if entry["kind"] in DEBITS}
    paid = {
        record["recordId"]: record
        for record in customer.records
        if record["status"] == "paid" and record["amountCents"]
    }
    if debits.keys() != paid.keys() or len(debits) != sum(
        entry["kind"] in DEBITS for entry in customer.entries
    ):
        yield f"debits are of {sorted(debits)}, paid records are {sorted(paid)}"
        return
    for name, entry in debits.items():
        if (paid[name]["amountCents"], paid[name]["entrySeq"]) != (
            -entry["amountCents"],
            entry["seq"],
        ):
            yield f"the debit of {name} is not what the record asks"
    for kind in ("credit", "refund"):
        keyed = sorted(int(key["entrySeq"]) for key in customer.keys if f"#{kind}:" in key["sk"])
        if keyed != [int(entry["seq"]) for entry in customer.entries if entry["kind"] == kind]:
            yield f"{kind}s and their keys are not one to one"


def _refunded(customer: Customer) -> Iterator[str]:
    """A refund is an entry that its record keeps, and refunds never exceed what it took."""
    given_back = {
        int(entry["seq"]): (entry["reference"], int(entry["amountCents"]))
        for entry in customer.entries
        if entry["kind"] == "refund"
    }
    kept: dict[int, tuple[str, int]] = {}
    for record in customer.records:
        refunds = record.get("refunds", [])
        for refund in refunds:
            kept[int(refund["entrySeq"])] = (record["recordId"], int(refund["amountCents"]))
        given_cents = sum(int(refund["amountCents"]) for refund in refunds)
        if refunds and given_cents > record["amountCents"]:
            yield f"{record['recordId']} gave back more than it took"
    if kept != given_back:
        yield f"records keep the refunds {kept}, the ledger has {given_back}"


def _dunning(customer: Customer) -> Iterator[str]:
    """Exactly the record that the profile names is retrying."""
    leader = customer.profile.get("dunningRecordId")
    retrying = [r["recordId"] for r in customer.records if r["status"] == "retrying"]
    if retrying != ([] if leader is None else [leader]):
        yield f"{retrying} are retrying, and the profile names {leader}"


def _attempts(customer: Customer) -> Iterator[str]:
    """No attempt met too little money with enough of it."""
    for record in customer.records:
        for attempt in record["attempts"]:
            left = attempt["balanceCents"] - record["amountCents"]
            if attempt["outcome"] == "insufficient_funds" and left >= 0:
                yield f"an attempt at {record['recordId']} called enough money too little"


def _suspension(customer: Customer) -> Iterator[str]:
    """Invariant 7: who is suspended was suspended by somebody."""
    profile = customer.profile
    suspended = profile["status"] == "suspended"
    if profile["status"] != "deleted" and suspended != ("suspendedBy" in profile):
        yield f"{profile['status']}, by {profile.get('suspendedBy')}"
    if profile["status"] == "deleted" and customer.tabs:
        yield "a deleted customer has a tab, and goes on using"


def _listed(customer: Customer) -> Iterator[str]:
    """What is not billed stands in a list of the run; held only while somebody sees to it: a
    dunning, a suspension, or the call for the run.
    """
    profile = customer.profile
    can_be_charged = profile["status"] == "active" and "dunningRecordId" not in profile
    for tab in customer.tabs:
        listed = tab.get("dirtyPk", "")
        if (tab["lines"] or "sealedNumber" in tab) and not listed:
            yield f"{tab['sk']} is not billed, and stands in no list"
        is_held = listed.startswith("ATTENTION#")
        if is_held and can_be_charged and "attentionAt" not in profile:
            yield f"{tab['sk']} is held for who can be charged, and nobody looks"


def _called_for(customer: Customer) -> Iterator[str]:
    """Invariant 10: while a customer owes and no dunning runs, the run is called for them, unless
    they are suspended and the oldest record is not covered.

    Whom an operator suspended waits for the operator: what is raised then is charged by nobody.
    """
    profile, outstanding = customer.profile, customer.outstanding
    by = profile.get("suspendedBy")
    if not outstanding or "dunningRecordId" in profile or by == "operator":
        return
    is_covered = customer.spendable >= outstanding[0]["amountCents"]
    if "attentionAt" not in profile and (by is None or is_covered):
        yield f"{profile['status']}, owing {outstanding[0]['recordId']}, and nobody looks"


AT_ONCE = (
    _chain,
    _billed_once,
    _months,
    _within_a_cent,
    _outstanding,
    _paid_once,
    _refunded,
    _dunning,
    _attempts,
    _suspension,
    _called_for,
    _listed,
)


def at_rest(store: Store, tables: Tables, *, now: str, after_a_day: bool) -> list[str]:
    """Tell who is forgotten: what should not be once faults have ended and runs have gone by.

    Usage of who is suspended is held for a day, because charging it would change nothing.
    """
    found: list[str] = []
    for customer in customers_of(store, tables):
        found += _forgotten(customer)
        found += _due(customer, now)
        if after_a_day or customer.profile["status"] != "suspended":
            found += _unbilled(customer)
    return found


def _forgotten(customer: Customer) -> Iterator[str]:
    profile, outstanding = customer.profile, customer.outstanding
    failed = [record for record in outstanding if record["status"] == "failed"]
    by = profile.get("suspendedBy")
    if profile["status"] == "deleted":
        if outstanding:
            yield "a deleted customer owes"
        return
    if by is None and failed:
        yield f"{profile['status']}, with {len(failed)} failed records outstanding"
    if by == "dunning" and not outstanding:
        yield "suspended by dunning, owing nothing"
    if by == "operator" or not outstanding:
        return
    if customer.spendable >= outstanding[0]["amountCents"]:
        yield f"the wallet covers {outstanding[0]['recordId']}, and nobody charges it"
    if profile["status"] == "active":
        yield f"active, owing {outstanding[0]['recordId']}, and no dunning runs"


def _unbilled(customer: Customer) -> Iterator[str]:
    for tab in customer.tabs:
        if "sealedNumber" in tab:
            yield f"{tab['sk']} is still sealed"
        if tab["lines"]:
            yield f"{tab['sk']} is not billed"
        if "dirtyPk" in tab:
            yield f"{tab['sk']} is still dirty"


def _due(customer: Customer, now: str) -> Iterator[str]:
    if "attentionAt" in customer.profile and customer.profile["attentionAt"] <= now:
        yield "somebody must still look at the customer"
    if "dunningRecordId" in customer.profile:
        yield "a dunning still runs"


def asked_for(store: Store, tables: Tables) -> list[tuple[int, int, int]]:
    """Count what callers ask for: credits, events and records of each customer."""
    return [
        (
            sum(entry["kind"] not in DEBITS for entry in customer.entries),
            len(customer.events),
            len(customer.records),
        )
        for customer in customers_of(store, tables)
    ]
