"""Products as items, with all their price versions inside."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from billing.domain.pricing import PriceVersion, Product
from billing.domain.times import from_text, optional_instant, optional_text, to_text
from billing.storage import keys
from billing.storage.changes import Owned, item_of, revise
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.lists import first_of_page
from billing.storage.prices import price_item, price_of
from billing.storage.product_codes import ProductCodes
from billing.storage.writes import ConditionFailedError, Put, TransactionCancelledError

# A product id belongs to the first that claims it.
UNCLAIMED = "attribute_not_exists(#pk)"

# Two changes at once would each set "the next" price version: the later must look again. Products
# that earlier versions of this system made have no revision until they are changed.
UNCHANGED_SINCE_READ = (
    "#revision = :seen OR attribute_exists(#pk) AND attribute_not_exists(#revision)"
)

AFTER = "#pk = :pk AND #sk > :after"


class Created(Enum):
    """What became of a new product."""

    DONE = auto()
    ID_TAKEN = auto()
    # By the id of another product, which is a rare accident.
    CODE_TAKEN = auto()


@dataclass(frozen=True, slots=True)
class Products:
    """Reads and writes products."""

    dynamo: Dynamo
    table: str
    codes: ProductCodes

    def get(self, product_id: str, *, consistent: bool = True) -> Product | None:
        """Read a product; one that is not consistent may lag by a moment."""
        item = self.dynamo.get(self.table, keys.product(product_id), consistent=consistent)
        return None if item is None else _product(item)

    def get_many(self, product_ids: Iterable[str]) -> dict[str, Product]:
        """Read several products, by id; those that do not exist are left out."""
        found = self.dynamo.get_many(
            self.table, [keys.product(product_id) for product_id in sorted(set(product_ids))]
        )
        products = [_product(item) for item in found]
        return {product.id: product for product in products}

    def page(self, *, limit: int, after: str | None) -> tuple[list[Product], str | None]:
        """List products in order of their ids, and the id to go on after."""
        page = self.dynamo.query(
            self.table,
            condition=AFTER,
            values={":pk": keys.PRODUCT_PK, ":after": keys.product(after or "")["sk"]},
            # One more tells whether there are more; a full page may be the last one.
            limit=limit + 1,
        )
        shown = first_of_page(page.items[:limit])
        products = [_product(item) for item in shown]
        more = len(page.items) > len(shown) or page.last_key is not None
        return products, products[-1].id if more and products else None

    def create(self, product: Product) -> Created:
        """Make a product, and claim its code."""
        item = item_of(keys.product(product.id), _owned(product))
        claim = self.codes.claiming(product.id)
        try:
            self.dynamo.transact([Put(self.table, item, UNCLAIMED), claim])
        except TransactionCancelledError as cancelled:
            claimed = cancelled.failure_of(claim)
            owner = None if claimed is None or claimed.item is None else claimed.item["productId"]
            return Created.ID_TAKEN if owner in {None, product.id} else Created.CODE_TAKEN
        return Created.DONE

    def change(self, before: Product, after: Product) -> bool:
        """Take a product to another state; False where somebody else changed it meanwhile.

        A product that changed to this very state was changed by an earlier try, as a rule, whose
        answer was lost.
        """
        if after == before:
            return True
        key = keys.product(before.id)
        update = revise(self.table, key, _owned, before, after, condition=UNCHANGED_SINCE_READ)
        try:
            self.dynamo.update(update)
        except ConditionFailedError as refused:
            return refused.item is not None and _product(refused.item) == after
        return True


def _owned(product: Product) -> Owned:
    return {
        "productId": product.id,
        "name": product.name,
        "unitDecimals": product.unit_decimals,
        "prices": [_version_item(version) for version in product.prices],
        "versionsMade": product.versions_made,
        "createdAt": to_text(product.created_at),
        "archivedAt": optional_text(product.archived_at),
        "revision": product.revision,
    }


def _version_item(version: PriceVersion) -> Item:
    return {
        "version": version.version,
        "price": price_item(version.price),
        "effectiveFrom": to_text(version.effective_from),
    }


def _version(item: Item) -> PriceVersion:
    return PriceVersion(
        version=whole(item["version"]),
        price=price_of(item.get("price", item)),
        effective_from=from_text(item["effectiveFrom"]),
    )


def _product(item: Item) -> Product:
    prices = tuple(_version(version) for version in item["prices"])
    return Product(
        id=item["productId"],
        name=item["name"],
        unit_decimals=whole(item["unitDecimals"]),
        prices=prices,
        created_at=from_text(item["createdAt"]),
        versions_made=whole(item.get("versionsMade", prices[-1].version)),
        archived_at=optional_instant(item.get("archivedAt")),
        revision=whole(item.get("revision", 0)),
    )
