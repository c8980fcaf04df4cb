"""Read what a wallet holds."""

from billing.domain.errors import CustomerNotFoundError
from billing.domain.ledger import Wallet
from billing.storage.stores import Stores


def read_wallet(customer_id: str, *, stores: Stores) -> Wallet:
    """Read a wallet; raises CustomerNotFoundError, for a deleted customer too."""
    wallet = stores.wallets.get(customer_id)
    if wallet is None or wallet.closed_at is not None:
        raise CustomerNotFoundError(customer_id)
    return wallet
