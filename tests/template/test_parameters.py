"""What a parameter takes is what the functions can read: a deployment never stops them all."""

import re
from itertools import chain

import pytest

from billing.domain.customers import RETRIES_MAX, RETRY_DELAY_SECONDS_MAX
from billing.edge.settings import Settings, SettingsError
from tools.sam_template import read_source

PATTERN = read_source()["Parameters"]["RetryScheduleSeconds"]["AllowedPattern"]

# Each number of digits at its ends, and both sides of every bound of the pattern.
DELAYS = sorted(
    {
        *chain.from_iterable((10**power - 1, 10**power, 10**power + 1) for power in range(9)),
        *(step * 10_000 + offset for step in range(248, 262) for offset in (-1, 0, 1)),
        *range(RETRY_DELAY_SECONDS_MAX - 1_002, RETRY_DELAY_SECONDS_MAX + 1_002, 7),
        RETRY_DELAY_SECONDS_MAX,
        RETRY_DELAY_SECONDS_MAX + 1,
    }
)


def _is_read(schedule: str) -> bool:
    try:
        Settings.from_environment({"RETRY_SCHEDULE_SECONDS": schedule}, {"RETRY_SCHEDULE_SECONDS"})
    except SettingsError:
        return False
    return True


def test_a_retry_schedule_is_taken_exactly_where_the_functions_start_with_it() -> None:
    schedules = [str(delay) for delay in DELAYS]
    schedules += [f"1,{delay}" for delay in DELAYS]
    schedules += ["", ",", "1,", ",1", "1,,2", "1, 2", "01", "-1", "1.5", "x"]
    schedules += [",".join(["1"] * count) for count in (RETRIES_MAX, RETRIES_MAX + 1)]
    taken = {each for each in schedules if re.fullmatch(PATTERN, each)}

    # CloudFormation need not refuse each thing that a function refuses by another rule of its own,
    # such as a number written with a zero before it; what it takes must be read.
    assert all(_is_read(each) for each in taken)
    assert {each for each in schedules if _is_read(each)} - taken <= {"01"}
    assert str(RETRY_DELAY_SECONDS_MAX) in taken


@pytest.mark.parametrize("delay", [RETRY_DELAY_SECONDS_MAX + 1, 9_999_999], ids=["one-more", "all"])
def test_a_delay_beyond_the_longest_is_refused_by_the_template(delay: int) -> None:
    assert re.fullmatch(PATTERN, str(delay)) is None
