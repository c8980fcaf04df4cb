"""Whether an answer goes out as gzip, and what it becomes."""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

# Below, an answer fits into one packet as it is.
COMPRESSED_FROM_BYTES = 1024

# Of the levels, the one after which an answer gets little smaller and costs much more.
_LEVEL = 6
_GZIP_WINDOW_BITS = 31

# Any part of a name that a client would send: what is longer is somebody playing.
_ACCEPTED_LENGTH_MAX = 1000


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip, by its header Accept-Encoding (RFC 9110, 12.5.3)."""
    said: dict[str, bool] = {}
    for part in accept_encoding[:_ACCEPTED_LENGTH_MAX].lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        said[coding] = not any(map(_is_refusal, parameters))
    return said.get("gzip", said.get("x-gzip", said.get("*", False)))


def _is_refusal(parameter: str) -> bool:
    """Tell whether a weight is nought: 0, 0., 0.0 up to 0.000."""
    name, _, weight = parameter.partition("=")
    return name.strip() == "q" and weight.strip().rstrip("0") in {"", "0."} and "0" in weight


def compressed(answer: Mapping[str, Any], *, accept_encoding: str) -> dict[str, Any]:
    """Return what API Gateway is handed for an answer: smaller, where the client takes it so.

    The same answer goes out in two ways from some size on, which caches are told.
    """
    body = answer["body"].encode()
    if len(body) <= COMPRESSED_FROM_BYTES:
        return dict(answer)
    varies = [*filter(None, [answer["headers"].get("Vary")]), "Accept-Encoding"]
    headers = {**answer["headers"], "Vary": ", ".join(varies)}
    if not accepts_gzip(accept_encoding):
        return {**answer, "headers": headers}
    packed = zlib.compress(body, _LEVEL, _GZIP_WINDOW_BITS)
    return {
        **answer,
        "headers": {**headers, "Content-Encoding": "gzip"},
        "body": base64.b64encode(packed).decode("ascii"),
        "isBase64Encoded": True,
    }
