"""Whatever is asked, valid or not, is answered as the description of the API promises.

No fault of the system, and no status, kind of content or shape of an answer that is not described.
What the description calls invalid is refused. The requests are the same each time.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, Response
from schemathesis.specs.openapi.checks import negative_data_rejection

from billing.domain.api_keys import Scope
from billing.edge.api.all_routes import ROUTES
from billing.edge.http.routes import Route
from billing.edge.http.schema import EmptyRequest
from tests.functions.abuse.town import PROMISES, THE_SAME_EACH_TIME, AnyCase, Town

# It judges each event for itself, and answers 200 with what was wrong with it.
JUDGES_PARTS = {"POST /billing/usage/batch"}

KEYED = [route for route in ROUTES if route.needs_key]
WITH_INPUT = [
    route
    for route in ROUTES
    if route.path_parameters
    or route.query.model_fields
    or route.request not in {None, EmptyRequest}
]


def by_key(route: Route) -> str:
    """Call a route by its key."""
    return route.key


@pytest.mark.parametrize("route", ROUTES, ids=by_key)
def test_a_valid_request_is_answered_as_described(town: Town, route: Route) -> None:
    @settings(THE_SAME_EACH_TIME, max_examples=40)
    @given(case=town.cases(route, GenerationMode.POSITIVE), data=st.data())
    def ask(case: AnyCase, data: st.DataObject) -> None:
        town.begin_again()
        acquaint(case, town, data)
        response = case.call_and_validate(headers=town.with_key(Scope.ADMIN), checks=PROMISES)
        assert faults_beside_the_point(route, case, response) == []

    ask()


@pytest.mark.parametrize("route", WITH_INPUT, ids=by_key)
def test_an_invalid_request_is_refused_as_described(town: Town, route: Route) -> None:
    promises = PROMISES if route.key in JUDGES_PARTS else [*PROMISES, negative_data_rejection]

    @settings(THE_SAME_EACH_TIME, max_examples=40)
    @given(case=town.cases(route, GenerationMode.NEGATIVE))
    def ask(case: AnyCase) -> None:
        town.begin_again()
        response = case.call_and_validate(headers=town.with_key(Scope.ADMIN), checks=promises)
        assert faults_beside_the_point(route, case, response) == []

    ask()


@pytest.mark.parametrize("route", KEYED, ids=by_key)
def test_who_has_no_key_for_it_is_refused_as_described(town: Town, route: Route) -> None:
    nothing: dict[str, str] = {}
    not_good = [{"Authorization": "Bearer"}, {"Authorization": "Bearer unknown"}]
    others = set(Scope) - {route.needed_scope, Scope.ADMIN} if route.needed_scope else set()
    of_others = {"revoked", *others}

    @settings(THE_SAME_EACH_TIME, max_examples=5)
    @given(case=town.cases(route, GenerationMode.POSITIVE))
    def ask(case: AnyCase) -> None:
        for headers in (nothing, *not_good, *map(town.with_key, sorted(of_others))):
            response = case.call_and_validate(headers=headers, checks=PROMISES)
            assert response.status_code == (403 if headers else 401)

    ask()


def acquaint(case: AnyCase, town: Town, data: st.DataObject) -> None:
    """Let a request be about somebody or something that there is, more often than not."""
    for place in (case.path_parameters, case.body):
        if not isinstance(place, dict):
            continue
        for name in sorted(town.known.keys() & place.keys()):
            if data.draw(st.integers(0, 3)):
                place[name] = data.draw(st.sampled_from(town.known[name]))


def faults_beside_the_point(route: Route, case: AnyCase, response: Response) -> list[str]:
    """List the fields that an answer finds fault with though the request neither has nor could
    have them.
    """
    if response.status_code != 400:
        return []
    models = [model for model in (route.request, route.query) if model is not None]
    could = {str(field.alias) for model in models for field in model.model_fields.values()}
    could |= {*route.path_parameters, "Idempotency-Key", "body"}
    # A field is told by its path, of which the first part may be a name that was drawn with dots.
    has = {*case.query, *(case.body if isinstance(case.body, dict) else ())}
    known = could | {name.split(".")[0] for name in has}
    fields = [fault["field"] for fault in response.json().get("errors", ())]
    return [field for field in fields if field.split(".")[0] not in known and field not in has]
