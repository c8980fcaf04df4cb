"""The modules of the client that follow from docs/openapi.json, as text."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.client_code.operations import Functions, Operation, operations
from tools.client_code.types import Types
from usage_billing.errors import branch_of

type Json = Mapping[str, Any]

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT / "docs" / "openapi.json"
FOLDER = ROOT / "client" / "src" / "usage_billing" / "api"

_MADE = "Made from docs/openapi.json by `make client`; not to be changed by hand."


def modules() -> dict[str, str]:
    """Write all modules, by their names."""
    document = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    described = operations(document)
    tags = list(dict.fromkeys(operation.tag for operation in described))
    texts = {
        "__init__.py": f'"""What follows from the description of the API.\n\n{_MADE}\n"""\n',
        "shapes.py": _shapes(document),
        "problems.py": _problems(document),
        "clients.py": _clients(document, described, tags),
    }
    for tag in tags:
        of_tag = [operation for operation in described if operation.tag == tag]
        texts[f"{tag}.py"] = _operations(document, tag, of_tag)
    return {name: _formatted(text, FOLDER / name) for name, text in texts.items()}


def _operations(document: Json, tag: str, described: list[Operation]) -> str:
    functions = Functions(document)
    texts = [functions.written(operation) for operation in described]
    head = f'"""The operations about {tag}, each a function that makes its call.\n\n{_MADE}\n"""'
    return "\n\n\n".join([head, _IMPORTS, *texts]) + "\n"


# What any of the functions may use; whatever one module does not is taken out again.
_IMPORTS = """
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from usage_billing.calls import (
    UNSET, Call, Pages, Unset, body, changed, given, idempotency, named, new_id, path, query
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from usage_billing.api import shapes
"""


def _shapes(document: Json) -> str:
    schemas = document["components"]["schemas"]
    types = Types(schemas)
    bodies = _bodies(document)
    sent = set[str]().union(*(types.references(schemas[name]) for name in bodies))
    shapes = [
        _shape(name, schemas[name], types, sent=name in sent)
        for name in sorted(schemas)
        if "properties" in schemas[name] and name not in bodies | {"GatewayMessage"}
    ]
    return "\n\n\n".join([_SHAPES_HEAD, *shapes]) + "\n"


_SHAPES_HEAD = f'''"""What the API takes and answers, with the fields as they are in JSON.

Amounts are integers of cents where a name ends in Cents, or decimal strings.

{_MADE}
"""
# ruff: noqa: TC003 - whoever reads the types of these while running needs what they name.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict
'''


def _bodies(document: Json) -> set[str]:
    """Name the schemas whose fields are parameters of functions."""
    found = set()
    for operation in operations(document):
        body = operation.described.get("requestBody")
        if body is not None:
            found.add(body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])
    events = document["components"]["schemas"]["UsageBatchRequest"]["properties"]["events"]
    return found - {events["items"]["$ref"].rpartition("/")[2]}


def _shape(name: str, schema: Json, types: Types, *, sent: bool) -> str:
    lines = [f"class {name}(TypedDict):", f'    """{_sentence(schema, name)}"""', ""]
    for field, member in schema["properties"].items():
        kind = types.of(member, sent=sent)
        needed = field in schema.get("required", [])
        lines.append(f"    {field}: {kind if needed else f'NotRequired[{kind}]'}")
    return "\n".join(lines)


def _sentence(schema: Json, name: str) -> str:
    text = " ".join(schema.get("description", f"{name} of the API").split())
    first = text.split(". ")[0].rstrip(".")
    return first.replace('"', "'") + "."


def _problems(document: Json) -> str:
    examples = document["components"]["examples"].values()
    problems = sorted(
        (example["value"] for example in examples if "code" in example["value"]),
        key=lambda problem: str(problem["code"]),
    )
    classes = [_problem(problem) for problem in problems]
    branches = sorted({_branch(problem) for problem in problems} | {"ProblemError"})
    table = [f'    "{problem["code"]}": {_class_name(problem["code"])},' for problem in problems]
    head = f'''"""The errors of the API, a class a code.

{_MADE}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.errors import {", ".join(branches)}

if TYPE_CHECKING:
    from collections.abc import Mapping
'''
    found = "\n".join(["PROBLEM_OF: Mapping[str, type[ProblemError]] = {", *table, "}"])
    return "\n\n\n".join([head, *classes, found]) + "\n"


def _problem(problem: Json) -> str:
    return "\n".join(
        [
            f"class {_class_name(problem['code'])}({_branch(problem)}):",
            f'    """{problem["title"].rstrip(".")}: status {problem["status"]}."""',
            "",
            f'    code = "{problem["code"]}"',
        ]
    )


def _class_name(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_")) + "Error"


def _branch(problem: Json) -> str:
    return branch_of(problem["status"]).__name__


def _clients(document: Json, described: list[Operation], tags: list[str]) -> str:
    functions = Functions(document)
    head = f'''"""`Billing` and `AsyncBilling`: a method an operation of the API.

{_MADE}
"""

from usage_billing.api import {", ".join(sorted(tags))}
from usage_billing.methods import (
    AsyncClient, SyncClient, answered, awaited, listed, listed_async
)
'''
    classes = [
        _class(functions, described, "Billing(SyncClient)", ("answered", "listed")),
        _class(functions, described, "AsyncBilling(AsyncClient)", ("awaited", "listed_async")),
    ]
    return "\n\n\n".join([head, *classes]) + "\n"


def _class(
    functions: Functions, described: list[Operation], name: str, makers: tuple[str, str]
) -> str:
    words = "awaited" if name.startswith("Async") else "returned"
    says = f"A method an operation; its answer is {words}, or a `UsageBillingError` raised."
    lines = [f"class {name}:", f'    """{says}"""']
    tag = ""
    for operation in sorted(described, key=lambda operation: operation.tag):
        if operation.tag != tag:
            tag = operation.tag
            lines.append("")
        maker = makers[1] if functions.is_list(operation) else makers[0]
        lines.append(f"    {operation.name} = {maker}({tag}.{operation.name})")
    return "\n".join(lines)


def _formatted(text: str, path: Path) -> str:
    """Write a module as `make check` wants it, without imports that it does not use."""
    tidy = _ruff(["check", "--fix", "--exit-zero", "--quiet", "--select=F401,I,TC005"], text, path)
    return _ruff(["format"], tidy, path)


def _ruff(options: Sequence[str], text: str, path: Path) -> str:
    done = subprocess.run(
        ["ruff", *options, "--stdin-filename", path, "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout
