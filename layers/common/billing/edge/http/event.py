"""What API Gateway hands to a function (payload format 2.0), to its authorizer too."""

from collections.abc import Mapping
from typing import Any

type Event = dict[str, Any]


def headers_in(event: Event) -> Mapping[str, str]:
    """Return the headers by their names in small letters, however they were sent."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}
