"""Who calls, and how the system is."""

from pydantic import ConfigDict, Field

from billing.domain.api_keys import Scope
from billing.edge.http.exchange import Request
from billing.edge.http.routes import ANY_SCOPE, Route
from billing.edge.http.schema import AnswerSchema, example


class MeAnswer(AnswerSchema):
    """The API key that a request came with."""

    model_config = ConfigDict(
        json_schema_extra=example(
            keyId="019bde2e-3c00-7000-8000-000000000001",
            name="web server",
            scopes=["billing:read", "usage:write"],
        )
    )

    key_id: str = Field(description="What the logs call the caller.")
    name: str | None = Field(description="Null for a minute after an upgrade.")
    scopes: list[Scope] = Field(description="What the key allows; `admin` includes all others.")


def show_caller(request: Request) -> MeAnswer:
    """Show whose key a request came with."""
    scopes = [Scope(scope) for scope in request.scopes]
    return MeAnswer(key_id=request.key_id, name=request.key_name, scopes=scopes)


ME = Route(
    "GET",
    "/me",
    ANY_SCOPE,
    "Tell whose key this is, and what it allows",
    operation_id="getMe",
    response=MeAnswer,
    statuses={200: "The key, without its secret."},
)

ROUTES = (ME,)
