"""Explain a billing record: what each of its lines came to, part by part."""

from collections.abc import Mapping

from billing.domain.errors import IntegrityError
from billing.domain.price_models import Part
from billing.domain.rating import explain_line
from billing.domain.records import BillingRecord
from billing.domain.tabs import LineKey
from billing.storage.stores import Stores

type Explanations = Mapping[LineKey, tuple[Part, ...]]

# An answer of Lambda has 6 MB, and a part with all of its digits a quarter of a kilobyte.
PARTS_MAX = 10_000


def explain_record(record: BillingRecord, *, stores: Stores) -> Explanations:
    """Explain each line by the price that it was billed at, which never changes.

    Nothing is explained where there are more than `PARTS_MAX` parts. Raises IntegrityError where a
    product or its price version is gone that was billed.
    """
    product_ids = {key.product_id for key in record.lines}
    products = stores.products.get_many(product_ids)
    if products.keys() != product_ids:
        raise IntegrityError(f"A product is gone that {record.id} bills")
    explained = {
        key: explain_line(line, products[key.product_id].price_of(key.price_version))
        for key, line in record.lines.items()
    }
    return explained if sum(map(len, explained.values())) <= PARTS_MAX else {}
