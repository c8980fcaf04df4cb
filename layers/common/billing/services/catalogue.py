"""The catalogue as a container remembers it, so that recording usage reads nothing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from billing.domain.errors import ProductNotFoundError
from billing.domain.pricing import Product
from billing.storage.stores import Stores

# A price takes effect no sooner than this after it was set: so every container knows a price before
# it is in force, and no event is ever recorded at a price that was not.
PRICE_NOTICE_SECONDS = 60

# A container forgets a product sooner, by as much as a read may lag and clocks may differ.
PRODUCT_REMEMBERED_SECONDS = 50

# A container that meets more products than this forgets all of them and begins again.
PRODUCTS_REMEMBERED_MAX = 10_000


@dataclass(slots=True)
class Catalogue:
    """Products by id, each remembered for some seconds; safe to share among threads."""

    _products: dict[str, tuple[Product, datetime]] = field(default_factory=dict)

    def product(self, product_id: str, *, stores: Stores, now: datetime) -> Product:
        """Return a product; raises ProductNotFoundError, after looking, for an unknown one."""
        remembered = self._products.get(product_id)
        if remembered is not None:
            product, read_at = remembered
            if now - read_at < timedelta(seconds=PRODUCT_REMEMBERED_SECONDS):
                return product
        # An eventually consistent read costs half; only a product made this moment needs the other.
        found = stores.products.get(product_id, consistent=False) or stores.products.get(product_id)
        if found is None:
            raise ProductNotFoundError(product_id)
        if len(self._products) >= PRODUCTS_REMEMBERED_MAX:
            self._products.clear()
        self._products[product_id] = (found, now)
        return found
