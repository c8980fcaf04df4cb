"""The console: one page, its script, its styles and the libraries that it loads.

It needs neither the layer nor any service, and asks for no key: whoever opens it signs in with one,
and the page calls the API like any other program; log files it sends to their bucket. Nothing is
built beforehand. At its start the function puts the modules under ``static/js`` together into one
file, and names each file by its content, so that browsers keep it for ever.
"""

import base64
import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
VENDOR = HERE / "vendor"
PAGE = "GET /console"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Where the bucket takes log files, as the S3 client of the API finds it: at the address that is
# given to all clients, on the local cloud, or else at the bucket's own.
UPLOADS_ORIGIN = os.environ.get("AWS_ENDPOINT_URL", os.environ["UPLOADS_ORIGIN"])
# Nothing from elsewhere, nothing inline, and in nobody's frame; nothing is sent but to the API and
# to the bucket of log files.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        f"connect-src 'self' {UPLOADS_ORIGIN}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# The page tells the names of today's files; a file under its name never changes.
PAGE_CACHE = "no-cache"
FILE_CACHE = "public, max-age=31536000, immutable"

# The one way in which a module here may import, and the ways in which it may export.
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[\w./-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
# Comments on lines of their own, which browsers need not load.
COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)


class UnbundledError(Exception):
    """A module imports or exports in a way that cannot be put together here."""


@dataclass(frozen=True)
class Static:
    """A file as browsers get it."""

    name: str
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that tell what it is and how long it may be kept."""
        kept = PAGE_CACHE if self.name.endswith(".html") else FILE_CACHE
        kind = TYPES[Path(self.name).suffix]
        return {"Content-Type": kind, "Cache-Control": kept, "Vary": "Accept-Encoding", **SECURITY}

    @cached_property
    def packed(self) -> bytes:
        """Return it as gzip, the same bytes each time."""
        return gzip.compress(self.content, mtime=0)


def modules_of(entry: Path) -> Iterator[tuple[Path, str]]:
    """Yield the modules that an entry needs, each once and behind all that it imports."""
    done: set[Path] = set()
    under_way: list[Path] = []

    def visit(path: Path) -> Iterator[tuple[Path, str]]:
        if path in done:
            return
        if path in under_way:
            raise UnbundledError(f"{path.name} imports itself, by way of others")
        under_way.append(path)
        text = path.read_text(encoding="utf-8")
        for _, target in IMPORT.findall(text):
            yield from visit((path.parent / target).resolve())
        under_way.pop()
        done.add(path)
        yield path, text

    yield from visit(entry)


def bundle(entry: Path) -> str:
    """Put a module and all that it imports into one, each in a scope of its own."""
    parts = [_scoped(path, text, entry.parent) for path, text in modules_of(entry)]
    return '"use strict";\n' + "\n".join(parts)


def _scoped(path: Path, text: str, root: Path) -> str:
    def imported(match: re.Match[str]) -> str:
        names = " ".join(match[1].split()).replace(" as ", ": ")
        return f"const {{ {names} }} = {_variable((path.parent / match[2]).resolve(), root)};\n"

    exported = ", ".join(EXPORT.findall(text))
    body = EXPORT.sub("", IMPORT.sub(imported, COMMENT.sub("", text)))
    strange = UNKNOWN.search(body)
    if strange is not None:
        raise UnbundledError(f"{path.name}: {strange[0]}")
    return f"const {_variable(path, root)} = (() => {{\n{body}return {{ {exported} }};\n}})();"


def _variable(path: Path, root: Path) -> str:
    name = path.relative_to(root).with_suffix("").as_posix()
    return "$" + re.sub(r"\W", "_", name)


def assemble() -> dict[str, Static]:
    """Return every file by its name; the page is called index.html."""
    plain = {
        "app.css": _joined([VENDOR / "uplot.css", *sorted(STATIC.glob("css/*.css"))]),
        "app.js": bundle(STATIC / "js" / "main.js").encode(),
        "graph.js": _joined([VENDOR / "dagre.js"]),
        "icon.svg": (STATIC / "icon.svg").read_bytes(),
        "libraries.js": _joined(VENDOR / name for name in ("preact.js", "hooks.js", "htm.js")),
        "plot.js": _joined([VENDOR / "uplot.js"]),
    }
    named = {name: Static(_hashed(name, content), content) for name, content in plain.items()}
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    for name, file in named.items():
        page = page.replace(f'"console/{name}"', f'"console/{file.name}"')
    files = [*named.values(), Static("index.html", page.encode())]
    return {file.name: file for file in files}


def _joined(paths: Iterable[Path]) -> bytes:
    return b"\n".join(path.read_bytes() for path in paths)


def _hashed(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"


FILES = assemble()


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer API Gateway with the page or a file of it, as gzip to who takes that."""
    name = "index.html"
    if event["routeKey"] != PAGE:
        name = event["pathParameters"]["file"]
    file = FILES.get(name)
    # One line for each call, as from every other function; it names nobody and no key.
    print(json.dumps({"level": "INFO", "message": "served", "file": name, "found": bool(file)}))  # noqa: T201
    return _missing(event) if file is None else _found(file, event["headers"])


def _found(file: Static, headers: Mapping[str, str]) -> dict[str, Any]:
    told, content = file.headers, file.content
    if "gzip" in headers.get("accept-encoding", ""):
        told, content = {**told, "Content-Encoding": "gzip"}, file.packed
    return {
        "statusCode": 200,
        "headers": told,
        "body": base64.b64encode(content).decode("ascii"),
        "isBase64Encoded": True,
    }


def _missing(event: Mapping[str, Any]) -> dict[str, Any]:
    problem = {
        "type": "urn:usage-billing:error:route_not_found",
        "title": "Route not found",
        "status": 404,
        "detail": "The console has no such file: load its page again",
        "code": "route_not_found",
        "instance": f"urn:usage-billing:request:{event['requestContext']['requestId']}",
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **SECURITY}
    return {
        "statusCode": 404,
        "headers": headers,
        "body": json.dumps(problem),
        "isBase64Encoded": False,
    }
