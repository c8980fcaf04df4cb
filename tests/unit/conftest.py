"""Properties of pure rules are searched without a time limit per example: machines differ."""

from hypothesis import settings

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")
