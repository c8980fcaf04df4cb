"""Read what is not billed yet, and the months that count it."""

from collections.abc import Collection
from dataclasses import dataclass

from billing.domain.errors import CustomerNotFoundError, IntegrityError
from billing.domain.ledger import Wallet
from billing.domain.months import CountedMonth, CountedMonths
from billing.domain.tabs import LineKey, Tab, counted_by_month, unbilled
from billing.services.retrying import Retry
from billing.storage.months import StoredMonths
from billing.storage.stores import Stores


@dataclass(frozen=True, slots=True)
class Months:
    """Months as they were read, and as a bill may change them."""

    counted: CountedMonths
    stored: StoredMonths


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's wallet, tabs and the months that count what is on them, at one moment."""

    wallet: Wallet
    tabs: list[Tab]
    months: CountedMonths


def read_months(customer_id: str, lines: Collection[LineKey], stores: Stores) -> Months:
    """Read the months that lines are counted by; nothing is read for none.

    Raises IntegrityError where a product or its price version is gone that usage was recorded at.
    """
    stored = stores.months.read(customer_id, lines)
    product_ids = {line.product_id for line in lines}
    products = stores.products.get_many(product_ids)
    if products.keys() != product_ids:
        raise IntegrityError(f"A product is gone that {customer_id} has used")
    counted = {
        line: CountedMonth(
            products[line.product_id].price_of(line.price_version), stored.total(line)
        )
        for line in lines
    }
    return Months(counted, stored)


def read_standing(customer_id: str, stores: Stores, *, also: Collection[LineKey] = ()) -> Standing:
    """Read wallet, tabs and months so that nothing is seen in two of them, or in none.

    Whatever moves money from a tab to the wallet, or units to a month, changes the wallet's
    revision; where that is the same before and after the others were read, nothing moved. `also`
    names months that are wanted even where nothing waits for them. Raises CustomerNotFoundError.
    """
    wallet = stores.wallets.get(customer_id)
    retry = Retry(stores, busy="The wallet is busy; try again")
    while wallet is not None:
        tabs = stores.tabs.of_customer(customer_id)
        lines = counted_by_month(unbilled(tabs)) | set(also)
        months = read_months(customer_id, lines, stores)
        again = stores.wallets.get(customer_id)
        if again is not None and again.revision == wallet.revision:
            return Standing(again, tabs, months.counted)
        wallet = again
        retry.wait()
    raise CustomerNotFoundError(customer_id)
