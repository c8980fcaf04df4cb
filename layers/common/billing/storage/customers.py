"""Customers as items: the profile, and the claim on the e-mail address."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from billing.domain.counts import Count
from billing.domain.customers import Customer, Mode, Status, SuspendedBy, fold_email
from billing.domain.records import RecordId
from billing.domain.tabs import TabRef
from billing.domain.times import from_text, optional_instant, optional_text, to_text
from billing.storage import keys
from billing.storage.changes import Owned, item_of, revise
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.lists import counted, customers_by_status, listing, newest_first
from billing.storage.walks import BEGINNING, Position, Walk, WalkPage
from billing.storage.writes import Check, Delete, Put, TransactionCancelledError, Update

# An id, or an address, belongs to the first that claims it; nothing is ever overwritten.
UNCLAIMED = "attribute_not_exists(#pk)"

# Whoever changed the profile since it was read may have suspended or deleted the customer.
UNCHANGED_SINCE_READ = "#revision = :seen"

IDS_BETWEEN = "#customerListPk = :list AND #customerListSk BETWEEN :first AND :last"

# In the order of characters these stand before, and behind, all that an id may have.
_BEFORE_ANY_CHARACTER, _AFTER_ANY_CHARACTER = " ", "~"

# An address is freed only by the customer who has it.
CLAIMED_BY_THIS_CUSTOMER = "#customerId = :customer"


@dataclass(frozen=True, slots=True)
class Customers:
    """Reads and writes customers."""

    dynamo: Dynamo
    table: str

    def get(self, customer_id: str) -> Customer | None:
        """Read a customer, strongly consistent; None for one that was deleted."""
        item = self.dynamo.get(self.table, keys.profile(customer_id))
        customer = None if item is None else customer_of(item)
        return None if customer is None or customer.status is Status.DELETED else customer

    def page(self, *, limit: int, before: str | None) -> tuple[list[Customer], str | None]:
        """List customers, newest first, and the position to go on before."""
        items, position = newest_first(
            self.dynamo, self.table, [listing(keys.USERS_LIST)], limit=limit, before=before
        )
        return [customer_of(item) for item in items], position

    def count(self, *, up_to: int) -> Count:
        """Count customers, up to a bound."""
        return counted(self.dynamo, self.table, [listing(keys.USERS_LIST)], up_to=up_to)

    def count_suspended(self, *, up_to: int) -> Count:
        """Count suspended customers, up to a bound."""
        parts = customers_by_status(Status.SUSPENDED.value)
        return counted(self.dynamo, self.table, parts, up_to=up_to)

    def suspended(self, *, limit: int, before: str | None) -> tuple[list[Customer], str | None]:
        """List suspended customers, the newest suspension first, and where to go on before."""
        parts = customers_by_status(Status.SUSPENDED.value)
        items, position = newest_first(self.dynamo, self.table, parts, limit=limit, before=before)
        customers = map(customer_of, items)
        # A version of this code that knew no such list may have changed a customer since.
        return [each for each in customers if each.status is Status.SUSPENDED], position

    def with_prefix(
        self, prefix: str, *, limit: int, after: str | None
    ) -> tuple[list[Customer], str | None]:
        """List the customers whose ids begin so, in order of ids, and the id to go on after."""
        first = prefix if after is None else max(prefix, after + _BEFORE_ANY_CHARACTER)
        last = prefix + _AFTER_ANY_CHARACTER
        if first > last:
            return [], None
        page = self.dynamo.query(
            self.table,
            index=keys.BY_CUSTOMER_INDEX,
            condition=IDS_BETWEEN,
            values={":list": keys.CUSTOMERS_BY_ID, ":first": first, ":last": last},
            # One more tells whether there are more; a full page may be the last one.
            limit=limit + 1,
        )
        ids = [entry["customerListSk"] for entry in page.items[:limit]]
        more = len(page.items) > limit or page.last_key is not None
        found = self.dynamo.get_many(
            self.table, [keys.profile(each) for each in ids], consistent=False
        )
        by_id = {item["customerId"]: customer_of(item) for item in found}
        living = [by_id[each] for each in ids if by_id[each].status is not Status.DELETED]
        return living, ids[-1] if more else None

    def with_email(self, email: str) -> Customer | None:
        """Find who has an e-mail address, in whatever case; strongly consistent."""
        claim = self.dynamo.get(self.table, keys.email(fold_email(email)))
        return None if claim is None else self.get(claim["customerId"])

    def due(
        self, start: Position = BEGINNING, *, by: datetime | None
    ) -> Iterator[WalkPage[str | TabRef]]:
        """Read which customers, and which tabs held for them, the billing run must look at by then,
        with None all that it ever must, from a position round to it again.
        """
        until = None if by is None else to_text(by)
        walk = Walk(self.dynamo, self.table, keys.attention_partition, _due_in, until)
        return walk.pages(start)

    def inserting(self, customer: Customer) -> Put:
        """Return the write that puts a new profile."""
        return Put(self.table, item_of(keys.profile(customer.id), _owned(customer)), UNCLAIMED)

    def changing(self, before: Customer, after: Customer) -> Update:
        """Return the write that takes a profile from one state to the next."""
        key = keys.profile(before.id)
        return revise(self.table, key, _owned, before, after, condition=UNCHANGED_SINCE_READ)

    def forgetting(self, before: Customer, tombstone: Customer) -> Put:
        """Return the write that leaves a tombstone of a profile, and nothing else.

        What this code does not know of a customer may be personal, and goes too.
        """
        owned = _owned(replace(tombstone, revision=before.revision + 1))
        item = item_of(keys.profile(before.id), owned)
        return Put(self.table, item, UNCHANGED_SINCE_READ, {":seen": before.revision})

    def unchanged(self, customer: Customer) -> Check:
        """Return the condition that a profile is still as it was read."""
        values = {":seen": customer.revision}
        return Check(self.table, keys.profile(customer.id), UNCHANGED_SINCE_READ, values)

    def change(self, before: Customer, after: Customer) -> bool:
        """Change a profile alone; False, with nothing written, where it had changed."""
        if after == before:
            return True
        try:
            self.dynamo.transact([self.changing(before, after)], retry_conflicts=False)
        except TransactionCancelledError:
            return False
        return True

    def claiming(self, customer_id: str, email: str) -> Put:
        """Return the write that claims an e-mail address."""
        key = keys.email(fold_email(email))
        return Put(self.table, {**key, "customerId": customer_id}, UNCLAIMED)

    def freeing(self, customer_id: str, email: str) -> Delete:
        """Return the write that frees an e-mail address."""
        key = keys.email(fold_email(email))
        return Delete(self.table, key, CLAIMED_BY_THIS_CUSTOMER, {":customer": customer_id})


def _owned(customer: Customer) -> Owned:
    schedule = customer.retry_schedule_seconds
    leader = customer.dunning_record_id
    listed: dict[str, str | None] = dict.fromkeys(
        (*keys.LISTING_ATTRIBUTES, *keys.BY_CUSTOMER_ATTRIBUTES)
    )
    if customer.status is not Status.DELETED:
        listed |= keys.listing(keys.USERS_LIST, customer.created_at, customer.id)
        listed |= {"customerListPk": keys.CUSTOMERS_BY_ID, "customerListSk": customer.id}
    due: dict[str, str | None] = dict.fromkeys(keys.DIRTY_ATTRIBUTES)
    if customer.attention_at is not None:
        due |= keys.attention(customer.id, customer.attention_at)
    stopped: dict[str, str | None] = dict.fromkeys(keys.OUTSTANDING_ATTRIBUTES)
    if customer.suspended_at is not None and customer.status is Status.SUSPENDED:
        stopped |= keys.customer_by_status(
            customer.id, customer.status.value, customer.suspended_at
        )
    return {
        **listed,
        **due,
        **stopped,
        "customerId": customer.id,
        "mode": customer.mode.value,
        "status": customer.status.value,
        "createdAt": to_text(customer.created_at),
        "revision": customer.revision,
        "name": customer.name,
        "email": customer.email,
        "creditLimitCents": customer.credit_limit_cents,
        "retryScheduleSeconds": None if schedule is None else list(schedule),
        "suspendedBy": None if customer.suspended_by is None else customer.suspended_by.value,
        "suspendedAt": optional_text(customer.suspended_at),
        "dunningRecordId": None if leader is None else str(leader),
        "attentionAt": optional_text(customer.attention_at),
        "deletedAt": optional_text(customer.deleted_at),
    }


def customer_of(item: Item) -> Customer:
    """Read a customer from their profile's item."""
    limit = item.get("creditLimitCents")
    schedule = item.get("retryScheduleSeconds")
    leader = item.get("dunningRecordId")
    suspended_by = item.get("suspendedBy")
    return Customer(
        id=item["customerId"],
        mode=Mode(item["mode"]),
        status=Status(item["status"]),
        created_at=from_text(item["createdAt"]),
        name=item.get("name"),
        email=item.get("email"),
        credit_limit_cents=None if limit is None else whole(limit),
        retry_schedule_seconds=None if schedule is None else tuple(map(whole, schedule)),
        suspended_by=None if suspended_by is None else SuspendedBy(suspended_by),
        suspended_at=optional_instant(item.get("suspendedAt")),
        dunning_record_id=None if leader is None else RecordId.parse(leader),
        attention_at=optional_instant(item.get("attentionAt")),
        deleted_at=optional_instant(item.get("deletedAt")),
        revision=whole(item["revision"]),
    )


def _due_in(entry: Item) -> str | TabRef:
    if keys.is_tab(entry):
        return TabRef(*keys.tab_reference(entry))
    return keys.customer_of(entry["pk"])
