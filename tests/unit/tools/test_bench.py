"""How the bench sums up, draws and writes; what it measures no test depends on."""

import cProfile
import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing.domain.deadline import Deadline
from billing.domain.ids import is_id
from billing.domain.logfiles import LogLine, StoredFile
from billing.edge.aws.log_file_queue import read_message
from billing.edge.aws.log_lines import read_lines
from tools.bench import page
from tools.bench.charts import Chart
from tools.bench.cold import HTTP_GOAL, MEASURED, OTHER_GOAL, ColdStarts, Start
from tools.bench.figures import Figure
from tools.bench.local_cloud import Spent
from tools.bench.rooms import shares_by_room
from tools.bench.work import BATCH, LINE, WORKS, Ask, Cost, Work

NEVER = Deadline(at_seconds=1.0, monotonic=lambda: 0.0)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
WRITTEN = page.PAGE.read_text(encoding="utf-8")


def test_a_figure_is_the_middle_with_the_least_and_the_most() -> None:
    figure = Figure.of([3.0, 1.0, 10.0])

    assert figure == Figure(3.0, 1.0, 10.0)
    assert figure.times() == "3.00 (1.00 to 10.00)"
    assert figure.scaled(2) == Figure(6.0, 2.0, 20.0)


def test_a_ratio_is_of_what_was_measured_by_turns() -> None:
    """The machine was half as quick in the second round, which says nothing about either."""
    assert Figure.ratio([3.0, 6.0], [2.0, 4.0]) == Figure(1.5, 1.5, 1.5)


def test_time_counts_where_it_was_spent_and_without_the_measuring(tmp_path: Path) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(1000):
        is_id("acme")
        json.dumps({"a": 1})
    profile.disable()
    profile.dump_stats(tmp_path / "profile")

    shares = shares_by_room(tmp_path / "profile")

    assert shares.keys() == {"domain", "standard library"}
    assert sum(shares.values()) == pytest.approx(1.0)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_only_what_stands_between_the_markers_is_written_anew() -> None:
    before = "a\n<!-- one -->\nold\n<!-- end -->\nb\n<!-- two -->\nkept\n<!-- end -->\n"

    after = page.put(before, "one", r"new \1")

    assert after == before.replace("old", r"new \1")
    assert page.put(after, "one", "old") == before


def test_a_page_without_a_place_for_a_table_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no place for one"):
        page.put("no markers", "one", "new")


def start(function: str, ratio: float) -> Start:
    """Say how a function started."""
    return Start(function, Figure.of([0.2]), Figure.of([ratio]))


STARTS = ColdStarts(
    Figure.of([0.1]),
    {
        "now": [start("usage", 1.5), start("authorizer", 1.0)],
        "before": [start("usage", 4.0)],
        "without its bytecode": [start("usage", 3.0)],
    },
)
COST = Cost(
    Work("a credit", "credit", 1, 1, lambda: Ask({})),
    {"now": Figure.of([900.0]), "before": Figure.of([1800.0])},
    Figure.of([3.5]),
    {"botocore": 0.75, "edge": 0.25},
    Figure.of([0.5]),
)
SPENT = Spent("a credit", 1, 0.02, 0.003, 0.004)


def test_the_goal_of_a_function_is_by_whether_it_speaks_http() -> None:
    assert [each.goal for each in STARTS.by_side["now"]] == [HTTP_GOAL, OTHER_GOAL]


def test_a_table_has_what_was_measured_and_leaves_empty_what_was_not() -> None:
    assert page.show_starts(STARTS).splitlines() == [
        "A bare client takes 100 ms of CPU.",
        "",
        "| function | now | goal | ms | before | now, without bytecode |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        "| usage | 1.50 (1.50 to 1.50) | 1.7 | 200 | 4.00 (4.00 to 4.00) | 3.00 (3.00 to 3.00) |",
        "| authorizer | 1.00 (1.00 to 1.00) | 1.3 | 200 |  |  |",
    ]
    assert page.show_work([COST]).splitlines()[-1] == (
        "| a credit | 900 (900 to 900) | 3.50 (3.50 to 3.50) | 1,800 | 0.50 (0.50 to 0.50) |"
    )
    assert page.show_rooms([COST]).splitlines()[-1] == "| a credit | 75% | 25% |"
    assert page.show_local_cloud([SPENT]).splitlines()[-1] == (
        "| a credit | 20.00 | 3.00 | 4.00 | 50 |"
    )


@pytest.mark.parametrize("name", ["starts", "work", "rooms", "local-cloud"])
def test_a_plot_has_a_bar_for_each_value(name: str) -> None:
    chart = page.charts(STARTS, [COST], [SPENT])[name]

    drawn = ET.fromstring(chart.svg())  # noqa: S314 - we wrote it

    titles = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == sum(len(values) for values in chart.rows.values())


def test_bars_end_where_the_largest_ends() -> None:
    sided = Chart("t", "u", {"a": {"x": 1.0, "y": 3.0}, "b": {"x": 2.0}})
    stacked = Chart("t", "u", {"a": {"x": 1.0, "y": 3.0}, "b": {"x": 2.0}}, stacked=True)
    marked = Chart("t", "u", {"a": {"x": 1.0}}, marks={"goal": 5.0})

    assert [each.largest for each in (sided, stacked, marked)] == [3.0, 4.0, 5.0]


def test_the_page_tells_of_every_function_and_every_work() -> None:
    """It was written before one of them came: 'make bench' writes it anew."""
    for name in MEASURED:
        assert f"\n| {name} |" in WRITTEN, name
    for work in WORKS:
        assert f"\n| {work.name} |" in WRITTEN, work.name


def test_the_plots_of_the_page_are_there() -> None:
    for name in page.charts(STARTS, [COST], [SPENT]):
        assert f"(benchmarks/{name}.svg)" in WRITTEN
        assert (page.PLOTS / f"{name}.svg").exists()


@pytest.mark.parametrize("work", WORKS, ids=lambda work: f"{work.function}-{work.items}")
def test_no_work_is_asked_for_twice(work: Work) -> None:
    """What was done is answered as it was, which costs less than to do it."""
    first, second = work.ask(), work.ask()

    assert first.event
    assert (first.event, first.before, first.file) != (second.event, second.before, second.file)


def test_a_file_of_the_bench_is_the_one_that_its_reader_is_handed() -> None:
    [work] = [each for each in WORKS if each.name == LINE]
    ask = work.ask()

    assert ask.file is not None
    key, text = ask.file
    lines = list(read_lines(io.BytesIO(text.encode()), after=0, deadline=NEVER))
    assert len(lines) == work.items
    assert all(isinstance(each, LogLine) for each in lines)
    assert read_message(ask.event["Records"][0]["body"]) == StoredFile(key, "", 0, NOON).id


def test_goals_are_met_or_missed_by_what_was_measured() -> None:
    costs = [
        Cost(work, {"now": Figure.of([150.0])}, Figure.of([1.0]), {}, Figure.of([0.6]))
        for work in WORKS
    ]

    rows = page.show_goals(STARTS, costs).splitlines()

    assert (
        "| slowest start of what speaks HTTP, in bare clients (usage) | 1.7 | 1.5 | met |" in rows
    )
    assert f"| {BATCH}, µs | 200 | 150 | met |" in rows
    assert f"| {LINE}, now ÷ before | 0.5 | 0.6 | missed |" in rows
