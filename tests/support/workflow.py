"""A dunning workflow that waits for the test instead of the clock."""

from dataclasses import dataclass, field, replace

from billing.domain.deadline import Deadline
from billing.services.dunning import Step, StepOutcome, WorkflowStart


@dataclass
class FakeWorkflow:
    """Remembers what was started, with the names and the once-only of Step Functions."""

    waiting: list[WorkflowStart] = field(default_factory=list)
    names: dict[tuple[str, int], bool] = field(default_factory=dict)
    lose_starts: bool = False

    def until(self, _deadline: Deadline) -> "FakeWorkflow":
        """Do the same: nothing here takes time."""
        return self

    def start(self, start: WorkflowStart) -> bool:
        """Start once per name; False where the execution of that name has ended."""
        name = (str(start.record_id), start.starts)
        if name in self.names:
            return self.names[name]
        if not self.lose_starts:
            self.names[name] = True
            self.waiting.append(start)
        return True

    def next_to_wake(self) -> WorkflowStart:
        """Give the one that waits the shortest."""
        return min(self.waiting, key=lambda start: start.wait_seconds)

    def go_on(self, start: WorkflowStart, step: Step) -> None:
        """Go where the Choice of the state machine goes."""
        self.waiting.remove(start)
        if step.outcome is StepOutcome.RETRY:
            self.waiting.append(
                replace(start, attempt=step.attempt, wait_seconds=step.wait_seconds)
            )
        else:
            self.names[(str(start.record_id), start.starts)] = False

    def crash(self) -> None:
        """End every execution as a fault would: nothing waits, and no name starts again."""
        self.waiting.clear()
        self.names = dict.fromkeys(self.names, False)
