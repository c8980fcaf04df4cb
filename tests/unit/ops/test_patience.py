"""Tools ask again where the API could not answer just now, for a while and no longer."""

import httpx
import pytest

from ops.patience import TRIES_MAX, PatientTransport, patient_client
from tools.local_cloud.demo import CREDIT, CUSTOMERS, PRODUCTS, load_demo


def ask(*answers: httpx.Response) -> tuple[httpx.Response, list[float], list[bytes]]:
    """Send a request that is answered so; gives the answer, the waits, and what was sent."""
    waits: list[float] = []
    sent: list[bytes] = []
    rest = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.read())
        return rest.pop(0)

    transport = PatientTransport(httpx.MockTransport(answer), sleep=waits.append)
    with httpx.Client(base_url="https://api.test", transport=transport) as client:
        return client.post("/jobs/process-logs", json={"a": 1}), waits, sent


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_by_itself_is_asked_again(status: int) -> None:
    answer, waits, sent = ask(
        httpx.Response(status, text="a gateway's own words"),
        httpx.Response(status),
        httpx.Response(200, json={"lines": 5}),
    )

    assert answer.json() == {"lines": 5}
    assert waits == [1, 2]
    assert sent == [b'{"a":1}'] * 3


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7), ("0", 0), ("3600", 30), ("Wed, 21 Oct 2026 07:28:00 GMT", 1), ("-1", 1)],
    ids=["seconds", "at-once", "too-long", "a-date", "nonsense"],
)
def test_the_answer_says_how_long_to_wait(asked: str, waited: float) -> None:
    answer, waits, _ = ask(httpx.Response(503, headers={"Retry-After": asked}), httpx.Response(200))

    assert (answer.status_code, waits) == (200, [waited])


def test_patience_ends() -> None:
    answer, waits, sent = ask(*[httpx.Response(503, text=str(n)) for n in range(TRIES_MAX)])

    assert (answer.status_code, answer.text) == (503, str(TRIES_MAX - 1))
    assert (len(sent), waits) == (TRIES_MAX, [1, 2, 4, 8])


@pytest.mark.parametrize("status", [200, 400, 404, 409, 500])
def test_what_stays_is_not_asked_again(status: int) -> None:
    answer, waits, _ = ask(httpx.Response(status))

    assert (answer.status_code, waits) == (status, [])


def test_the_demo_is_loaded_where_every_first_answer_is_lost() -> None:
    """What was made is there already when it is asked for again."""
    seen: set[bytes] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer key"
        body = request.read()
        if body in seen:
            return httpx.Response(409)
        seen.add(body)
        return httpx.Response(502, text="Bad Gateway")

    waits: list[float] = []
    transport = httpx.MockTransport(answer)
    with patient_client("https://api.test", "key", inner=transport, sleep=waits.append) as client:
        load_demo(client)

    assert len(seen) == len(waits) == len([*PRODUCTS, *CUSTOMERS, CREDIT])
