"""One request and its answer, as API Gateway hands them over (payload format 2.0)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from billing.domain.ids import is_event_id, is_id, is_idempotency_key
from billing.edge.http.errors import InvalidRequestError, MalformedBodyError
from billing.edge.http.event import Event, headers_in
from billing.edge.http.representations import JSON
from billing.edge.http.routes import Route
from billing.edge.http.strict_json import check_media_type, decode_body, parse, shown
from billing.edge.http.validation import validate
from billing.edge.http.values import (
    COUNTING_PATTERN,
    EVENT_ID_MESSAGE,
    ID_MESSAGE,
    MONTH_PATTERN,
)

_CREATED = 201
_NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body as text, and headers; `media_type` is None where there is no body.

    `shown` is the schema whose JSON the body is, for whoever writes it as something else.
    """

    status: int
    body: str
    media_type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: BaseModel | None = None

    @classmethod
    def of(cls, status: int, model: BaseModel) -> "Answer":
        """Answer with a schema's JSON."""
        return cls(status, model.model_dump_json(), shown=model)

    @classmethod
    def created(cls, model: BaseModel, *, replayed: bool) -> "Answer":
        """Answer that something was made, now or before by the same request."""
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return cls(_CREATED, model.model_dump_json(), headers=headers)

    @classmethod
    def empty(cls) -> "Answer":
        """Answer that it was done, with nothing to show."""
        return cls(_NO_CONTENT, "", None)

    def to_lambda(self) -> dict[str, Any]:
        """Write the answer as API Gateway reads it."""
        # Money and usage of customers belong in no cache between here and the caller.
        headers = {"Cache-Control": "no-store", **self.headers}
        if self.media_type is not None:
            headers = {"Content-Type": self.media_type, **headers}
        return {
            "statusCode": self.status,
            "headers": headers,
            "body": self.body,
            "isBase64Encoded": False,
        }


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `route` is the one that API Gateway matched, None where it matched none."""

    event: Event
    context: LambdaContext
    route: Route | None

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        method: str = self.event["requestContext"]["http"]["method"]
        return method.upper()

    @property
    def path(self) -> str:
        """The path as API Gateway decoded it."""
        path: str = self.event["rawPath"]
        return path

    @property
    def gateway_request_id(self) -> str:
        """What API Gateway names this request."""
        name: str = self.event["requestContext"]["requestId"]
        return name

    @property
    def instance(self) -> str:
        """Names this request, here and in the logs."""
        return f"urn:usage-billing:request:{quote(self.gateway_request_id, safe='')}"

    @property
    def authorizer(self) -> Mapping[str, Any] | None:
        """What the authorizer said about the caller; None where it was not asked."""
        said: Mapping[str, Any] | None
        said = (self.event["requestContext"].get("authorizer") or {}).get("lambda")
        return said

    @property
    def key_id(self) -> str:
        """The id of the caller's API key, on routes that ask for a scope."""
        key_id: str = (self.authorizer or {})["keyId"]
        return key_id

    @property
    def accept(self) -> str | None:
        """Which kinds of content the caller takes, as the header Accept says it."""
        return self._header("accept")

    @property
    def query_parameters(self) -> dict[str, str]:
        """The query parameters as they were sent."""
        return dict(self.event.get("queryStringParameters") or {})

    @property
    def key_name(self) -> str | None:
        """What people call the caller's API key; None while an older answer about it is kept."""
        name: str | None = (self.authorizer or {}).get("keyName")
        return name

    @property
    def scopes(self) -> list[str]:
        """What the caller's API key allows, as the authorizer said it."""
        return str((self.authorizer or {}).get("scopes", "")).split()

    @property
    def accept_encoding(self) -> str:
        """How the caller takes what is answered, as the header says; empty without it."""
        return self._header("accept-encoding") or ""

    def id(self, name: str) -> str:
        """Read a customer's or product's id from the path; raises InvalidRequestError."""
        return self._path_parameter(name, is_id, ID_MESSAGE)

    def event_id(self, name: str) -> str:
        """Read a usage event's id from the path; raises InvalidRequestError."""
        return self._path_parameter(name, is_event_id, EVENT_ID_MESSAGE)

    def month(self, name: str) -> str:
        """Read a calendar month from the path; raises InvalidRequestError."""
        message = "must be a month from the year 2000 on, such as 2026-01"
        return self._path_parameter(name, re.compile(MONTH_PATTERN).fullmatch, message)

    def whole_number(self, name: str) -> int:
        """Read a number that counts something from the path; raises InvalidRequestError."""
        message = "must be a whole number of at most 9 digits, from 1 on"
        return int(self._path_parameter(name, re.compile(COUNTING_PATTERN).fullmatch, message))

    def text(self, name: str) -> str:
        """Read part of the path for whoever judges it by looking it up; safe to show back.

        Cut at a length that no id has which is looked up so.
        """
        return shown(self._unquoted(name))

    def _unquoted(self, name: str) -> str:
        # Whether a gateway decodes path parameters differs; no id has a percent sign either way.
        return unquote((self.event.get("pathParameters") or {}).get(name, ""))

    def _path_parameter(self, name: str, is_good: Callable[[str], object], message: str) -> str:
        value = self._unquoted(name)
        if not is_good(value):
            raise InvalidRequestError.of_field(name, message)
        return value

    def query[Query: BaseModel](self, model: type[Query]) -> Query:
        """Read the query parameters; an unknown one, or one given twice, is refused."""
        return validate(model, self.query_parameters)

    def body[Body: BaseModel](self, model: type[Body], *, optional: bool = False) -> Body:
        """Read the body; an optional one may be left out and is then an object with no members."""
        text = self.event.get("body")
        if not text and optional:
            return validate(model, {})
        check_media_type(self._header("content-type"))
        if not text:
            raise MalformedBodyError("The body is missing")
        decoded = decode_body(text, is_base64=bool(self.event.get("isBase64Encoded")))
        return validate(model, parse(decoded))

    def optional_idempotency_key(self) -> str | None:
        """Read the header Idempotency-Key, if it is there; raises InvalidRequestError."""
        return None if self._header("idempotency-key") is None else self.idempotency_key()

    def idempotency_key(self) -> str:
        """Read the header Idempotency-Key; raises InvalidRequestError when it is missing or bad."""
        value = self._header("idempotency-key")
        if value is None:
            raise InvalidRequestError.of_field("Idempotency-Key", "is required")
        key = value.strip(" \t")
        if not is_idempotency_key(key):
            raise InvalidRequestError.of_field(
                "Idempotency-Key", "must be 1 to 255 printable ASCII characters"
            )
        return key

    def _header(self, name: str) -> str | None:
        return headers_in(self.event).get(name)
