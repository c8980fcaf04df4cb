"""The page about costs shows what tools/costs calculates, and that calculates as AWS charges."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from billing.domain.customers import RETRY_SCHEDULE_SECONDS_DEFAULT
from tools.costs import counted, months, prices, tables
from tools.costs.__main__ import main
from tools.costs.counted import MILLION
from tools.costs.prices import Priced

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")


def idle_dollars(*, free_tier: bool) -> str:
    """Write what a month without an event costs."""
    return tables.money(prices.total(prices.dollars_of(months.idle_units(), free_tier=free_tier)))


@pytest.mark.parametrize("name", tables.tables())
def test_every_table_stands_on_the_page(name: str) -> None:
    assert f"\n{tables.tables()[name]}\n\n" in f"{PAGE}\n\n", "copy it from 'make costs'"


def test_the_page_has_no_other_figures_in_tables() -> None:
    assert PAGE.count("\n| --- | ---:") == len(tables.tables())


def test_the_command_prints_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    main()

    printed = capsys.readouterr().out
    assert all(f"<!-- {name} -->\n{table}\n" in printed for name, table in tables.tables().items())


def test_what_an_event_of_the_first_shape_writes() -> None:
    units = months.traffic_units(months.BATCHED, MILLION)[Priced.WRITE_UNITS]
    assert f"{units / MILLION:.2f} an event" in PAGE


def test_the_page_tells_the_date_and_region_of_the_prices() -> None:
    assert prices.PRICES_READ in PAGE
    assert prices.REGION in PAGE


@pytest.mark.parametrize(
    "sentence",
    [
        f"{counted.ALARMS} alarms",
        f"{counted.METRICS} custom metrics",
        f"{counted.KEYS} keys",
        f"**{idle_dollars(free_tier=True)} a month**",
        f"**{idle_dollars(free_tier=False)} a month**",
    ],
)
def test_figures_in_sentences_are_those_of_the_calculation(sentence: str) -> None:
    assert sentence in re.sub(r"\s+", " ", PAGE)


# The calculation itself


@pytest.mark.parametrize(
    ("priced", "units", "free_tier", "dollars"),
    [
        (Priced.WRITE_UNITS, 4 * MILLION, False, "2.50"),
        (Priced.ALARMS, 28, False, "2.80"),
        (Priced.ALARMS, 28, True, "1.80"),
        (Priced.ALARMS, 9, True, "0"),
        (Priced.API_REQUESTS, 300 * MILLION, False, "300"),
        (Priced.API_REQUESTS, 400 * MILLION, False, "390"),
        (Priced.OUT_GB, 10_240 + 100 + 100, True, "930.10"),
    ],
)
def test_a_price(priced: Priced, units: int, *, free_tier: bool, dollars: str) -> None:
    assert prices.PRICES[priced].of(Decimal(units), free_tier=free_tier) == Decimal(dollars)


def test_no_line_is_left_out_of_the_tables() -> None:
    shown = {priced for line in tables.LINES.values() for priced in line}
    for shape in months.SHAPES:
        for deployment in tables.SAVINGS.values():
            assert set(months.month_units(shape, MILLION, deployment)) <= shown


def test_a_month_without_events_is_an_idle_month() -> None:
    for shape in months.SHAPES:
        month = months.month_units(shape, 0)
        assert {priced: used for priced, used in month.items() if used} == months.idle_units()


def test_what_a_thousand_events_write() -> None:
    """By hand: 10 requests of 99 events of 3 units, 2 for the tab; a settle; 147 a day to close."""
    shape = months.BATCHED
    traffic = months.traffic_units(shape, 990 * 1000)

    assert traffic[Priced.WRITE_UNITS] == 1000 * (990 * 3 + 10 * 2 + 14 + Decimal(147) / 1440)
    assert traffic[Priced.API_REQUESTS] == 10_000


def test_a_function_with_less_memory_takes_longer() -> None:
    assert counted.Work(1769, Decimal(10), wait_ms=5).milliseconds == 15
    assert counted.Work(3538, Decimal(10), wait_ms=5).milliseconds == 15
    assert counted.Work(512, Decimal(512), wait_ms=5).milliseconds == 1774
    assert counted.Work(512, Decimal(512), wait_ms=231).gb_seconds == 1


def test_tracing_takes_the_first_of_a_second_and_one_in_twenty() -> None:
    assert months.traced(Decimal(10)) == 10
    assert months.traced(Decimal(counted.SECONDS + 1000)) == counted.SECONDS + 50


def test_the_transitions_of_a_charge_that_fails_to_the_end() -> None:
    """Walk the definition: the attempts after the first fail, and the last of them exhausts."""
    text = (ROOT / "functions" / "workflows" / "dunning.asl.json").read_text(encoding="utf-8")
    definition = json.loads(text)
    retries = len(RETRY_SCHEDULE_SECONDS_DEFAULT)
    outcomes = iter(["retry"] * (retries - 1) + ["exhausted", "failed"])
    entered, name = 0, definition["StartAt"]
    while name is not None:
        entered += 1
        state = definition["States"][name]
        if state["Type"] == "Choice":
            outcome = next(outcomes)
            [name] = [c["Next"] for c in state["Choices"] if c["StringEquals"] == outcome]
        else:
            name = state.get("Next")

    assert entered + 1 == counted.DUNNING_TRANSITIONS
