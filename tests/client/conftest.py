"""The whole functions of the product behind their gateway, and a key for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from billing.domain.api_keys import Scope
from billing.services.api_keys import SECRET_BYTES, create_api_key
from tests.support.books import Books
from tests.support.cloud import FUNCTION_OF, Cloud, moto_cloud
from tests.support.gateway import Gateway
from tests.support.logged import catching_logs
from tests.support.served import served
from usage_billing import Billing, Retries

# Tries again as often as anybody, and never waits.
AT_ONCE = Retries(wait_seconds=0.0)


@dataclass(frozen=True)
class Product:
    """The product as its callers see it, and the books behind it."""

    url: str
    key: str
    cloud: Cloud
    _keys: dict[tuple[Scope, ...], str] = field(default_factory=dict)

    @property
    def books(self) -> Books:
        """The books that it keeps."""
        return self.cloud.books

    def key_with(self, *scopes: Scope) -> str:
        """Return the secret of a key with these scopes, which is made once."""
        if scopes not in self._keys:
            self._keys[scopes] = _key(self.books, *scopes)
        return self._keys[scopes]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """Give the product with api-calls at 1 cent and the postpaid customer acme."""
    with (
        moto_cloud() as cloud,
        catching_logs(),
        served(Gateway(cloud.invoke, FUNCTION_OF)) as url,
    ):
        yield Product(url, _key(cloud.books, Scope.ADMIN), cloud)


@pytest.fixture
def billing(product: Product) -> Iterator[Billing]:
    """Give a client of the product with a key for everything."""
    with Billing(product.url, product.key, retries=AT_ONCE) as billing:
        yield billing


def _key(books: Books, *scopes: Scope) -> str:
    name = "-".join(scopes).replace(":", "-")
    secret, _ = create_api_key(
        key_id=f"key-{name}",
        name=name,
        scopes=scopes,
        random=name.encode().ljust(SECRET_BYTES, b"."),
        stores=books.stores,
        clock=books.clock,
    )
    return secret
