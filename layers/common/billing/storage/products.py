"""Products as items, with all their price versions inside."""

from dataclasses import dataclass

from billing.domain.pricing import PriceVersion, Product
from billing.domain.times import from_text, to_text
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.items import Item, whole
from billing.storage.writes import ConditionFailedError, Put, TransactionCancelledError, Update

# A product id belongs to the first that claims it.
UNCLAIMED = "attribute_not_exists(#pk)"

# Two changes at once would each append "the next" price version: the later must look again.
PRICES_AS_READ = "attribute_exists(#pk) AND size(#prices) = :seen"

AFTER = "#pk = :pk AND #sk > :after"
_CHANGE = "SET #name = :name, #prices = :prices"


@dataclass(frozen=True, slots=True)
class Products:
    """Reads and writes products."""

    dynamo: Dynamo
    table: str

    def get(self, product_id: str, *, consistent: bool = True) -> Product | None:
        """Read a product; one that is not consistent may lag by a moment."""
        item = self.dynamo.get(self.table, keys.product(product_id), consistent=consistent)
        return None if item is None else _product(item)

    def page(self, *, limit: int, after: str | None) -> tuple[list[Product], str | None]:
        """List products in order of their ids, and the id to go on after."""
        page = self.dynamo.query(
            self.table,
            condition=AFTER,
            values={":pk": keys.PRODUCT_PK, ":after": keys.product(after or "")["sk"]},
            # One more tells whether there are more; a full page may be the last one.
            limit=limit + 1,
        )
        products = [_product(item) for item in page.items[:limit]]
        more = len(page.items) > limit or page.last_key is not None
        return products, products[-1].id if more and products else None

    def create(self, product: Product) -> bool:
        """Make a product; False where the id is taken.

        A transaction of one, because its client token tells a repeated try from somebody
        else's product.
        """
        item: Item = {
            **keys.product(product.id),
            "productId": product.id,
            "name": product.name,
            "unitDecimals": product.unit_decimals,
            "prices": [_price_item(price) for price in product.prices],
            "createdAt": to_text(product.created_at),
        }
        try:
            self.dynamo.transact([Put(self.table, item, UNCLAIMED)])
        except TransactionCancelledError:
            return False
        return True

    def change(self, before: Product, after: Product) -> bool:
        """Store a product's new name and prices; False where its prices changed meanwhile.

        Prices that changed to these very ones were changed by an earlier try, as a rule, whose
        answer was lost.
        """
        update = Update(
            self.table,
            keys.product(before.id),
            _CHANGE,
            PRICES_AS_READ,
            {
                ":name": after.name,
                ":prices": [_price_item(price) for price in after.prices],
                ":seen": len(before.prices),
            },
        )
        try:
            self.dynamo.update(update)
        except ConditionFailedError as refused:
            return refused.item is not None and _product(refused.item) == after
        return True


def _price_item(price: PriceVersion) -> Item:
    return {
        "version": price.version,
        "unitPriceCents": price.unit_price_cents,
        "effectiveFrom": to_text(price.effective_from),
    }


def _product(item: Item) -> Product:
    return Product(
        id=item["productId"],
        name=item["name"],
        unit_decimals=whole(item["unitDecimals"]),
        prices=tuple(
            PriceVersion(
                version=whole(price["version"]),
                unit_price_cents=price["unitPriceCents"],
                effective_from=from_text(price["effectiveFrom"]),
            )
            for price in item["prices"]
        ),
        created_at=from_text(item["createdAt"]),
    )
