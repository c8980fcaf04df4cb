"""What the API tells about itself."""

from typing import Literal

from billing.edge.http.routes import Route
from billing.edge.http.schema import AnswerSchema


class HealthAnswer(AnswerSchema):
    """The API answers."""

    status: Literal["ok"]


HEALTH = Route(
    "GET",
    "/health",
    None,
    "Tell that the API answers",
    operation_id="getHealth",
    response=HealthAnswer,
    statuses={200: "It does."},
)

OPENAPI = Route(
    "GET",
    "/openapi.json",
    None,
    "Describe this API as OpenAPI 3.1",
    operation_id="getOpenapi",
    response=None,
    statuses={200: "The description."},
)

DOCS = Route(
    "GET",
    "/docs",
    None,
    "Describe this API to people",
    operation_id="getDocs",
    response=None,
    statuses={200: "One page of HTML."},
    media_type="text/html",
)

ROUTES = (HEALTH, OPENAPI, DOCS)
