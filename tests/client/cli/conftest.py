"""The command, run as a person would, against the whole functions of the product."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.client.conftest import Product
from usage_billing.cli.app import app


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    data: str
    words: str

    @property
    def json(self) -> list[Any]:
        """The data as JSON, a document a line."""
        return [json.loads(line) for line in self.data.splitlines()]

    @property
    def one(self) -> Any:  # noqa: ANN401  JSON has no narrower type.
        """The only document."""
        [found] = self.json
        return found


type Run = Callable[..., Ran]


@pytest.fixture
def run(product: Product, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs `billing` with an address and a key for everything in the environment."""
    monkeypatch.setenv("BILLING_URL", product.url)
    monkeypatch.setenv("BILLING_API_KEY", product.key)
    return run_billing


def run_billing(*arguments: str, typed: bytes | None = None) -> Ran:
    """Run `billing` with arguments, in this process."""
    result = CliRunner().invoke(app, list(arguments), input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    # The functions of the product run in this process too, and write their metrics to its stdout.
    lines = result.stdout.splitlines(keepends=True)
    data = "".join(line for line in lines if not line.startswith('{"_aws"'))
    return Ran(result.exit_code, data, result.stderr)
