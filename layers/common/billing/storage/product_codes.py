"""Short codes of products, by which tabs name what they count.

A tab is written whole with each event, so that each character of a line's name is paid for with
each event. An id may have 64 of them; its code, a part of its hash, has six. Nobody has to look it
up to write it, and a row of its own, made with the product, tells the id to whoever reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from billing.domain.errors import IntegrityError
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.writes import Put

# Two products never share a code: else their usage would be one line.
UNCLAIMED = "attribute_not_exists(#pk)"

# A container that meets more products than this forgets all of them and begins again.
CODES_REMEMBERED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class ProductCodes:
    """Tells which product a code is of; `known` is what a container remembers, for ever true."""

    dynamo: Dynamo
    table: str
    known: dict[str, str]

    def claiming(self, product_id: str) -> Put:
        """Return the write that makes the code of a new product known."""
        key = keys.product_code_claim(keys.product_code(product_id))
        return Put(self.table, {**key, "productId": product_id}, UNCLAIMED)

    def product_ids(self, codes: Iterable[str]) -> Mapping[str, str]:
        """Tell the products of codes that tabs have.

        Raises IntegrityError for one that was never claimed.
        """
        wanted = set(codes)
        found = {code: self.known[code] for code in wanted & self.known.keys()}
        if unknown := sorted(wanted - found.keys()):
            found |= self._read(unknown)
        if missing := wanted - found.keys():
            raise IntegrityError(f"No products have the codes {sorted(missing)}")
        return found

    def _read(self, codes: Iterable[str]) -> Mapping[str, str]:
        rows = self.dynamo.get_many(self.table, list(map(keys.product_code_claim, codes)))
        found = {keys.product_code(row["productId"]): row["productId"] for row in rows}
        if len(self.known) + len(found) > CODES_REMEMBERED_MAX:
            self.known.clear()
        self.known.update(found)
        return found
