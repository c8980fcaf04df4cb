"""Every process finds the same tests under the same names, so that workers can share a suite."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.lambdas import ROOT
from tests.support.naming import ID_LENGTH_MAX, in_words, is_words

LATER = ("-p", "tests.support.another_time")


def collect(hash_seed: str, *options: str) -> list[str]:
    """Name the tests of all suites, in the order in which a process of its own finds them."""
    command = [sys.executable, "-m", "pytest", *options, "--collect-only", "--quiet", "tests"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_two_processes_find_the_same_tests_in_the_same_order_under_names_of_words() -> None:
    with ThreadPoolExecutor() as pool:
        now, later = pool.submit(collect, "1"), pool.submit(collect, "2", *LATER)
        names = now.result()

        assert len(names) > 1000
        assert names == later.result()
    ids = [name.partition("[")[2].removesuffix("]") for name in names if "[" in name]
    assert ids
    assert [each for each in ids if not is_words(each)] == []


@pytest.mark.parametrize(
    "test_id",
    [
        r"\x1f\x8b\x08\x00\xc4\x9b\x12",
        "fault-0x7f9a3c",
        "Outcome object at work",
        "{'units': 1}",
        "",
        "word" * ID_LENGTH_MAX,
    ],
    ids=["bytes", "an address", "an object", "a repr", "nothing", "a page"],
)
def test_an_id_made_of_data_is_noticed(test_id: str) -> None:
    assert not is_words(test_id)


def test_plain_values_are_told_in_words_and_others_are_not() -> None:
    assert in_words({"userId": "a b", "units": [1, None]}) == "userId : a b units : 1 None"
    assert in_words("  ann@example.com") == "ann example.com"
    for other in (b"", {"a", "b"}, {"a": b""}, object(), "%", "☃"):
        assert in_words(other) is None
