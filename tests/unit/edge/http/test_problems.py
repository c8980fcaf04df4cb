"""Every error has its status, and its document shows what a caller may know."""

import pytest

from billing.domain import errors
from billing.domain.errors import BillingError, FieldError
from billing.edge.api.all_routes import published_errors
from billing.edge.http.problems import headers_of, internal_problem, problem_of, status_of
from billing.edge.http.validation import validate
from billing.edge.schemas import EmptyRequest


def tree(root: type[BillingError]) -> list[type[BillingError]]:
    """List a class of errors and all below it."""
    return [root, *(error for child in root.__subclasses__() for error in tree(child))]


# Published: callers decide by these codes and statuses, so that none of them ever changes.
PUBLISHED = {
    "billing_error": 500,
    "invalid_request": 400,
    "malformed_body": 400,
    "body_too_large": 413,
    "unsupported_media_type": 415,
    "unauthenticated": 401,
    "scope_missing": 403,
    "not_found": 404,
    "route_not_found": 404,
    "customer_not_found": 404,
    "product_not_found": 404,
    "usage_event_not_found": 404,
    "billing_record_not_found": 404,
    "execution_not_found": 404,
    "log_file_not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "customer_exists": 409,
    "email_taken": 409,
    "product_exists": 409,
    "concurrent_change": 409,
    "usage_event_conflict": 409,
    "idempotency_key_reused": 409,
    "customer_not_settled": 409,
    "run_in_progress": 409,
    "limit_reached": 409,
    "unavailable": 503,
    "integrity_fault": 500,
}


def test_every_error_of_the_tree_has_a_status_and_a_code_of_its_own() -> None:
    found = tree(BillingError)
    statuses = {error.code: status_of(error) for error in found}
    assert statuses | PUBLISHED == statuses
    # Only the root and a fault of this system are a 500; everything else has a branch that says so.
    internal = {error.code for error in found if status_of(error) == 500}
    assert internal == {"billing_error", "integrity_fault"}
    assert len({error.code for error in found}) == len(found)
    assert len({error.title for error in found}) == len(found)


def test_every_error_that_is_no_mere_branch_is_published_by_some_route() -> None:
    branches = {errors.BillingError, errors.NotFoundError, errors.ConflictError}
    assert set(published_errors()) == set(tree(BillingError)) - branches


def test_a_problem_names_the_fields_at_fault() -> None:
    error = errors.InvalidInputError(
        "units: is required", errors=[FieldError("units", "is required")]
    )
    assert problem_of(error, prefix="events.3.").model_dump() == {
        "type": "urn:usage-billing:error:invalid_request",
        "title": "Invalid request",
        "status": 400,
        "detail": "units: is required",
        "code": "invalid_request",
        "errors": [{"field": "events.3.units", "message": "is required"}],
    }


def test_a_field_of_the_domain_is_published_in_camel_case_in_its_sentence_too() -> None:
    error = errors.InvalidInputError.of_field("unit_price_cents", "must not be negative")
    problem = problem_of(error)

    assert problem.detail == "unitPriceCents: must not be negative"
    assert problem.errors is not None
    assert problem.errors[0].field == "unitPriceCents"


def test_a_field_that_the_caller_named_is_published_as_it_was_given() -> None:
    with pytest.raises(errors.InvalidInputError) as refused:
        validate(EmptyRequest, {"unit_price_cents": 1})
    problem = problem_of(refused.value, prefix="events.3.")

    assert problem.detail == "unit_price_cents: is not a known field"
    assert problem.errors is not None
    assert problem.errors[0].field == "events.3.unit_price_cents"


@pytest.mark.parametrize("error", [errors.IntegrityError("wallet of acme is off by 3")])
def test_what_went_wrong_inside_is_not_shown(error: BillingError) -> None:
    problem = problem_of(error, instance="urn:usage-billing:request:1")
    assert (problem.status, problem.code) == (500, "integrity_fault")
    assert "acme" not in problem.model_dump_json()
    unexpected = internal_problem(instance="urn:usage-billing:request:1")
    assert (unexpected.status, unexpected.code) == (500, "internal_error")
    assert unexpected.instance == "urn:usage-billing:request:1"


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.UnavailableError("busy"), {"Retry-After": "1"}),
        (errors.RunInProgressError(), {"Retry-After": "5"}),
        (errors.MethodNotAllowedError("no", allowed=["GET", "POST"]), {"Allow": "GET, POST"}),
        (errors.UnauthenticatedError("who?"), {"WWW-Authenticate": "Bearer"}),
        (errors.CustomerExistsError("acme"), {}),
    ],
)
def test_errors_bring_the_headers_that_callers_act_on(
    error: BillingError, headers: dict[str, str]
) -> None:
    assert headers_of(error) == headers
