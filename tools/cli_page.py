"""Writes docs/cli.md, the page of the command `billing`, from the command itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from usage_billing.cli.app import app
from usage_billing.cli.exits import MEANING_OF

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"

HEAD = """# The command

`billing` runs usage-based billing from a terminal. It comes with the client, and needs Python
3.11 or newer:

```sh
uv run billing --help                                          # in a clone of this project
uv build --wheel --package usage-billing-client --out-dir .local/dist
uvx --from '.local/dist/usage_billing_client-0.1.0-py3-none-any.whl[cli]' billing --help
billing --install-completion                                   # for the shell that runs it
```

**Settings** are `BILLING_URL` and `BILLING_API_KEY`, both in `.local/env` after `make run`
(`source .local/env`). Or `--url`, and `--key-file` with a file that has the key alone or as
`BILLING_API_KEY=…`. A key is never an argument, which others on the machine could see, and is
never shown.

**Output.** Data goes to stdout; words, faults and progress to stderr. `--json` writes one
document for one thing and a document a line for a list, as the API answers it. Amounts for people
are in major units, those of JSON in cents. There is no colour in pipes, or where `NO_COLOR` is
set, and no progress; a list that is cut by `--limit` says so.

**Files of usage** have an event a line or an element, with `customerId`, `productId`, `units`,
and perhaps `id` and `occurredAt` ([the API](api.md#usage) says what they mean): NDJSON, a JSON
array, or CSV with these names in its first line, in UTF-8, each perhaps packed with gzip. An
event without `id` is named after the file's name, or `--source`, and its place, so that a file
that is sent again adds nothing. Where such a line has no `occurredAt` either, `--source` is
needed: lines of tomorrow's file of the same name would look the same. What a pipe has brought is
sent after a second in which no more came.

Every command also has `--url`, `--key-file`, `--json` and `--help`.

## Exit codes

| code | meaning |
|---:|---|
"""


def page() -> str:
    """Write the page."""
    codes = "".join(f"| {code.value} | {words} |\n" for code, words in MEANING_OF.items())
    return HEAD + codes + "".join(_sections(typer.main.get_command(app), ()))


def _sections(command: Any, path: tuple[str, ...]) -> Iterator[str]:  # noqa: ANN401  Typer's own.
    """Show what `--help` of each command shows, those of a group behind it."""
    for name, found in command.commands.items():
        inner = (*path, name)
        heading = "#" * (len(inner) + 1)
        if hasattr(found, "commands"):
            yield f"\n{heading} billing {' '.join(inner)}\n\n{found.help}\n"
            yield from _sections(found, inner)
        else:
            title = f"{heading} billing {' '.join(inner)}"
            yield f"\n{title}\n\n```text\n{_help(inner)}\n```\n"


def _help(path: Sequence[str]) -> str:
    runner = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"})
    shown = runner.invoke(app, [*path, "--help"], prog_name="billing").stdout
    lines = [line.rstrip() for line in shown.splitlines()]
    # The options that every command has stand at the end, and are said once at the top.
    own = lines[: next(at for at, line in enumerate(lines) if line.startswith("  --url"))]
    return "\n".join(own).strip().removesuffix("Options:").strip()


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote docs/{PAGE.name}")


if __name__ == "__main__":
    main()
