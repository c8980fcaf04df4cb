"""What the dunning workflow asks its functions to do, and the step that they return."""

from typing import Annotated

from pydantic import Field

from billing.domain.records import RecordId
from billing.edge.http.fields import Id, RecordIdText
from billing.edge.http.schema import AnswerSchema, Schema
from billing.services.dunning import Step, StepOutcome


class DunningTask(Schema):
    """What the dunning workflow asks a function to do for a record; see dunning.asl.json."""

    customer_id: Id
    record_id: RecordIdText
    attempt: Annotated[int, Field(ge=1)]

    @property
    def id(self) -> RecordId:
        """The record that leads the dunning."""
        return RecordId.parse(self.record_id)


class StepAnswer(AnswerSchema):
    """What the dunning workflow goes on with; see dunning.asl.json."""

    customer_id: str
    record_id: str
    outcome: StepOutcome
    attempt: int
    wait_seconds: int

    @classmethod
    def of(cls, step: Step) -> "StepAnswer":
        """Answer with a step."""
        return cls(
            customer_id=step.record_id.customer_id,
            record_id=str(step.record_id),
            outcome=step.outcome,
            attempt=step.attempt,
            wait_seconds=step.wait_seconds,
        )
