"""The API's description as one page of HTML: no script, nothing loaded from elsewhere."""

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from billing.edge.api.all_routes import published_errors
from billing.edge.http.problems import INTERNAL_ERROR_CODE, status_of

type Json = Mapping[str, Any]

# The page needs its own style and nothing else, so a browser may load nothing else.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
section { border-top: 1px solid; margin-top: 2rem; }
table { border-collapse: collapse; }
.wide { overflow-x: auto; }
caption { text-align: left; font-weight: bold; }
th, td { border: 1px solid; padding: .25rem .5rem; text-align: left; vertical-align: top; }
pre { border: 1px solid; overflow-x: auto; padding: .5rem; }
code { overflow-wrap: anywhere; }
"""

_METHODS = ("get", "post", "put", "patch", "delete")


def render(document: Json) -> str:
    """Write an OpenAPI document, as `openapi.describe` makes it, as a page for people."""
    info = document["info"]
    operations = list(_operations(document))
    schemas = document["components"]["schemas"]
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escape(info['title'])}: API</title>\n<style>{_STYLE}</style>\n</head>\n",
            '<body>\n<a class="skip" href="#main">Skip to the content</a>\n',
            f"<header><h1>{escape(info['title'])}: API</h1>\n<p>{_prose(info['description'])}</p>",
            '\n<p>For programs: <a href="openapi.json">openapi.json</a></p></header>\n',
            _contents(operations),
            '<main id="main">\n',
            *(_operation(*operation, document["components"]) for operation in operations),
            _section("schemas", "Schemas", "".join(map(_schema, schemas.items()))),
            _section("errors", "Error codes", _errors()),
            "</main>\n</body>\n</html>\n",
        )
    )


def _operations(document: Json) -> Iterable[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def _contents(operations: Iterable[tuple[str, str, Json]]) -> str:
    links = "".join(
        f'<li><a href="#{escape(operation["operationId"])}">{_code(f"{method} {path}")}</a> '
        f"{_prose(operation['summary'])}</li>\n"
        for method, path, operation in operations
    )
    return (
        f'<nav aria-label="Contents">\n<ul>\n{links}'
        '<li><a href="#schemas">Schemas</a></li>\n<li><a href="#errors">Error codes</a></li>\n'
        "</ul>\n</nav>\n"
    )


def _operation(method: str, path: str, operation: Json, components: Json) -> str:
    parts = [f"<p>{_prose(operation['summary'])}. {_prose(operation.get('description', ''))}</p>\n"]
    if operation["parameters"]:
        rows = [
            (_code(p["name"]), p["in"], _type(p["schema"]), _prose(p.get("description", "")))
            for p in operation["parameters"]
        ]
        parts.append(_table("Parameters", ("Name", "In", "Type", "Meaning"), rows))
    if "requestBody" in operation:
        parts.append(f"<p>Body: {_body(operation['requestBody'])}</p>\n")
    answers = [
        (_code(status), _prose(answer["description"]), _body(answer))
        for status, response in operation["responses"].items()
        for answer in [_resolved(response, components)]
    ]
    parts.append(_table("Answers", ("Status", "Meaning", "Body"), answers))
    return _section(operation["operationId"], f"{method} {path}", "".join(parts))


def _resolved(holder: Json, components: Json) -> Json:
    """Return what a reference names, and anything else as it is."""
    if "$ref" not in holder:
        return holder
    _, _, kind, name = holder["$ref"].split("/")
    named: Json = components[kind][name]
    return named


def _schema(entry: tuple[str, Json]) -> str:
    name, schema = entry
    parts = [
        f'<h3 id="schema-{escape(name)}">{escape(name)}</h3>\n',
        f"<p>{_prose(schema.get('description', ''))}</p>\n" if "description" in schema else "",
    ]
    if "properties" in schema:
        required = set(schema.get("required", ()))
        rows = [
            (
                _code(field),
                _type(member),
                "yes" if field in required else "no",
                _prose(member.get("description", "")),
            )
            for field, member in schema["properties"].items()
        ]
        parts.append(_table(f"Fields of {name}", ("Field", "Type", "Always", "Meaning"), rows))
    else:
        parts.append(f"<p>{_type(schema)}</p>\n")
    parts += [
        f"<pre>{escape(json.dumps(example, indent=2))}</pre>\n"
        for example in schema.get("examples", ())
    ]
    return "".join(parts)


def _errors() -> str:
    rows = [
        (_code(error.code), str(status_of(error)), escape((error.__doc__ or "").partition("\n")[0]))
        for error in published_errors()
    ]
    rows.append((_code(INTERNAL_ERROR_CODE), "500", "A fault of this system."))
    return _table("Error codes", ("Code", "Status", "Meaning"), rows)


def _type(schema: Json) -> str:
    """Write a schema in a few words, with a link where it has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(_code(str(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    words = [escape(str(schema.get("type", "anything")))]
    words += [
        f"{label} {_code(str(schema[key]))}"
        for key, label in _LIMITS.items()
        if schema.get(key) is not None
    ]
    return ", ".join(words)


_LIMITS = {
    "const": "always",
    "format": "as",
    "pattern": "like",
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "at least so long:",
    "maxLength": "at most so long:",
    "default": "when left out:",
}


def _body(holder: Json) -> str:
    return ", ".join(
        f"{_code(media_type)} {_type(content['schema'])}"
        for media_type, content in holder.get("content", {}).items()
    )


def _section(anchor: str, heading: str, content: str) -> str:
    return (
        f'<section aria-labelledby="{escape(anchor)}">\n'
        f'<h2 id="{escape(anchor)}">{escape(heading)}</h2>\n{content}</section>\n'
    )


def _table(caption: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n" for cells in rows
    )
    return (
        f'<div class="wide"><table>\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _prose(text: str) -> str:
    """Write a sentence, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
