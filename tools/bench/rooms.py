"""Where the time of a profile goes, by rooms: of the code, and of what it stands on."""

import pstats
from collections import Counter
from pathlib import Path
from typing import Any

# The first that a path contains names the room.
_ROOMS = {
    "/billing/edge/": "edge",
    "/billing/services/": "services",
    "/billing/storage/": "storage",
    "/billing/domain/": "domain",
    "/handler.py": "edge",
    "/botocore/": "botocore",
    "/jmespath/": "botocore",
    "/urllib3/": "botocore",
    "/aws_lambda_powertools/": "Powertools",
    "/pydantic": "pydantic",
    "/aws_xray_sdk/": "X-Ray SDK",
    "/boto3/": "boto3",
    "/tools/bench/": "bench",
}
STANDARD_LIBRARY = "standard library"
# What is written in C has no path, and counts where it was called.
_IN_C = "~"


def shares_by_room(profile: Path) -> dict[str, float]:
    """Tell the share of the time that each room took, the largest first; without the measuring."""
    seconds: Counter[str] = Counter()
    stats: Any = pstats.Stats(str(profile))
    for function, (_, _, own, _, callers) in stats.stats.items():
        if function[0] == _IN_C:
            for caller, (_, _, of_caller, _) in callers.items():
                seconds[_room(caller)] += of_caller
        else:
            seconds[_room(function)] += own
    del seconds["bench"]
    whole = seconds.total()
    return {room: own / whole for room, own in seconds.most_common()}


def _room(function: tuple[str, int, str]) -> str:
    path = function[0]
    return next((room for part, room in _ROOMS.items() if part in path), STANDARD_LIBRARY)
