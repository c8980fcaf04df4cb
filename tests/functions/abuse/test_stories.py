"""Requests that follow from each other: what one answered is asked about by the next."""

from typing import Any

from hypothesis import settings
from schemathesis import Response

from billing.domain.api_keys import Scope
from tests.functions.abuse.town import PROMISES, THE_SAME_EACH_TIME, AnyCase, Town


def test_requests_that_follow_from_each_other_are_answered_as_described(town: Town) -> None:
    machine = town.schema.as_state_machine()
    found: list[str] = []

    class Caller(machine):  # type: ignore[misc, valid-type]  # made when the description is read
        """Calls with what earlier answers gave, in a town of its own."""

        def setup(self) -> None:
            town.begin_again()

        def get_call_kwargs(self, _case: AnyCase) -> dict[str, Any]:
            return {"headers": town.with_key(Scope.ADMIN)}

        def validate_response(self, response: Response, case: AnyCase, **_more: object) -> None:
            found.append(f"{case.operation.label} {response.status_code}")
            case.validate_response(response, checks=PROMISES)

    Caller.run(settings=settings(THE_SAME_EACH_TIME, max_examples=60, stateful_step_count=12))

    # What was made is found again, which no single request can show.
    assert {"POST /users 201", "GET /users/{userId} 200"} <= set(found)
