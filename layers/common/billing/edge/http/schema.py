"""What every schema of this API is made of, and the schemas that no resource owns."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from billing.edge.http.fields import PAGE_ITEMS_DEFAULT, Limit


def example(**members: object) -> dict[str, Any]:
    """Return what adds an example, in JSON terms, to a schema."""
    return {"examples": [members]}


class Schema(BaseModel):
    """JSON that is read strictly: no conversion, and no field that is not named."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        # Python code names fields its own way; JSON must use the published names only.
        validate_by_alias=True,
        validate_by_name=False,
        serialize_by_alias=True,
    )


class AnswerSchema(Schema):
    """JSON that is written: code names its fields as Python does.

    `lists` names the field with the list that is the point of the answer, where it has one; that is
    what it comes to as CSV.
    """

    lists: ClassVar[str | None] = None

    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)


class ListAnswer[Item](AnswerSchema):
    """Some items in order, and the cursor to go on with, null at the end."""

    lists: ClassVar[str | None] = "items"

    items: list[Item]
    cursor: str | None


class NoQuery(Schema):
    """No query parameters."""


class PageQuery(Schema):
    """Which page of a list."""

    limit: Limit = Field(default=PAGE_ITEMS_DEFAULT, description="The most items to answer.")
    cursor: str | None = Field(default=None, description="The `cursor` of the page before.")


class EmptyRequest(Schema):
    """No fields; the body may be left out."""


def is_none(value: object) -> bool:
    """Tell whether a field is to be left out of an answer."""
    return value is None


class FieldProblem(AnswerSchema):
    """One field and what is wrong with it."""

    field: str = Field(description="A dotted path such as `events.3.units`.")
    message: str


class Problem(AnswerSchema):
    """Why a request was not done, as in RFC 9457 (application/problem+json)."""

    model_config = ConfigDict(
        json_schema_extra=example(
            type="urn:usage-billing:error:invalid_request",
            title="Invalid request",
            status=400,
            detail="units: must be a whole number",
            code="invalid_request",
            errors=[{"field": "units", "message": "must be a whole number"}],
        )
    )

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable: made for programs to decide by.")
    instance: str | None = Field(
        default=None, exclude_if=is_none, description="Names this request in the logs."
    )
    errors: list[FieldProblem] | None = Field(
        default=None, exclude_if=is_none, description="The fields at fault, where there are any."
    )


class GatewayMessage(AnswerSchema):
    """What API Gateway says where it answers by itself."""

    model_config = ConfigDict(json_schema_extra=example(message="Unauthorized"))

    message: str
