"""A dead-letter alarm sounds for each message that comes, by the expression of the template.

CloudWatch's functions are done here as its documentation tells of them: FILL with a number fills
every minute without a value, with REPEAT those behind a value; DIFF gives the difference to the
minute before. An alarm is on where one of its last minutes is above the threshold.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest

from tests.template.rules.alarms import ARRIVED
from tools.sam_template import read_source

# What waits in the queue, minute by minute; None where SQS tells nothing.
type Series = Sequence[float | None]


def fill(series: Series, by: str) -> Series:
    if by != "REPEAT":
        return [float(by) if value is None else value for value in series]
    filled: list[float | None] = []
    for value in series:
        filled.append(filled[-1] if value is None and filled else value)
    return filled


def diff(series: Series) -> Series:
    return [
        None,
        *(None if one is None or next_ is None else next_ - one for one, next_ in pairwise(series)),
    ]


def evaluate(expression: str, waiting: Series) -> Series:
    """Evaluate FILL and DIFF, one in the other, over what waits."""
    match re.fullmatch(r"(\w+)\((.*?)(?:, (\w+))?\)", expression):
        case None:
            assert expression == "waiting"
            return waiting
        case call if call[1] == "FILL":
            return fill(evaluate(call[2], waiting), call[3])
        case call:
            assert call[1] == "DIFF"
            return diff(evaluate(call[2], waiting))


def sounds(waiting: Series) -> int:
    """Count how often the alarm goes on, as the minutes pass."""
    alarm = read_source()["Resources"]["SettleDeadLetterQueueAlarm"]["Properties"]
    [expression] = [m["Expression"] for m in alarm["Metrics"] if "Expression" in m]
    periods = alarm["EvaluationPeriods"]
    # CloudWatch asks for some minutes more than it judges.
    window = periods + 5
    on = [
        any(
            (value or 0) > alarm["Threshold"]
            for value in evaluate(expression, waiting[max(0, end - window) : end])[-periods:]
        )
        for end in range(1, len(waiting) + 1)
    ]
    return sum(now and not before for before, now in pairwise([False, *on]))


QUIET: Series = [None] * 30


@pytest.mark.parametrize(
    ("waiting", "times"),
    [
        ([0] * 60, 0),
        ([*QUIET, *QUIET], 0),
        ([*QUIET, *[1] * 60], 1),
        ([*[0] * 20, *[1] * 60], 1),
        ([*[0] * 20, *[1] * 30, *[2] * 30], 2),
        ([*QUIET, *[1] * 30, *[2] * 30, *[0] * 30, *[1] * 30], 3),
        ([*[0] * 20, *range(1, 60)], 1),
        ([*[0] * 20, *[1] * 30, None, *[1] * 30], 1),
        ([*[0] * 20, *[2] * 30, *[0] * 30], 1),
    ],
    ids=[
        "nothing ever",
        "no metric at all",
        "the first after a quiet time",
        "one that lies there",
        "another beside one that lies there",
        "each of three, and a purge between",
        "one each minute is one alarm",
        "a minute without a value is no message",
        "a purge is no message",
    ],
)
def test_it_sounds_once_for_each_message(waiting: Series, times: int) -> None:
    assert sounds(waiting) == times


def test_the_expression_is_the_rules_own() -> None:
    assert evaluate(ARRIVED, [None, 1, None, 3]) == [None, 1, 0, 2]
