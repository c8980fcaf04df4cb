"""Every error has its status, and its document shows what a caller may know."""

import pytest

from billing.domain import errors
from billing.domain.errors import BillingError, FieldError
from billing.edge.api.all_routes import published_errors
from billing.edge.http.errors import (
    InvalidRequestError,
    MalformedBodyError,
    MethodNotAllowedError,
    UnauthenticatedError,
)
from billing.edge.http.problems import headers_of, internal_problem, problem_of, status_of


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


def leaves_and_branches() -> list[type[BillingError]]:
    """List the tree without InvalidRequestError, which callers know as InvalidInputError."""
    return [error for error in tree(BillingError) if error is not InvalidRequestError]


def test_a_request_is_invalid_whoever_finds_it_so() -> None:
    invalid = (InvalidRequestError, errors.InvalidInputError)
    assert len({(error.code, error.title, status_of(error)) for error in invalid}) == 1


def test_every_error_of_the_tree_has_a_status_and_a_code_of_its_own() -> None:
    found = leaves_and_branches()
    statuses = {error.code: status_of(error) for error in found}
    assert statuses | PUBLISHED == statuses
    # Only the root and a fault of this system are a 500; everything else has a branch that says so.
    internal = {error.code for error in found if status_of(error) == 500}
    assert internal == {"billing_error", "integrity_fault"}
    assert len({error.code for error in found}) == len(found)
    assert len({error.title for error in found}) == len(found)


def test_every_error_that_is_no_mere_branch_is_published_by_some_route() -> None:
    branches = {errors.BillingError, errors.NotFoundError, errors.ConflictError}
    assert set(published_errors()) == set(leaves_and_branches()) - branches


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


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("occurred_at", "occurredAt"),
        ("unit_price_cents", "unitPriceCents"),
        ("tiers.0.up_to", "tiers.0.upTo"),
        ("units", "units"),
        ("occurredAt", "occurredAt"),
        ("", "body"),
    ],
    ids=["two words", "three words", "a path", "one word", "published already", "the whole"],
)
def test_fields_that_python_names_are_shown_as_the_api_names_them(
    name: str, published: str
) -> None:
    problem = problem_of(errors.InvalidInputError("no", errors=[FieldError(name, "is no good")]))
    assert [(each.field, each.message) for each in problem.errors or ()] == [
        (published, "is no good")
    ]


def test_the_sentence_about_a_field_names_it_in_the_same_way() -> None:
    problem = problem_of(errors.InvalidInputError.of_field("occurred_at", "has_a_name"))
    assert problem.detail == "occurredAt: has_a_name"
    # A caller's words are no names of fields.
    taken = problem_of(errors.EmailTakenError("a_b@c_d.example"))
    assert taken.detail == "Another customer has the e-mail address a_b@c_d.example"


@pytest.mark.parametrize("error", [InvalidRequestError, MalformedBodyError])
@pytest.mark.parametrize("name", ["customer_id", "Idempotency-Key", "__proto__", "occurredAt"])
def test_fields_that_callers_named_are_shown_as_they_wrote_them(
    error: type[InvalidRequestError], name: str
) -> None:
    problem = problem_of(error.of_field(name, "is not a known field"), prefix="events.3.")
    assert [each.field for each in problem.errors or ()] == [f"events.3.{name}"]
    assert problem.detail == f"{name}: is not a known field"


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
        (MethodNotAllowedError("no", allowed=["GET", "POST"]), {"Allow": "GET, POST"}),
        (UnauthenticatedError("who?"), {"WWW-Authenticate": "Bearer"}),
        (errors.CustomerExistsError("acme"), {}),
    ],
)
def test_errors_bring_the_headers_that_callers_act_on(
    error: BillingError, headers: dict[str, str]
) -> None:
    assert headers_of(error) == headers
