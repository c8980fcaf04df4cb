"""The console as its function serves it, without a cloud."""

import base64
import gzip
import importlib.util
import os
import sys
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any
from unittest.mock import patch

from tests.support.lambdas import ENVIRONMENT, ROOT, http_event

CONSOLE = ROOT / "functions" / "console"
STATIC = CONSOLE / "static"
UPLOADS_ORIGIN = ENVIRONMENT["UPLOADS_ORIGIN"]


@cache
def console(**more: str) -> ModuleType:
    """Import the function, as a cold start does; `more` is what stands in its environment too."""
    spec = importlib.util.spec_from_file_location("console_handler", CONSOLE / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Where dataclasses look for the module that they stand in.
    sys.modules[spec.name] = module
    with patch.dict(os.environ, {"UPLOADS_ORIGIN": UPLOADS_ORIGIN, **more}, clear=True):
        spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Served:
    """What a browser gets, unpacked, and how many bytes that were on the wire."""

    status: int
    headers: dict[str, str]
    text: str
    wire_bytes: int


def serve(path: str, encoding: str = "gzip, br") -> Served:
    """Ask for /console or for one of its files."""
    route, parameters = "GET /console", None
    if path != "/console":
        route, parameters = "GET /console/{file}", {"file": path.removeprefix("/console/")}
    headers = {"Accept-Encoding": encoding}
    event = http_event(route, path=path, path_parameters=parameters, headers=headers, scopes=None)
    answer: dict[str, Any] = console().handler(event, None)
    body = answer["body"].encode()
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(body)
    plain = gzip.decompress(body) if "Content-Encoding" in answer["headers"] else body
    return Served(answer["statusCode"], answer["headers"], plain.decode(), len(body))
