"""API keys: which there are, and an end to one. None is made here."""

from pydantic import ConfigDict, Field

from billing.domain.api_keys import ApiKey, Scope
from billing.domain.errors import ApiKeyNotFoundError, OwnApiKeyError
from billing.domain.times import optional_text, to_text
from billing.edge.http.fields import ShownInstant
from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema, EmptyRequest, ListAnswer, PageQuery, example
from billing.services.paging import Page


class KeyAnswer(AnswerSchema):
    """An API key, of which neither the secret nor its hash is ever shown."""

    model_config = ConfigDict(
        json_schema_extra=example(
            id="019bde2e-3c00-7000-8000-000000000001",
            name="web server",
            scopes=["billing:read", "usage:write"],
            createdAt="2026-01-20T12:00:00.000000Z",
            revokedAt=None,
        )
    )

    id: str = Field(description="What the logs, and decisions, call the caller.")
    name: str
    scopes: list[Scope] = Field(description="What the key allows; `admin` includes all others.")
    created_at: ShownInstant
    revoked_at: ShownInstant | None = Field(
        description="It may work for a minute from then on, and never after."
    )


class KeyListAnswer(ListAnswer[KeyAnswer]):
    """API keys, newest first, revoked ones too."""


def show_key(api_key: ApiKey) -> KeyAnswer:
    """Show a key."""
    return KeyAnswer(
        id=api_key.id,
        name=api_key.name,
        scopes=sorted(api_key.scopes),
        created_at=to_text(api_key.created_at),
        revoked_at=optional_text(api_key.revoked_at),
    )


def show_keys(page: Page[ApiKey]) -> KeyListAnswer:
    """Show a page of keys."""
    return KeyListAnswer(items=[show_key(each) for each in page.items], cursor=page.cursor)


LIST = Route(
    "GET",
    "/keys",
    Scope.ADMIN,
    "List API keys",
    operation_id="listKeys",
    query=PageQuery,
    response=KeyListAnswer,
    statuses={200: "Keys, newest first, revoked ones too."},
)

REVOKE = Route(
    "POST",
    "/keys/{keyId}/revoke",
    Scope.ADMIN,
    "Revoke an API key, another one than that of the request",
    operation_id="revokeKey",
    request=EmptyRequest,
    response=KeyAnswer,
    statuses={200: "Revoked, also where that was so before."},
    own_errors=(ApiKeyNotFoundError, OwnApiKeyError),
)

ROUTES = (LIST, REVOKE)
