"""How quick it is: cold starts, CPU of what functions do, and the same through the local cloud.

    make bench                                   as it stands
    make bench AGAINST=v0.1.0                    by turns with how it stood at a revision

It takes some minutes and writes docs/benchmarks.md. A busy machine measures other figures: what is
told are ratios of what was measured by turns, with their spread.
"""

import argparse
import sys
from collections.abc import Sequence

from tools.bench import page
from tools.bench.cold import measure_starts
from tools.bench.local_cloud import measure_local_cloud
from tools.bench.machine import describe_machine
from tools.bench.sides import bare_packages, past, present, without_bytecode
from tools.bench.work import measure_work


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--against", metavar="REVISION", help="measure this state of the code too")
    parser.add_argument("--rounds", type=int, default=10, help="how often everything is started")
    parser.add_argument("--repeats", type=int, default=3, help="in how many processes work is done")
    given = parser.parse_args(arguments)
    now = present()
    sides = [now] if given.against is None else [now, past(given.against)]
    starts = measure_starts(sides, without_bytecode(now), bare_packages(), given.rounds)
    print(page.show_starts(starts), flush=True)
    costs = measure_work(sides, given.repeats)
    print(page.show_work(costs), page.show_rooms(costs), sep="\n\n", flush=True)
    spent = measure_local_cloud()
    machine = describe_machine(rounds=given.rounds, repeats=given.repeats)
    goals = page.show_goals(starts, costs)
    print(page.show_local_cloud(spent), goals, machine, sep="\n\n")
    page.write(machine, starts, costs, spent)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
