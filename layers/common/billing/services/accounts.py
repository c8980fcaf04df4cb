"""Read an account: a customer and their wallet together, or the wallet alone."""

from billing.domain.accounts import Account
from billing.domain.customers import Status
from billing.domain.errors import CustomerNotFoundError
from billing.domain.ledger import Wallet
from billing.storage.stores import Stores


def read_account(customer_id: str, stores: Stores) -> Account:
    """Read a customer and their wallet; raises CustomerNotFoundError."""
    account = stores.accounts.get(customer_id)
    if account is None:
        raise CustomerNotFoundError(customer_id)
    return account


def read_living_account(customer_id: str, stores: Stores) -> Account:
    """Read a customer and their wallet; raises CustomerNotFoundError for a deleted one too."""
    account = read_account(customer_id, stores)
    if account.customer.status is Status.DELETED:
        raise CustomerNotFoundError(customer_id)
    return account


def read_living_wallet(customer_id: str, stores: Stores) -> Wallet:
    """Read a wallet alone; raises CustomerNotFoundError for that of a deleted customer too."""
    wallet = stores.wallets.get(customer_id)
    if wallet is None or wallet.closed_at is not None:
        raise CustomerNotFoundError(customer_id)
    return wallet
