"""An operation of the description as a pure function that makes a call."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from tools.client_code.types import Schema, Types

type Json = Mapping[str, Any]

# Sent twice, these come to the same as sent once, though nothing in the description says so; what
# has an Idempotency-Key and what only reads need no line. Any other is sent again only where the
# answer tells that nothing was done.
REPEATABLE = frozenset(
    {
        "activateCustomer",
        "chargeRecord",
        "correctUsage",
        "previewPrice",
        "recordUsage",
        "recordUsageBatch",
        "rereadLogFile",
        "revokeKey",
        "runAllJobs",
        "runBillingJob",
        "runClosingJob",
        "runLogsJob",
        "runRetriesJob",
        "suspendCustomer",
        "updateCustomer",
        "updateProduct",
        "voidRecord",
        "voidUsage",
        "withdrawPrice",
    }
)

# Two words of the API for who is billed; here there is one.
_ONE_WORD = {"userId": "customerId"}

_INDENT = 4
_LINE = 100


@dataclass(frozen=True)
class Operation:
    """One operation as it is described."""

    method: str
    path: str
    described: Json

    @property
    def id(self) -> str:
        """Its operation id, such as `recordUsage`."""
        text: str = self.described["operationId"]
        return text

    @property
    def name(self) -> str:
        """The name of its function, such as `record_usage`."""
        return snake(self.id)

    @property
    def tag(self) -> str:
        """The noun that it is about."""
        text: str = self.described["tags"][0]
        return text

    def parameters(self, place: str) -> list[Json]:
        """List its parameters that stand in the path, the query or a header."""
        return [it for it in self.described.get("parameters", []) if it["in"] == place]

    @property
    def success(self) -> Json:
        """The content of its successful answer, by media type; empty where it has none."""
        statuses = sorted(status for status in self.described["responses"] if status[0] == "2")
        content: Json = self.described["responses"][statuses[0]].get("content", {})
        return content

    @property
    def may_repeat(self) -> bool:
        """Whether sending it twice comes to the same as sending it once."""
        return self.method == "GET" or bool(self.parameters("header")) or self.id in REPEATABLE


def operations(document: Json) -> list[Operation]:
    """List the operations of a description, in its order."""
    return [
        Operation(method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def snake(name: str) -> str:
    """Write a name of the API as one of Python: `occurredAt` as `occurred_at`.

    What is a word of Python has a `_` behind it.
    """
    word = _ONE_WORD.get(name, name)
    made = re.sub(r"[^a-zA-Z0-9]+", "_", re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", word)).lower()
    return f"{made}_" if iskeyword(made) else made


def _argument(name: str) -> str:
    """Write a parameter of the API as an argument of that name, which may be a word of Python."""
    return f'**{{"{name}": {snake(name)}}}' if iskeyword(name) else f"{name}={snake(name)}"


class Functions:
    """Writes operations as functions."""

    def __init__(self, document: Json) -> None:
        """Know the schemas of a description."""
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self._types = Types(self._schemas)

    def written(self, operation: Operation) -> str:
        """Write one function."""
        lines = [
            f"def {operation.name}({self._signature(operation)}) -> {self.returned(operation)}:",
            *_docstring(operation),
            f"    return {self._returned_value(operation)}",
        ]
        return "\n".join(lines)

    def is_list(self, operation: Operation) -> bool:
        """Tell whether an operation answers a page of a list."""
        schema = self._schemas.get(_answer_name(operation) or "", {})
        queried = {it["name"] for it in operation.parameters("query")}
        return "cursor" in queried and {"items", "cursor"} <= schema.get("properties", {}).keys()

    def returned(self, operation: Operation) -> str:
        """Name the type of what an operation's function returns."""
        name = _answer_name(operation)
        if self.is_list(operation) and name is not None:
            items = self._schemas[name]["properties"]["items"]["items"]
            return f"Pages[{self._types.of(items, prefix='shapes.')}]"
        if name is not None:
            return f"Call[shapes.{name}]"
        return {"nothing": "Call[None]", "text": "Call[str]"}.get(
            _kind(operation), "Call[dict[str, Any]]"
        )

    def _signature(self, operation: Operation) -> str:
        first, then = [], []
        for it in operation.parameters("path"):
            kind = "int" if it["name"] == "version" else "str"
            first.append(f"{snake(it['name'])}: {kind}")
        for name, schema, needed in self._fields(operation):
            kind = self._types.of(schema, sent=True, prefix="shapes.")
            if needed:
                first.append(f"{snake(name)}: {kind}")
            else:
                without = kind.removesuffix(" | None")
                left_out = "Unset | None = UNSET" if operation.method == "PATCH" else "None = None"
                then.append(f"{snake(name)}: {without} | {left_out}")
        for it in operation.parameters("query"):
            kind = self._types.of(it["schema"], sent=True)
            if it.get("required"):
                first.append(f"{snake(it['name'])}: {kind}")
            else:
                then.append(f"{snake(it['name'])}: {kind} | None = None")
        then += [f"{snake(it['name'])}: str | None = None" for it in operation.parameters("header")]
        return ", ".join([*first, *(["*"] if then else []), *then])

    def _fields(self, operation: Operation) -> Iterator[tuple[str, Schema, bool]]:
        """List the fields of an operation's body; of an amount, those of cents alone."""
        body = operation.described.get("requestBody")
        if body is None:
            return
        reference = body["content"]["application/json"]["schema"]["$ref"]
        schema = self._schemas[reference.rpartition("/")[2]]
        # Whom it is about stands first, whatever the order of the schema.
        by_ids = sorted(schema["properties"].items(), key=lambda it: not it[0].endswith("Id"))
        for name, field in by_ids:
            in_two_ways = {"amount", "amountCents"} <= schema["properties"].keys()
            if in_two_ways and name == "amount":
                continue
            if in_two_ways and name == "amountCents":
                yield name, field["anyOf"][0], True
            else:
                yield name, field, name in schema.get("required", [])

    def _returned_value(self, operation: Operation) -> str:
        path = ", ".join(f"{it['name']}={snake(it['name'])}" for it in operation.parameters("path"))
        pieces = [f'"{operation.method}"', f'path("{operation.path}"{path and ", " + path})']
        pieces.append(f"may_repeat={operation.may_repeat}")
        if _kind(operation) != "json":
            pieces.append(f'answers="{_kind(operation)}"')
        pieces += self._query(operation)
        pieces += [
            f"headers=idempotency({snake(it['name'])})" for it in operation.parameters("header")
        ]
        pieces += self._body(operation)
        call = f"Call({', '.join(pieces)})"
        return f"Pages({call})" if self.is_list(operation) else call

    def _query(self, operation: Operation) -> list[str]:
        named = [_argument(it["name"]) for it in operation.parameters("query")]
        return [f"query=query({', '.join(named)})"] if named else []

    def _body(self, operation: Operation) -> list[str]:
        if operation.described.get("requestBody") is None:
            return []
        values = {name: snake(name) for name, _, _ in self._fields(operation)}
        # What names itself is known again when it is sent again.
        if operation.id == "recordUsage":
            values["id"] = "new_id() if id is None else id"
        if "events" in values:
            values["events"] = f"named({values['events']})"
        fields = ", ".join(f"{name}={value}" for name, value in values.items())
        chosen = "changed" if operation.method == "PATCH" else "given"
        return [f"body=body({chosen}({fields}))"]


def _answer_name(operation: Operation) -> str | None:
    schema = operation.success.get("application/json", {}).get("schema", {})
    reference: str | None = schema.get("$ref")
    return None if reference is None else reference.rpartition("/")[2]


def _kind(operation: Operation) -> str:
    if not operation.success:
        return "nothing"
    return "json" if "application/json" in operation.success else "text"


def _docstring(operation: Operation) -> list[str]:
    summary = operation.described["summary"].rstrip(".") + "."
    route = f"`{operation.method} {operation.path}`"
    indent = " " * _INDENT
    return [
        *textwrap.wrap(f'"""{summary}', _LINE, initial_indent=indent, subsequent_indent=indent),
        "",
        *textwrap.wrap(
            route + _needs(operation), _LINE, initial_indent=indent, subsequent_indent=indent
        ),
        f'{indent}"""',
    ]


def _needs(operation: Operation) -> str:
    secured = operation.described.get("security")
    if not secured:
        return ", without a key."
    scopes = [scope for names in secured[0].values() for scope in names]
    return f"; the key needs the scope `{scopes[0]}`." if scopes else "; any key will do."
