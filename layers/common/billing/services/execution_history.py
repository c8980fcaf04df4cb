"""What an execution of the dunning workflow went through, state by state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from billing.domain.errors import ExecutionNotFoundError
from billing.services.executions import Execution, Executions, get_dunning_run
from billing.services.paging import Page, cursor_at, not_a_cursor, position_of
from billing.storage.stores import Stores

# The longest history that Step Functions keeps has fewer states.
_POSITION_DIGITS_MAX = 5


@dataclass(frozen=True, slots=True)
class StateVisit:
    """A state that an execution entered, and left unless it is there still.

    `faults` of a state were repeated; `error` names the last one, and where the execution ended in
    this state, what ended it.
    """

    name: str
    state_type: str
    entered_at: datetime
    input: Mapping[str, Any] | None
    left_at: datetime | None = None
    output: Mapping[str, Any] | None = None
    error: str | None = None
    faults: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """The definition that an execution follows, and the states that it went through, in order."""

    definition: Mapping[str, Any]
    visits: Sequence[StateVisit]


class Histories(Protocol):
    """Where histories can be looked up."""

    def of_execution(self, name: str) -> History | None:
        """Read the history of an execution; None where it is no longer kept."""


@dataclass(frozen=True, slots=True)
class ExecutionHistory:
    """One execution of a record among all of them, newest first, with a page of its states."""

    execution: Execution
    executions: Sequence[Execution]
    definition: Mapping[str, Any]
    visits: Page[StateVisit]


def get_execution_history(
    record_id: str,
    *,
    name: str | None,
    limit: int,
    cursor: str | None,
    stores: Stores,
    executions: Executions,
    histories: Histories,
) -> ExecutionHistory:
    """Read a page of what an execution of a record went through, the newest one without a name.

    Raises RecordNotFoundError, ExecutionNotFoundError where the record has no such execution or it
    is no longer kept, InvalidInputError for a cursor of another list, and UnavailableError.
    """
    begin = _begin_of(cursor)
    run = get_dunning_run(record_id, stores=stores, executions=executions)
    of_name = [each for each in run.executions if name is None or each.name == name]
    history = histories.of_execution(of_name[0].name) if of_name else None
    if history is None:
        raise ExecutionNotFoundError(record_id)
    shown = history.visits[begin : begin + limit]
    end = begin + len(shown)
    more = end < len(history.visits)
    page = Page(shown, cursor_at(str(end)) if more else None)
    return ExecutionHistory(of_name[0], run.executions, history.definition, page)


def _begin_of(cursor: str | None) -> int:
    """Read how many states stand before a page; the order of a history never changes."""
    position = position_of(cursor) or "0"
    if not (position.isascii() and position.isdigit() and len(position) <= _POSITION_DIGITS_MAX):
        raise not_a_cursor()
    return int(position)
