"""The functions of the template, by the names of their folders, and their payloads."""

from pathlib import Path

from tools.local_cloud.errors import LocalCloudError


def function_names(root: Path) -> list[str]:
    """Return the folders that hold a function, in order."""
    return sorted(path.parent.name for path in (root / "functions").glob("*/handler.py"))


def logical_id(folder: str) -> str:
    """Return a function's logical id in the template: its folder's name in another case."""
    return "".join(word.capitalize() for word in folder.split("_")) + "Function"


def payload(root: Path, function: str, event: str | None) -> Path:
    """Return the file with the payload for a function: the one named, or its own under events/.

    Raises LocalCloudError when there is no such function or no such file.
    """
    if function not in (known := function_names(root)):
        raise LocalCloudError(f"There is no function '{function}'; there are {', '.join(known)}.")
    path = Path(event) if event else root / "events" / f"{function}.json"
    if not path.is_file():
        raise LocalCloudError(f"There is no payload '{path}'.")
    return path
