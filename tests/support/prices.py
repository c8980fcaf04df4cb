"""One price of each model, as the stories use them, all of them counted by the month."""

from decimal import Decimal

from billing.domain.price_models import Flat, Graduated, Package, Tier, Volume
from billing.domain.prices import Price

# 10 units at 5 cents, then at 2 and 100 for entering, beyond 20 at 1.
GRADUATED = Price(
    Graduated(
        (
            Tier(Decimal(10), Decimal(5)),
            Tier(Decimal(20), Decimal(2), Decimal(100)),
            Tier(None, Decimal(1)),
        )
    )
)
# All units at 5 cents, beyond 10 of them all at 1.
VOLUME = Price(Volume((Tier(Decimal(10), Decimal(5)), Tier(None, Decimal(1)))))
# 30 cents for each 10 units begun.
PACKAGE = Price(Package(Decimal(10), Decimal(30)))
# 10 units free, then 2 cents each.
FREE = Price(Flat(Decimal(2)), Decimal(10))
