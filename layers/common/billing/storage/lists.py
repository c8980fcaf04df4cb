"""Lists of items by the time they were made, for any kind of item that stands in one."""

from dataclasses import dataclass

from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item


@dataclass(frozen=True, slots=True)
class TimeList:
    """One list: a partition of an index whose sort key begins with the time."""

    index: str
    partition_attribute: str
    sort_attribute: str
    name: str


def listing(name: str) -> TimeList:
    """Name a list of all items of a kind."""
    return TimeList(keys.LISTING_INDEX, "listPk", "listSk", name)


def of_customer(customer_id: str) -> TimeList:
    """Name the list of a customer's billing records."""
    name = keys.customer_pk(customer_id)
    return TimeList(keys.BY_CUSTOMER_INDEX, "customerListPk", "customerListSk", name)


def newest_first(
    dynamo: Dynamo, table: str, wanted: TimeList, *, limit: int, before: str | None
) -> tuple[list[Item], str | None]:
    """Read one page of a list and the position to go on before, None at the end.

    The index may lag by a moment. Going on by position, not by a key that a caller hands back,
    leaves nothing for a forged cursor to address.
    """
    in_list = f"#{wanted.partition_attribute} = :list"
    values = {":list": wanted.name}
    page = dynamo.query(
        table,
        index=wanted.index,
        condition=in_list
        if before is None
        else f"{in_list} AND #{wanted.sort_attribute} < :before",
        values=values if before is None else {**values, ":before": before},
        # One more tells whether there are more; DynamoDB itself cannot, at the end of a full page.
        limit=limit + 1,
        newest_first=True,
    )
    items = page.items[:limit]
    more = len(page.items) > limit or page.last_key is not None
    return items, items[-1][wanted.sort_attribute] if more and items else None
