"""What is large goes out as gzip to who takes it so, and as it is to everybody else."""

import base64
import gzip
from typing import Any

import pytest

from billing.edge.http.compression import COMPRESSED_FROM_BYTES, accepts_gzip, compressed

LARGE = "é" * COMPRESSED_FROM_BYTES


def answer(body: str) -> dict[str, Any]:
    """Give what a function would hand to API Gateway."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": False}


@pytest.mark.parametrize(
    "header",
    ["gzip", "GZIP", "gzip, deflate, br, zstd", "br;q=1.0,gzip;q=0.001", "deflate,*", "x-gzip",
     "gzip;q=1", " gzip ; q = 0.5 ", "identity;q=0, gzip"],
)  # fmt: skip
def test_who_names_gzip_takes_it(header: str) -> None:
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header",
    ["", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzip; q=0., *", "*;q=0", "gzipped",
     "," * 5000, "x" * 5000 + ",gzip"],
    ids=["nothing", "identity", "br", "nought", "noughts", "nought-before-any", "nothing-at-all",
         "another-word", "commas", "too-long"],
)  # fmt: skip
def test_who_does_not_name_it_or_refuses_it_is_not_sent_it(header: str) -> None:
    assert not accepts_gzip(header)


def test_what_is_large_is_sent_as_gzip() -> None:
    sent = compressed(answer(LARGE), accept_encoding="gzip")

    assert gzip.decompress(base64.b64decode(sent["body"])).decode() == LARGE
    assert sent["isBase64Encoded"] is True
    assert sent["headers"] == {
        **answer("")["headers"],
        "Content-Encoding": "gzip",
        "Vary": "Accept-Encoding",
    }


def test_who_does_not_take_gzip_is_sent_the_text_and_caches_are_told() -> None:
    sent = compressed(answer(LARGE), accept_encoding="br")

    assert sent == answer(LARGE) | {"headers": answer("")["headers"] | {"Vary": "Accept-Encoding"}}


def test_what_else_an_answer_depends_on_stays_told() -> None:
    by_kind = answer(LARGE)
    by_kind["headers"]["Vary"] = "Accept"

    sent = compressed(by_kind, accept_encoding="gzip")

    assert sent["headers"]["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize("body", ["", "x" * COMPRESSED_FROM_BYTES], ids=["nothing", "one-packet"])
def test_what_is_small_is_sent_as_it_is_to_everybody(body: str) -> None:
    assert compressed(answer(body), accept_encoding="gzip") == answer(body)
