"""Invoking a function with the payload that the project keeps for it."""

import copy
import json
from pathlib import Path
from typing import Any

from tests.support.lambdas import sample_event
from tools.sam_local.containers import Containers, invoke

type Event = dict[str, Any]


class Invoker:
    """Invokes functions by `sam local invoke`."""

    def __init__(self, functions: Containers, directory: Path) -> None:
        self._functions = functions
        self._directory = directory

    def __call__(self, function: str, event: Event | None = None) -> Any:  # noqa: ANN401  Each function has its own answer.
        """Return the answer to a payload, by default the function's own under events/."""
        path = self._directory / f"{function}.json"
        path.write_text(json.dumps(event or sample_event(function)))
        done = invoke(self._functions, function, path, captured=True)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        # The runtime answers an exception with this; sam local's exit code is 0 all the same.
        assert not (isinstance(answer, dict) and "errorType" in answer), done.stderr
        return answer


def with_secret(event: Event, secret: str) -> Event:
    """Return an authorizer's payload with another key in it."""
    changed = copy.deepcopy(event)
    changed["headers"]["authorization"] = f"Bearer {secret}"
    changed["identitySource"] = [f"Bearer {secret}"]
    return changed
