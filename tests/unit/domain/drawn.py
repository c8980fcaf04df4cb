"""What Hypothesis draws for the rules: values within the bounds that the domain promises."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

# A wallet's bound, with all the decimal places that six of a unit and twelve of a price make.
exact_cents = st.decimals(
    min_value=-(10**15), max_value=10**15, places=18, allow_nan=False, allow_infinity=False
)

units = st.decimals(min_value=Decimal("0.000001"), max_value=10**12, places=6)

prices = st.decimals(min_value=0, max_value=10**15, places=12)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# From the year 2000 to some time in 9998, to the microsecond.
instants = st.integers(946_684_800 * 10**6, 253_360_000_000 * 10**6).map(
    lambda microseconds: EPOCH + timedelta(microseconds=microseconds)
)
