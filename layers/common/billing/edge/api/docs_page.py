"""The API's description as one page of HTML: no script, nothing loaded from elsewhere."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from billing.edge.api.all_routes import published_errors
from billing.edge.api.docs_parts import STYLE, code, method_name, prose, section, table
from billing.edge.http.problems import INTERNAL_ERROR_CODE, status_of

type Json = Mapping[str, Any]

# The page needs its own style and nothing else, so a browser may load nothing else.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

# Statuses are texts of three digits, which sort as their numbers do.
_FIRST_ERROR = "400"

_METHODS = ("get", "post", "put", "patch", "delete")


def render(document: Json) -> str:
    """Write an OpenAPI document, as `openapi.describe` makes it, as a page for people."""
    title, about = escape(document["info"]["title"]), prose(document["info"]["description"])
    groups = _groups(document)
    components = document["components"]
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{title}: API</title>\n<style>{STYLE}</style>\n</head>\n",
            '<body>\n<a class="skip" href="#main">Skip to the content</a>\n',
            f"<header><h1>{title}: API</h1>\n<p>{about}</p>",
            '\n<p>For programs: <a href="openapi.json">openapi.json</a></p></header>\n',
            _contents(groups),
            '<main id="main">\n',
            *(_group(*group, components) for group in groups),
            section("schemas", "Schemas", "".join(map(_schema, components["schemas"].items()))),
            section("errors", "Error codes", _errors()),
            "</main>\n</body>\n</html>\n",
        )
    )


# The name of a group, what it is about, and its operations by method and path.
type _Group = tuple[str, str, list[tuple[str, str, Json]]]


def _groups(document: Json) -> list[_Group]:
    """Group the operations by their tags, in the order of these."""
    groups: dict[str, _Group] = {
        tag["name"]: (tag["name"], tag["description"], []) for tag in document["tags"]
    }
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                groups[operation["tags"][0]][2].append((method.upper(), path, operation))
    return list(groups.values())


def _contents(groups: Iterable[_Group]) -> str:
    lists = "".join(
        f'<a class="group" href="#{escape(name)}">{_title(name)}</a>\n<ul>\n'
        + "".join(
            f'<li><a href="#{escape(operation["operationId"])}">{method_name(method)} '
            f"{escape(path)}</a></li>\n"
            for method, path, operation in operations
        )
        + "</ul>\n"
        for name, _, operations in groups
    )
    return (
        f'<nav aria-label="Contents">\n<details open>\n<summary>Contents</summary>\n{lists}'
        '<a class="group" href="#schemas">Schemas</a><br>\n'
        '<a class="group" href="#errors">Error codes</a>\n</details>\n</nav>\n'
    )


def _group(
    name: str, about: str, operations: Iterable[tuple[str, str, Json]], components: Json
) -> str:
    parts = [f'<p class="about">{prose(about)}</p>\n']
    parts += [_operation(*operation, components) for operation in operations]
    return section(name, _title(name), "".join(parts))


def _operation(method: str, path: str, operation: Json, components: Json) -> str:
    anchor = escape(operation["operationId"])
    parts = [
        f'<article aria-labelledby="{anchor}">\n',
        f'<h3 id="{anchor}">{method_name(method)} <code>{escape(path)}</code></h3>\n',
        f"<p>{prose(operation['summary'])}. {prose(operation.get('description', ''))}</p>\n",
        _parameters(operation["parameters"]),
    ]
    if "requestBody" in operation:
        body = operation["requestBody"]
        parts.append(f"<p>Body: {_body(body)}</p>\n{_example(body, components)}")
    answers = {
        status: _resolved(answer, components) for status, answer in operation["responses"].items()
    }
    good = {status: answer for status, answer in answers.items() if status < _FIRST_ERROR}
    others = {status: answer for status, answer in answers.items() if status >= _FIRST_ERROR}
    parts += [_answers("Answers", good)]
    parts += [_example(answer, components) for answer in list(good.values())[:1]]
    parts.append(
        f"<details>\n<summary>Errors: {', '.join(others)}</summary>\n"
        f"{_answers('Errors', others)}</details>\n</article>\n"
    )
    return "".join(parts)


def _parameters(parameters: Iterable[Json]) -> str:
    rows = [
        (code(p["name"]), p["in"], _type(p["schema"]), prose(p.get("description", "")))
        for p in parameters
    ]
    return table("Parameters", ("Name", "In", "Type", "Meaning"), rows) if rows else ""


def _answers(caption: str, answers: Mapping[str, Json]) -> str:
    rows = [
        (code(status), prose(answer["description"]), _body(answer))
        for status, answer in answers.items()
    ]
    return table(caption, ("Status", "Meaning", "Body"), rows)


def _example(holder: Json, components: Json) -> str:
    """Show the example of the JSON that a request or an answer has, where its schema has one."""
    schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return _shown(_resolved(schema, components).get("examples", ()))


def _shown(examples: Iterable[object]) -> str:
    return "".join(
        f'<pre tabindex="0">{escape(json.dumps(example, indent=2, ensure_ascii=False))}</pre>\n'
        for example in examples
    )


def _title(name: str) -> str:
    return escape(name.capitalize())


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
        f"<p>{prose(schema.get('description', ''))}</p>\n" if "description" in schema else "",
    ]
    if "properties" in schema:
        required = set(schema.get("required", ()))
        rows = [
            (
                code(field),
                _type(member),
                "yes" if field in required else "no",
                prose(member.get("description", "")),
            )
            for field, member in schema["properties"].items()
        ]
        parts.append(table(f"Fields of {name}", ("Field", "Type", "Always", "Meaning"), rows))
    else:
        parts.append(f"<p>{_type(schema)}</p>\n")
    return "".join([*parts, _shown(schema.get("examples", ()))])


def _errors() -> str:
    rows = [
        (code(error.code), str(status_of(error)), escape((error.__doc__ or "").partition("\n")[0]))
        for error in published_errors()
    ]
    rows.append((code(INTERNAL_ERROR_CODE), "500", "A fault of this system."))
    return table("Error codes", ("Code", "Status", "Meaning"), rows)


def _type(schema: Json) -> str:
    """Write a schema in a few words, with a link where it has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(code(str(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    words = [escape(str(schema.get("type", "anything")))]
    words += [
        f"{label} {code(str(schema[key]))}"
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
        f"{code(media_type)} {_type(content['schema'])}"
        for media_type, content in holder.get("content", {}).items()
    )
