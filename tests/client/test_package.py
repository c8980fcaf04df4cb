"""What others install is the client alone."""

import usage_billing


def test_the_client_is_installed_as_its_readers_would_import_it() -> None:
    assert usage_billing.__doc__ is not None
