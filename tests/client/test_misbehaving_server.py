"""Whatever server and network do, a call ends: with its answer, or with an error that says why."""

import asyncio
import json
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import httpx
import pytest

from tests.client.conftest import AT_ONCE
from tests.support.misbehaving import Behaviour, Misbehaving, answer, misbehaving
from usage_billing import (
    AsyncBilling,
    Billing,
    ConflictError,
    GatewayError,
    InvalidError,
    NoAnswerError,
    NotAllowedError,
    NotFoundError,
    ProblemError,
    Retries,
    ServerFaultError,
    TimedOutError,
    TooManyRequestsError,
    UnreadableAnswerError,
    UsageBillingError,
)
from usage_billing.api.problems import UnavailableError

WALLET = answer(200, b'{"balanceCents": 5}')
UNAVAILABLE = answer(
    503,
    b'{"code": "unavailable", "detail": "later"}',
    "Retry-After: 0",
    media="application/problem+json",
)
CUT_OFF = answer(200, b'{"balanceCents": 5}')[:-3]
PASSING = {
    "unavailable": UNAVAILABLE,
    "too many requests": answer(429, b'{"message": "Too Many Requests"}'),
    "a gateway that timed out": answer(504, b'{"message": "Gateway Timeout"}'),
    "a key that could not be looked up": answer(500, b'{"message": null}'),
    "cut off": CUT_OFF,
    "hung up": None,
    "garbage": answer(200, b"<html>Welcome to the airport</html>", media="text/html"),
    "no object": answer(200, b"[]"),
    "no JSON": answer(200, b'{"balanceCents": NaN}'),
    "damaged gzip": answer(200, b"no gzip", "Content-Encoding: gzip"),
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
}

ONCE = Retries(tries_max=1)


def wait_for(server: Misbehaving, retries: Retries, timeout_seconds: float) -> object:
    with Billing(server.url, "ub_key", retries=retries, timeout_seconds=timeout_seconds) as billing:
        return billing.get_wallet("acme")


def await_it(server: Misbehaving, retries: Retries, timeout_seconds: float) -> object:
    async def story() -> object:
        async with AsyncBilling(
            server.url, "ub_key", retries=retries, timeout_seconds=timeout_seconds
        ) as billing:
            return await billing.get_wallet("acme")

    return asyncio.run(story())


type Ask = Callable[[Misbehaving, Retries, float], object]
BOTH = pytest.mark.parametrize("ask", [wait_for, await_it])


def asked(
    ask: Ask, behaviours: Sequence[Behaviour], *, retries: Retries = AT_ONCE, seconds: float = 60.0
) -> tuple[object, int]:
    """Ask for a wallet; returns the answer or the error, and how often the server was asked."""
    with misbehaving(behaviours) as server:
        try:
            return ask(server, retries, seconds), len(server.requests)
        except UsageBillingError as error:
            return error, len(server.requests)


@BOTH
@pytest.mark.parametrize("behaviour", PASSING.values(), ids=PASSING)
def test_what_passes_by_itself_is_asked_again(ask: Ask, behaviour: Behaviour) -> None:
    assert asked(ask, [behaviour, behaviour, WALLET]) == ({"balanceCents": 5}, 3)


@BOTH
@pytest.mark.parametrize(
    ("behaviour", "error", "passes"),
    [
        (UNAVAILABLE, UnavailableError, True),
        (answer(429, b"{}"), TooManyRequestsError, True),
        (answer(403, b'{"message": "Forbidden"}'), GatewayError, False),
        (answer(307, b"", "Location: http://elsewhere.test/"), GatewayError, False),
        (CUT_OFF, NoAnswerError, True),
        (answer(200, b"[" * 100_000), UnreadableAnswerError, True),
        (answer(200, b'{"a": ' + b"9" * 10_000 + b"}"), UnreadableAnswerError, True),
    ],
    ids=["unavailable", "too many", "forbidden", "elsewhere", "cut off", "too deep", "too long"],
)
def test_an_error_says_what_went_wrong(
    ask: Ask,
    behaviour: Behaviour,
    error: type[UsageBillingError],
    passes: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    raised, _ = asked(ask, [behaviour], retries=ONCE)
    assert isinstance(raised, error)
    assert raised.passes == passes


@BOTH
@pytest.mark.parametrize(
    ("status", "branch"),
    [
        (400, InvalidError),
        (403, NotAllowedError),
        (404, NotFoundError),
        (406, InvalidError),
        (409, ConflictError),
        (451, InvalidError),
        (500, ServerFaultError),
        (302, ProblemError),
    ],
)
def test_an_error_that_is_newer_than_the_client_is_caught_by_its_branch(
    ask: Ask, status: int, branch: type[ProblemError]
) -> None:
    problem = {"code": "not_known_yet", "detail": "Of tomorrow", "status": status, "more": [1]}
    raised, _ = asked(ask, [answer(status, json.dumps(problem).encode())], retries=ONCE)
    assert type(raised) is branch
    assert isinstance(raised, ProblemError)
    assert (raised.code, raised.status, str(raised)) == ("not_known_yet", status, "Of tomorrow")


@BOTH
def test_tries_end(ask: Ask) -> None:
    raised, tries = asked(ask, [UNAVAILABLE] * 9)
    assert isinstance(raised, UnavailableError)
    assert tries == AT_ONCE.tries_max


@BOTH
def test_who_must_wait_too_long_is_told_so_at_once(ask: Ask) -> None:
    raised, tries = asked(ask, [answer(503, b"{}", "Retry-After: 3600"), WALLET])
    assert isinstance(raised, GatewayError)
    assert (raised.retry_after_seconds, tries) == (3600, 1)


@BOTH
def test_an_answer_that_never_comes_times_out(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    # Only the answer has little time: a slow machine connects and sends as slowly as it likes.
    patient = partial(httpx.Timeout, connect=60.0, write=60.0, pool=60.0)
    monkeypatch.setattr("usage_billing.transport._timeout", patient)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Misbehaving(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(TimedOutError) as caught:
            ask(server, ONCE, 0.05)
    assert not caught.value.nothing_done


@BOTH
def test_an_address_where_nobody_listens_has_done_nothing(ask: Ask) -> None:
    # Taken, so that nobody else listens there meanwhile.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        server = Misbehaving(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        with pytest.raises(NoAnswerError) as caught:
            ask(server, ONCE, 60.0)
    assert caught.value.nothing_done


@BOTH
def test_an_answer_that_grows_for_ever_is_given_up(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage_billing.transport.ANSWER_BYTES_MAX", 1000)
    raised, _ = asked(ask, [answer(200, b" " * 1001)], retries=ONCE)
    assert isinstance(raised, UnreadableAnswerError)


def test_each_try_is_the_same_request_under_the_same_key() -> None:
    with (
        misbehaving([None, UNAVAILABLE, WALLET]) as server,
        Billing(server.url, "ub_key", retries=AT_ONCE) as billing,
    ):
        billing.credit_wallet("acme", 500)
    first, *others = server.requests
    assert b"idempotency-key: " in first.lower()
    assert others == [first, first]


def test_an_event_without_an_id_has_one_before_the_first_try() -> None:
    with (
        misbehaving([None, WALLET]) as server,
        Billing(server.url, "ub_key", retries=AT_ONCE) as billing,
    ):
        billing.record_usage("acme", "api-calls", 1)
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
    assert bodies[0]["id"]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("behaviour", "tries"),
    [(None, 1), (UNAVAILABLE, 1), (PASSING["too many requests"], 2)],
    ids=["perhaps done", "unavailable", "certainly not done"],
)
def test_what_would_double_is_sent_again_only_where_nothing_was_done(
    behaviour: Behaviour, tries: int
) -> None:
    with (
        misbehaving([behaviour, WALLET]) as server,
        Billing(server.url, "ub_key", retries=AT_ONCE) as billing,
        suppress(UsageBillingError),
    ):
        billing.create_customer(name="Acme Ltd")
    assert len(server.requests) == tries


def test_a_list_whose_cursor_leads_nowhere_ends() -> None:
    page = answer(200, b'{"items": [1], "cursor": "again"}')
    with (
        misbehaving([page, page]) as server,
        Billing(server.url, retries=ONCE) as billing,
        pytest.raises(UnreadableAnswerError),
    ):
        list(billing.list_customers())
    assert len(server.requests) == 2


def test_an_empty_page_is_not_the_end() -> None:
    pages = [
        answer(200, b'{"items": [], "cursor": "on"}'),
        answer(200, b'{"items": [{"amount": 0.1}], "cursor": null}'),
    ]
    with misbehaving(pages) as server, Billing(server.url) as billing:
        [item] = list(billing.list_customers())
    # A number that is no integer is the digits that were sent.
    assert str(dict(item)["amount"]) == "0.1"
