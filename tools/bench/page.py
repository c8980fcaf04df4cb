"""The tables and plots of docs/benchmarks.md, put between its markers; its words are by hand."""

import re
from collections.abc import Sequence
from pathlib import Path

from tools.bench.charts import Chart
from tools.bench.cold import HTTP_GOAL, OTHER_GOAL, ColdStarts, Start
from tools.bench.local_cloud import Spent
from tools.bench.work import GOALS_MICROSECONDS, HALF, HALVED, Cost
from tools.sam_template import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
PLOTS = ROOT / "docs" / "benchmarks"


def put(page: str, name: str, text: str) -> str:
    """Replace what stands between the markers of a name; raises ValueError where there are none."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not marked.search(page):
        raise ValueError(f"the page has no place for {name}")
    return marked.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page, count=1)


def show_starts(starts: ColdStarts) -> str:
    """Write how each function starts."""
    before = {start.function: start for start in starts.by_side.get("before", [])}
    uncompiled = {start.function: start for start in starts.by_side["without its bytecode"]}
    rows = []
    for start in starts.by_side["now"]:
        others = [before.get(start.function), uncompiled.get(start.function)]
        cells = [f"{start.ratio.times()}", f"{start.goal}", f"{start.seconds.middle * 1e3:.0f}"]
        cells += ["" if other is None else other.ratio.times() for other in others]
        rows.append([start.function, *cells])
    head = ["function", "now", "goal", "ms", "before", "now, without bytecode"]
    return f"A bare client takes {starts.bare.middle * 1e3:.0f} ms of CPU.\n\n{_table(head, rows)}"


def show_work(costs: Sequence[Cost]) -> str:
    """Write what each work costs."""
    rows = []
    for cost in costs:
        now, *before = cost.microseconds.values()
        rows.append(
            [
                cost.work.name,
                f"{now.middle:,.0f} ({now.least:,.0f} to {now.most:,.0f})",
                cost.bare_calls.times(),
                f"{before[0].middle:,.0f}" if before else "",
                "" if cost.to_before is None else cost.to_before.times(),
            ]
        )
    return _table(["an item of", "µs of CPU", "bare calls", "before, µs", "now ÷ before"], rows)


def show_rooms(costs: Sequence[Cost]) -> str:
    """Write where the time goes."""
    rooms = list(dict.fromkeys(room for cost in costs for room in cost.shares))
    rows = [
        [cost.work.name, *(f"{cost.shares.get(room, 0.0):.0%}" for room in rooms)] for cost in costs
    ]
    return _table(["", *rooms], rows)


def show_local_cloud(spent: Sequence[Spent]) -> str:
    """Write what the same takes through the local cloud."""
    rows = [
        [
            each.name,
            f"{each.wall_seconds * 1e3:,.2f}",
            f"{each.functions_seconds * 1e3:,.2f}",
            f"{each.emulator_seconds * 1e3:,.2f}",
            f"{1 / each.wall_seconds:,.0f}",
        ]
        for each in spent
    ]
    head = ["an item of", "ms on the clock", "CPU of functions, ms", "CPU of the emulator, ms"]
    return _table([*head, "a second"], rows)


def show_goals(starts: ColdStarts, costs: Sequence[Cost]) -> str:
    """Write what was aimed at, and what came of it."""
    cost = {each.work.name: each for each in costs}
    halved = [(each.work.name, each.to_before) for each in costs if each.to_before is not None]
    slowest = {
        goal: max(
            (each.ratio.middle, each.function)
            for each in starts.by_side["now"]
            if each.goal == goal
        )
        for goal in (HTTP_GOAL, OTHER_GOAL)
    }
    goals = [
        (
            f"slowest start of what speaks HTTP, in bare clients ({slowest[HTTP_GOAL][1]})",
            HTTP_GOAL,
        ),
        (f"slowest start of the others, in bare clients ({slowest[OTHER_GOAL][1]})", OTHER_GOAL),
    ]
    rows = [(what, goal, slowest[goal][0]) for what, goal in goals]
    rows += [
        (f"{name}, µs", goal, cost[name].microseconds["now"].middle)
        for name, goal in GOALS_MICROSECONDS.items()
    ]
    rows += [(f"{name}, now ÷ before", HALF, now.middle) for name, now in halved if name in HALVED]
    head = ["what", "at most", "measured", ""]
    return _table(
        head,
        [
            [what, f"{goal:,g}", f"{found:,.3g}", "met" if found <= goal else "missed"]
            for what, goal, found in rows
        ],
    )


def charts(starts: ColdStarts, costs: Sequence[Cost], spent: Sequence[Spent]) -> dict[str, Chart]:
    """Draw them, by the names of their files."""
    return {
        "starts": _chart_of_starts(starts),
        "work": Chart(
            "CPU of a warm function, an item",
            "µs",
            {
                cost.work.name: {side: each.middle for side, each in cost.microseconds.items()}
                for cost in costs
            },
        ),
        "rooms": Chart(
            "Where the CPU goes",
            "share",
            {cost.work.name: cost.shares for cost in costs},
            stacked=True,
        ),
        "local-cloud": Chart(
            "Through the local cloud, an item",
            "ms of CPU",
            {
                each.name: {
                    "functions": each.functions_seconds * 1e3,
                    "emulator": each.emulator_seconds * 1e3,
                }
                for each in spent
            },
            stacked=True,
        ),
    }


def _chart_of_starts(starts: ColdStarts) -> Chart:
    before = {start.function: start for start in starts.by_side.get("before", [])}

    def bars(start: Start) -> dict[str, float]:
        was = before.get(start.function)
        now = {"now": start.ratio.middle}
        return now if was is None else {**now, "before": was.ratio.middle}

    return Chart(
        "CPU of a cold start",
        "times a bare client",
        {start.function: bars(start) for start in starts.by_side["now"]},
        marks={"others": OTHER_GOAL, "HTTP": HTTP_GOAL},
    )


def write(machine: str, starts: ColdStarts, costs: Sequence[Cost], spent: Sequence[Spent]) -> None:
    """Put everything into the page, and draw its plots anew."""
    page = PAGE.read_text(encoding="utf-8")
    for name, text in (
        ("machine", f"{machine}."),
        ("starts", show_starts(starts)),
        ("work", show_work(costs)),
        ("rooms", show_rooms(costs)),
        ("local cloud", show_local_cloud(spent)),
        ("goals", show_goals(starts, costs)),
    ):
        page = put(page, name, text)
    PAGE.write_text(page, encoding="utf-8")
    PLOTS.mkdir(exist_ok=True)
    for name, chart in charts(starts, costs, spent).items():
        Path(PLOTS / f"{name}.svg").write_text(chart.svg(), encoding="utf-8")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
