"""Totals as items: a few attributes of their own, and products in as many items as they take.

A product takes up to some 110 bytes, and as many again where something was taken back of it: an
item of 400 KB has room for the products of one part, and what is written for one product is no more
than its part. A product stays in the part where it first came, so that the parts are the same
however the totals were added up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import batched
from typing import Any

from billing.domain.days import ProductTotals, Totals
from billing.domain.ledger import EntryKind
from billing.storage.changes import Owned, change, item_of
from billing.storage.items import Item, Key, whole
from billing.storage.writes import Put, Write

# With the parts of a day and of a report, the largest page changes fewer items than a transaction
# takes, up to some twenty thousand products.
PRODUCTS_PER_PART = 500

# What is added for the first time is added to by nobody else.
NOT_ADDED_YET = "attribute_not_exists(#pk)"

# What rests on another item, which changes with it in the same transaction: a further part on the
# first one, a day on the wallet.
STILL_THERE = "attribute_exists(#pk)"

NO_VALUES: Mapping[str, Any] = {}


def parts_of(totals: Totals, head: Mapping[str, Any]) -> list[Owned]:
    """Write totals as the attributes of their parts, the first of which has the head too."""
    cut = batched(totals.by_product.items(), PRODUCTS_PER_PART, strict=False)
    products = [_products(some) for some in cut]
    first, further = products[:1], products[1:]
    return [
        {
            **head,
            "kinds": {kind.value: cents for kind, cents in totals.by_kind.items()},
            "products": first[0] if first else {},
        },
        *({"products": some} for some in further),
    ]


def totals_in(parts: Sequence[Item]) -> Totals:
    """Read totals from all of their parts, in order."""
    return Totals(
        by_kind={EntryKind(kind): whole(cents) for kind, cents in parts[0]["kinds"].items()},
        by_product={
            product_id: _totals_of(figures)
            for part in parts
            for product_id, figures in part["products"].items()
        },
    )


def changing_parts(
    table: str,
    key_of: Callable[[int], Key],
    before: Sequence[Owned],
    after: Sequence[Owned],
    *,
    condition: str,
    values: Mapping[str, Any] = NO_VALUES,
) -> list[Write]:
    """Return the writes that take parts to those after them; the condition is that of the first,
    where there is one. What did not change is not written.
    """
    writes: list[Write] = []
    for number, owned in enumerate(after):
        if number >= len(before):
            writes.append(Put(table, item_of(key_of(number), owned), NOT_ADDED_YET))
        elif owned != before[number]:
            rests_on, given = (condition, values) if number == 0 else (STILL_THERE, {})
            writes.append(
                change(
                    table,
                    key_of(number),
                    before=before[number],
                    after=owned,
                    condition=rests_on,
                    values=given,
                )
            )
    return writes


def _products(some: Iterable[tuple[str, ProductTotals]]) -> dict[str, list[Decimal | int]]:
    return {product_id: _figures(totals) for product_id, totals in some}


def _figures(totals: ProductTotals) -> list[Decimal | int]:
    """Write three figures, and three more where something was taken back."""
    back = [] if totals.taken_back is None else _figures(totals.taken_back)
    return [totals.units, totals.amount_cents, totals.events, *back]


def _totals_of(figures: Sequence[Decimal]) -> ProductTotals:
    units, amount_cents, events, *back = figures
    return ProductTotals(units, amount_cents, whole(events), _totals_of(back) if back else None)
