"""What the stories of refused requests share."""

import base64
import json

from hypothesis import strategies as st

from tests.support.lambdas import HttpAnswer

USAGE = {"id": "event-1", "customerId": "acme", "productId": "api-calls", "units": 1}


NUMBER = 'must be a number, or a decimal string such as "1.5"'


OUT_OF_RANGE = "is out of range: a number has at most 40 digits, and an exponent from -40 to 40"


ID = (
    "must be an id: 1 to 64 letters, digits, dots, underscores, colons and hyphens, "
    "beginning with a letter or a digit"
)


UNSEEN = "must have a character that can be seen"


KEPT_OUT = (
    "must not have control characters, line separators, "
    "characters that turn the direction of text, or unassigned ones"
)


TOO_LONG = "must not be longer than 200 characters"


TIME = "must be a time with an offset as in RFC 3339, such as 2026-01-31T09:00:00Z"


DEEP = "[" * 33 + "]" * 33


DEEPEST = "[" * 200_000 + "]" * 200_000


def assert_refused(
    answer: HttpAnswer, status: int, code: str, errors: dict[str, str] | None = None
) -> None:
    """Check that an answer is a complete problem document, with these fields at fault."""
    problem = answer.json
    assert (answer.status, problem["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"] == f"urn:usage-billing:error:{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("urn:usage-billing:request:")
    assert {e["field"]: e["message"] for e in problem.get("errors", [])} == (errors or {})


def number(literal: str) -> str:
    """Write a usage event whose units are a literal, as it stands."""
    return json.dumps(USAGE).replace('"units": 1', f'"units": {literal}')


KEY_MESSAGE = "must be 1 to 255 printable ASCII characters"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


positions = st.dictionaries(
    st.sampled_from(["position", "seq", "sum", "hash"]),
    st.text(max_size=40)
    | st.integers().map(str)
    | st.from_regex(r"-?[0-9]{1,700}", fullmatch=True),
    min_size=1,
)


def forged(position: object) -> str:
    """Write a cursor the way this API does."""
    text = json.dumps(position).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
