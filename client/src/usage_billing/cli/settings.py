"""Where the API is, and the key for it: from options, else from the environment."""

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from usage_billing.cli.exits import UsageProblemError
from usage_billing.methods import KEY_VARIABLE, URL_VARIABLE

# A file that a shell can source, such as the one that `make run` writes, has the key in this line.
_LINE = re.compile(rf"(?:export )?{KEY_VARIABLE}=['\"]?([^'\"\s]+)['\"]?")


@dataclass(frozen=True)
class Settings:
    """The address of the API and a key, which is never shown."""

    url: str
    api_key: str | None = field(repr=False)


def settle(url: str | None, key_file: Path | None) -> Settings:
    """Take what the options say, else what the environment says.

    Raises `UsageProblemError` where there is no address, and for a key file that has no key.
    """
    address = url or os.environ.get(URL_VARIABLE)
    if not address:
        raise UsageProblemError(f"Which system? Set {URL_VARIABLE}, or give --url")
    key = os.environ.get(KEY_VARIABLE) if key_file is None else key_of(key_file)
    return Settings(address, key or None)


def key_of(path: Path) -> str:
    """Read a key from a file that has it alone, or as a line that a shell would read."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblemError(f"{path} cannot be read: {_reason(error)}") from None
    found = _LINE.search(text)
    key = found[1] if found else text
    if not key or len(key.split()) != 1:
        raise UsageProblemError(f"{path} has no key: a key alone, or {KEY_VARIABLE}=…")
    return key


def is_open_to_others(path: Path) -> bool:
    """Tell whether others on this machine can read a file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH)) and os.name == "posix"


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "unknown" if isinstance(error, OSError) else "it is no text"
