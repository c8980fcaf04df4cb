"""One function in a process of its own, which has the layer and the standard library alone.

Started by tools/bench/processes.py with a task as JSON on its input; answers with JSON. Nothing
here imports more than the function itself does.
"""

import cProfile
import json
import os
import runpy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.session import Session

from tools.bench.answers import Answers
from tools.bench.log_files import LogFile

_FIRST_FAILURE = 300


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a handler about the invocation."""

    function_name: str = "bench"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:bench"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """Tell the milliseconds left."""
        return 29_000


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be measured: a function, by two events that the endpoint answers.

    From then on its answers are played. Before each, others prepare what it works on: pairs of a
    function and an event. Each may have a log file, told by its key and its text.
    """

    functions: str
    name: str
    preparing: list[list[tuple[str, Any]]]
    events: list[Any]
    files: list[list[str] | None]
    rounds: int
    profile: str | None

    def run(self) -> dict[str, list[float]]:
        """Measure the seconds of CPU of each call, and of a bare call by turns with it."""
        function = self._load(self.name)
        answers = Answers()
        answers.watch(function["CONTAINER"].dynamo_client)
        event = None

        def call() -> None:
            _check(function["handler"](event, Context()))

        asked = zip(self.events, self.preparing, self.files, strict=True)
        for event, preparing, file in asked:  # noqa: B007 - the last one is called again and again
            for name, prepared in preparing:
                self._load(name, file)["handler"](prepared, Context())
            _show(file, function)
            call()
        answers.play()
        measured = _measured(call, _bare_call(), self.rounds)
        if self.profile is not None:
            _profile(call, self.rounds, self.profile)
        return measured

    def _load(self, name: str, file: list[str] | None = None) -> dict[str, Any]:
        path = f"{self.functions}/{name}/handler.py"
        function = runpy.run_path(path, run_name="handler")
        _show(file, function)
        return function


def _show(file: list[str] | None, function: dict[str, Any]) -> None:
    if file is not None:
        LogFile(*file).show(function)


def _bare_call() -> Callable[[], object]:
    """Make a call that reads nothing, by a client that was told nothing: the yardstick."""
    client: Any = Session().create_client("dynamodb")
    answers = Answers()
    answers.watch(client)

    def call() -> object:
        table = os.environ["ACCOUNTS_TABLE"]
        return client.get_item(TableName=table, Key={"pk": {"S": "-"}, "sk": {"S": "-"}})

    call()
    answers.play()
    call()
    return call


def _measured(
    work: Callable[[], object], bare: Callable[[], object], rounds: int
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {"work": [], "bare": []}
    for _ in range(rounds):
        for name, call in (("work", work), ("bare", bare)):
            before = time.process_time()
            call()
            seconds[name].append(time.process_time() - before)
    return seconds


def _profile(call: Callable[[], object], rounds: int, path: str) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        call()
    profile.disable()
    profile.dump_stats(path)


def _check(answer: object) -> None:
    if not isinstance(answer, dict):
        return
    failed = answer.get("statusCode", 200) >= _FIRST_FAILURE or answer.get("batchItemFailures")
    # Each event of a batch ends on its own.
    if failed or '"status":"rejected"' in str(answer.get("body", "")):
        raise RuntimeError(f"the function failed: {answer}")


def main() -> None:
    """Read a task, carry it out, and answer on a descriptor that no log line goes to."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    json.dump(Task(**json.load(sys.stdin)).run(), answer)
    answer.close()
