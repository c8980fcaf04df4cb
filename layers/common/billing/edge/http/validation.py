"""From a schema's refusal to plain sentences about fields."""

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from billing.domain.errors import FieldError
from billing.edge.http.strict_json import OUT_OF_RANGE_MESSAGE, OutOfRangeNumber, dotted
from billing.edge.http.values import (
    INTEGER_MESSAGE,
    MISSING_MESSAGE,
    OBJECT_MESSAGE,
    UNKNOWN_MESSAGE,
    InvalidValueError,
    invalid,
)

# A request may be wrong in more places than anybody reads.
ERRORS_SHOWN_MAX = 100

_MESSAGES = {
    "bool_type": "must be true or false",
    "dict_type": OBJECT_MESSAGE,
    "extra_forbidden": UNKNOWN_MESSAGE,
    "greater_than_equal": "must not be less than {ge}",
    "int_type": INTEGER_MESSAGE,
    "less_than_equal": "must not be greater than {le}",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "missing": MISSING_MESSAGE,
    "model_type": OBJECT_MESSAGE,
    "string_too_long": "must not be longer than {max_length} characters",
    "string_type": "must be a string",
    "too_long": "must not have more than {max_length} items",
    "too_short": "must not be empty",
}


def validate[Model: BaseModel](
    model: type[Model], data: object, *, errors_shown_max: int = ERRORS_SHOWN_MAX
) -> Model:
    """Check data against a schema; raises InvalidRequestError with one FieldError per fault, as
    many as are shown.

    Its field is empty where the data as a whole is at fault.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)[:errors_shown_max]
        errors = [FieldError(dotted(fault["loc"]), _message(fault)) for fault in faults]
        raise invalid(errors, count=error.error_count()) from error


def _message(fault: ErrorDetails) -> str:
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValueError):
        return str(cause)
    if fault["type"] == "int_type" and isinstance(fault["input"], OutOfRangeNumber):
        # It may well be an integer; whether it is one was never read.
        return OUT_OF_RANGE_MESSAGE
    known = _MESSAGES.get(fault["type"])
    return fault["msg"] if known is None else known.format(**fault.get("ctx", {}))
