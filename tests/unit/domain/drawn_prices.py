"""What Hypothesis draws for prices: every model, in quantities that are counted in tenths."""

from decimal import Decimal

from hypothesis import strategies as st

from billing.domain.price_models import Flat, Graduated, Package, PriceModel, Tier, Volume
from billing.domain.prices import Price

# How fine the quantities below are, so that a reference can count one step after another.
UNIT_DECIMALS = 1
STEP = Decimal("0.1")

quantities = st.integers(0, 400).map(lambda steps: steps * STEP)
some_units = st.integers(1, 400).map(lambda steps: steps * STEP)
cents = st.decimals(min_value=0, max_value=1000, places=12)
flat_cents = st.just(Decimal(0)) | cents


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Draw up to six tiers whose bounds rise."""
    bounds = sorted(draw(st.sets(some_units, max_size=5)))
    return tuple(Tier(bound, draw(cents), draw(flat_cents)) for bound in [*bounds, None])


graduated = tiers().map(Graduated)
volumes = tiers().map(Volume)
packages = st.builds(Package, some_units, cents)
models: st.SearchStrategy[PriceModel] = st.builds(Flat, cents) | packages | graduated | volumes
prices = st.builds(Price, models, st.just(Decimal(0)) | quantities)
