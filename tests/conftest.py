"""Where the books of services are kept: on moto, or with --dynamodb=local on DynamoDB Local.

And what parametrized tests are called.
"""

import os
from collections.abc import Iterator

import pytest

from billing.edge.aws import clients
from tests.support.keeper import MOTO, Keeper, local_keeper
from tests.support.lambdas import ENVIRONMENT
from tests.support.naming import in_words
from tools import dynamodb_local

# Powertools reads its variables when the module that makes its logger is first imported, which
# pytest does while it collects the tests.
os.environ.update({k: v for k, v in ENVIRONMENT.items() if k.startswith("POWERTOOLS_")})

# Deployed clients send what the stores wrote as it is; here botocore checks every request.
clients.VALIDATES_PARAMETERS = True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the caller choose."""
    parser.addoption(
        "--dynamodb",
        choices=("moto", "local"),
        default="moto",
        help="keep the books of services on moto, or on DynamoDB Local",
    )


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Call a parameter by its value where words can, else by its name, which pytest numbers."""
    if isinstance(val, type) or getattr(val, "__name__", "<lambda>") != "<lambda>":
        return None  # pytest calls classes and functions by their names.
    return in_words(val) or argname


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    """Give the address of DynamoDB Local, started once for all tests."""
    with dynamodb_local.running() as url:
        yield url


@pytest.fixture(scope="session")
def keeper(request: pytest.FixtureRequest) -> Keeper:
    """Give what keeps the books, as the caller chose."""
    if request.config.getoption("dynamodb") == "moto":
        return MOTO
    return local_keeper(request.getfixturevalue("dynamodb_local_url"))
