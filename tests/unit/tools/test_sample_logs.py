"""The sample of log lines is the same each time, and every line of it is a good one."""

import io
import json
from collections import Counter
from pathlib import Path

import pytest

from billing.domain.deadline import Deadline
from billing.domain.logfiles import LogLine
from billing.edge.aws.log_lines import read_lines
from tools import sample_logs
from tools.local_cloud.demo import PRODUCTS

NEVER = Deadline(at_seconds=1.0, monotonic=lambda: 0.0)


@pytest.fixture(autouse=True)
def no_cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the tests from a local cloud that runs beside them."""
    monkeypatch.setattr(sample_logs, "ENV_FILE", tmp_path / "env")


@pytest.mark.parametrize("name", ["sample.ndjson", "deep/sample.json"])
def test_a_sample_is_written_and_can_be_read(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    sample_logs.main([str(file)])

    lines = list(read_lines(io.BytesIO(file.read_bytes()), after=0, deadline=NEVER))

    good = [line for line in lines if isinstance(line, LogLine)]
    assert len(good) == len(lines) == 10_000
    assert Counter(line.customer_id for line in good) == {
        str(number): 1000 for number in range(1, 11)
    }
    assert {line.product_id for line in good} == {product["id"] for product in PRODUCTS}
    assert len({line.occurred_at for line in good}) == 10_000


def test_a_sample_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.ndjson", "two.ndjson"):
        sample_logs.main([str(tmp_path / name), "--lines", "50", "--customers", "3"])

    text = (tmp_path / "one.ndjson").read_text()
    assert text == (tmp_path / "two.ndjson").read_text()
    assert [json.loads(line)["userId"] for line in text.splitlines()[:4]] == [1, 2, 3, 1]
