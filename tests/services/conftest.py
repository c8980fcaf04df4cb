"""Services over books of fresh tables.

On DynamoDB Local only the stories marked `on_dynamodb_local` run. A run of all stories on moto
fails when one of the others sends what none of those does.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from xdist.workermanage import WorkerController

from tests.support.books import Books
from tests.support.expressions import SentShapes, Shape, record_shapes
from tests.support.faults import Faults
from tests.support.keeper import Keeper

HERE = Path(__file__).parent
MARK = "on_dynamodb_local"
SENT = pytest.StashKey[SentShapes]()
JUDGED_BY_NONE = pytest.StashKey[list[str]]()
_MEASURED = "measured"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to keep what the stories send."""
    config.stash[SENT] = SentShapes()
    config.stash[JUDGED_BY_NONE] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, on DynamoDB Local, the stories that would tell it nothing new."""
    if config.getoption("dynamodb") == "local":
        here = [item for item in items if item.path.is_relative_to(HERE)]
        left_out = [item for item in here if item.get_closest_marker(MARK) is None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Take over what a worker's stories sent; one that crashed has told nothing."""
    told = getattr(node, "workeroutput", {}).get(MARK)
    if told is not None:
        also_local, moto_alone = told
        node.config.stash[SENT].merge(SentShapes(set(also_local), dict(moto_alone)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started us what the stories sent; fail there if some of it is new."""
    sent = session.config.stash[SENT]
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[MARK] = (list(sent.also_local), list(sent.moto_alone.items()))
    elif _ran_whole(session) and (told := sent.judged_by_none()):
        session.config.stash[JUDGED_BY_NONE] = told
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _ran_whole(session: pytest.Session) -> bool:
    """Tell whether all stories ran and passed, so that what was not sent is sent by none."""
    config = session.config
    folders = [Path(config.invocation_params.dir, each).resolve() for each in config.args]
    return (
        session.exitstatus == pytest.ExitCode.OK
        and any(HERE.is_relative_to(folder) for folder in folders)
        and not (config.option.keyword or config.option.markexpr)
    )


@pytest.fixture
def books(
    request: pytest.FixtureRequest, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Books]:
    """Give empty books.

    Their indexes have four partitions instead of sixteen: a run reads each of them, and on moto
    that is most of its time.
    """
    monkeypatch.setattr("billing.storage.keys.PARTITIONS", 4)
    shapes: set[Shape] = set()
    with keeper.books() as books:
        record_shapes(books.client, shapes)
        yield books
    also_local = request.node.get_closest_marker(MARK) is not None
    request.config.stash[SENT].add(request.node.nodeid, shapes, also_local=also_local)


@pytest.fixture
def faults(books: Books) -> Faults:
    """Give the means to strike calls of the books."""
    return Faults(books.client)


@pytest.fixture
def measured(
    record_property: Callable[[str, object], None],
) -> Callable[[str, Decimal | int, str], None]:
    """Give the means to keep a measured figure, beside its bound, for the end of the report."""

    def keep(what: str, figure: Decimal | int, bound: str) -> None:
        record_property(_MEASURED, f"{what}: {figure:.5g} ({bound})")

    return keep


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show the measured figures, and what DynamoDB Local would have to judge and does not."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            if name == _MEASURED:
                terminalreporter.write_line(f"measured  {figure}")
    for told in config.stash[JUDGED_BY_NONE]:
        terminalreporter.write_line(f"FAILED not sent by any story marked {MARK}: {told}")
