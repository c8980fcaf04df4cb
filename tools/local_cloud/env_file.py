"""The file that tells other programs where the local cloud is."""

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENV_FILE = ROOT / ".local" / "env"
# How the person at the terminal would write it.
ENV_NAME = str(ENV_FILE.relative_to(ROOT))
KEY_VARIABLE = "BILLING_API_KEY"

_LINE = re.compile(r"export (\w+)=(.*)")


def render(variables: Mapping[str, str]) -> str:
    """Return the text of a file that a shell can source."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join(["# Written by 'make run'. It holds a key: keep it to yourself.", *lines, ""])


def parse(text: str) -> dict[str, str]:
    """Return the variables of a text that ``render`` made."""
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: "".join(shlex.split(match[2])) for match in found if match}


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Write the file whole or not at all, for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(render(variables))
    draft.replace(path)


def read(path: Path) -> dict[str, str]:
    """Return the variables of the file; none when there is no file."""
    return parse(path.read_text()) if path.exists() else {}
