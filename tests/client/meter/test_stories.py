"""What a meter promises to whoever records usage, told against a server that may misbehave."""

import json
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.client.meter import server as misbehaving
from tests.client.meter.conftest import MakeMeter
from tests.client.meter.server import Answer, Event, Fault, Ledger, Server
from tests.support.polling import eventually
from usage_billing.meter import Meter, MeterClosedError, Reject, UnsentError, batch_route

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def rejects_of(spool: Path) -> list[dict[str, object]]:
    """Read the rejects file beside a spool."""
    path = spool.with_name(f"{spool.name}.rejects.ndjson")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_an_event_is_recorded_as_it_was_given(server: Server, make_meter: MakeMeter) -> None:
    meter = make_meter()

    event_id = meter.record("acme", "api-calls", Decimal("2.50"), occurred_at=NOON)
    meter.flush()

    assert list(server.ledger.events.values()) == [
        {
            "id": event_id,
            "customerId": "acme",
            "productId": "api-calls",
            "units": "2.50",
            "occurredAt": "2026-01-31T12:00:00.000000Z",
        }
    ]


def test_an_event_without_a_time_happened_when_it_was_recorded_and_not_when_it_was_sent(
    server: Server, make_meter: MakeMeter
) -> None:
    clock = [NOON]
    meter = make_meter(now=lambda: clock[0])
    meter.record("acme", "api-calls", 1)
    clock[0] += timedelta(hours=3)

    meter.flush()

    [event] = server.ledger.events.values()
    assert event["occurredAt"] == "2026-01-31T12:00:00.000000Z"


def test_the_same_event_given_again_later_is_one_event(
    server: Server, make_meter: MakeMeter, spool: Path
) -> None:
    clock = [NOON]
    meter = make_meter(now=lambda: clock[0])
    meter.record("acme", "api-calls", 1, id="job-7")
    meter.flush()
    clock[0] += timedelta(hours=1)

    meter.record("acme", "api-calls", 1, id="job-7")
    meter.flush()

    [event] = server.ledger.events.values()
    assert event["occurredAt"] == "2026-01-31T12:00:00.000000Z"
    assert meter.stats().counts.duplicate == 1
    assert rejects_of(spool) == []


def test_other_content_under_a_used_id_stands_in_the_rejects_file(
    server: Server, make_meter: MakeMeter, spool: Path
) -> None:
    told: list[Reject] = []
    meter = make_meter(on_reject=told.append)
    meter.record("acme", "api-calls", 1, id="job-7")
    meter.flush()

    meter.record("acme", "api-calls", 2, id="job-7")
    meter.flush()

    [reject] = rejects_of(spool)
    assert reject["status"] == "conflict"
    assert reject["problem"] == {
        "status": 409,
        "code": "usage_event_conflict",
        "detail": "usage_event_conflict",
    }
    assert [each.event["units"] for each in told] == ["2"]
    assert meter.stats().counts.conflict == 1
    assert server.ledger.events["acme", "job-7"]["units"] == "1"


def test_a_rejected_event_keeps_no_other_out(
    server: Server, make_meter: MakeMeter, spool: Path
) -> None:
    meter = make_meter()
    meter.record("nobody", "api-calls", 1, id="lost")
    meter.record("acme", "api-calls", 1, id="found")

    meter.flush()

    assert server.ledger.ids() == ["found"]
    [reject] = rejects_of(spool)
    assert reject["status"] == "rejected"
    assert reject["event"] == {
        "id": "lost",
        "customerId": "nobody",
        "productId": "api-calls",
        "units": "1",
    } | {"occurredAt": reject["event"]["occurredAt"]}  # type: ignore[index]


def test_a_callback_that_fails_loses_nothing(make_meter: MakeMeter, spool: Path) -> None:
    def fail(reject: Reject) -> None:
        raise RuntimeError(reject)

    meter = make_meter(on_reject=fail)
    meter.record("nobody", "api-calls", 1)
    meter.flush()

    assert len(rejects_of(spool)) == 1


def test_a_batch_is_sorted_by_customer_and_has_a_thousand_events(
    server: Server, make_meter: MakeMeter
) -> None:
    meter = make_meter()
    for number in range(1001):
        meter.record(f"customer-{number % 3}", "api-calls", 1)

    meter.flush()

    first, second = server.batches
    customers = [event["customerId"] for event in first]
    assert (len(first), len(second)) == (1000, 1)
    assert customers == sorted(customers)


def test_what_is_recorded_is_sent_in_the_background_within_some_seconds(
    server: Server, make_meter: MakeMeter
) -> None:
    meter = make_meter(background=True)
    event_id = meter.record("acme", "api-calls", 1)

    eventually(server.ledger.ids, lambda ids: ids == [event_id], seconds=30)


@pytest.mark.parametrize(
    "fault",
    [fault for fault in misbehaving.FAULTS if fault.__name__ not in {"redirected", "key_refused"}],
)
def test_whatever_the_server_does_an_event_is_recorded_once(
    server: Server, make_meter: MakeMeter, fault: Fault
) -> None:
    meter = make_meter()
    ids = [meter.record("acme", "api-calls", 1) for _ in range(4)]
    server.fail_once(fault)

    meter.flush()

    assert sorted(server.ledger.ids()) == sorted(ids)
    assert meter.stats().waiting == 0
    assert meter.stats().failure is None


@pytest.mark.parametrize("fault", [misbehaving.redirected, misbehaving.key_refused])
def test_what_only_somebody_can_mend_is_said_aloud_and_loses_nothing(
    server: Server, make_meter: MakeMeter, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    meter = make_meter()
    event_id = meter.record("acme", "api-calls", 1)
    server.behave = fault

    with pytest.raises(UnsentError, match="1 events are not sent yet"):
        meter.flush(seconds=60)

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "test-key" not in caplog.text
    server.behave = misbehaving.well
    meter.close()
    assert server.ledger.ids() == [event_id]


def test_a_server_that_is_gone_is_tried_again(server: Server, make_meter: MakeMeter) -> None:
    meter = make_meter()
    meter.record("acme", "api-calls", 1)
    server.behave = misbehaving.silent

    with pytest.raises(UnsentError, match="No answer from"):
        meter.flush(seconds=0.05)

    assert meter.stats().waiting == 1
    server.behave = misbehaving.well
    meter.flush()
    assert len(server.ledger.events) == 1


def test_what_another_run_left_in_the_spool_is_sent_by_the_next_one(
    server: Server, make_meter: MakeMeter
) -> None:
    first = make_meter()
    event_id = first.record("acme", "api-calls", 1)
    server.behave = misbehaving.unavailable
    first.close(seconds=0.02)
    server.behave = misbehaving.well

    make_meter().flush()

    assert server.ledger.ids() == [event_id]


def test_a_closed_meter_takes_nothing(make_meter: MakeMeter) -> None:
    meter = make_meter()
    meter.close()

    with pytest.raises(MeterClosedError):
        meter.record("acme", "api-calls", 1)


def test_memory_that_ends_with_events_in_it_is_an_error(
    server: Server, make_meter: MakeMeter
) -> None:
    meter = make_meter(spool=None)
    meter.record("acme", "api-calls", 1)
    server.behave = misbehaving.unavailable

    with pytest.raises(UnsentError):
        meter.close(seconds=0.02)


def test_a_rejected_event_of_a_meter_without_files_is_logged_whole(
    make_meter: MakeMeter, caplog: pytest.LogCaptureFixture
) -> None:
    meter = make_meter(spool=None)
    meter.record("nobody", "api-calls", 1, id="lost")
    meter.flush()

    assert '"id":"lost"' in caplog.text
    assert "customer_not_found" in caplog.text


def test_a_batch_at_which_the_server_fails_each_time_is_sent_but_for_what_it_fails_at(
    server: Server, make_meter: MakeMeter
) -> None:
    def behave(events: list[Event], ledger: Ledger) -> Answer:
        is_first = "3" in {event["id"] for event in events} and len(ledger.events) < 9
        return misbehaving.broken(events, ledger) if is_first else misbehaving.well(events, ledger)

    meter = make_meter()
    for number in range(10):
        meter.record("acme", "api-calls", 1, id=str(number))
    server.behave = behave

    meter.flush()

    assert server.ledger.ids()[-1] == "3"
    assert len(server.ledger.events) == 10


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_callback_that_ends_its_thread_ends_no_sending(
    server: Server, make_meter: MakeMeter, spool: Path
) -> None:
    told: list[Reject] = []

    def leave(reject: Reject) -> None:
        told.append(reject)
        if len(told) == 1:
            raise SystemExit

    meter = make_meter(background=True, on_reject=leave)
    meter.record("nobody", "api-calls", 1, id="lost")
    eventually(lambda: len(told), lambda count: count == 1, seconds=60)
    eventually(lambda: meter._thread, lambda thread: not (thread and thread.is_alive()), seconds=60)

    meter.record("acme", "api-calls", 1, id="found")

    eventually(server.ledger.ids, lambda ids: ids == ["found"], seconds=60)
    assert {str(reject["event"]["id"]) for reject in rejects_of(spool)} == {"lost"}  # type: ignore[index]


def test_a_flush_without_time_that_has_sent_everything_is_no_error(
    server: Server, make_meter: MakeMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_route, "_REQUEST_SECONDS_MIN", 40.0)
    meter = make_meter()
    event_id = meter.record("acme", "api-calls", 1)

    meter.flush(seconds=0)

    assert server.ledger.ids() == [event_id]


def test_a_closed_meter_tells_how_it_ended(server: Server, make_meter: MakeMeter) -> None:
    with make_meter() as meter:
        meter.record("acme", "api-calls", 1)
    other = make_meter()
    other.record("acme", "api-calls", 1)
    server.behave = misbehaving.unavailable
    other.close(seconds=0)

    assert (meter.stats().waiting, meter.stats().counts.accepted) == (0, 1)
    assert (other.stats().waiting, other.stats().recorded) == (1, 1)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SSL_CERT_FILE", "/nowhere/certificates"), ("ALL_PROXY", "gopher://nowhere")],
    ids=["certificates", "proxy"],
)
def test_connections_that_cannot_be_made_are_said_aloud_and_lose_nothing(
    server: Server,
    make_meter: MakeMeter,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
) -> None:
    meter = make_meter()
    event_id = meter.record("acme", "api-calls", 1)
    with monkeypatch.context() as mistaken:
        mistaken.setenv(variable, value)
        with pytest.raises(UnsentError, match=r"1 events are not sent yet: \w+Error"):
            meter.flush(seconds=60)

    meter.flush()

    assert server.ledger.ids() == [event_id]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"full": "drop"}, "full is 'raise' or 'block'"),
        ({"url": "billing.example"}, "is no address"),
        ({"url": "https://billing..example"}, "is no address"),
        ({"api_key": ""}, "the API key is empty"),
    ],
    ids=["full", "scheme", "host", "key"],
)
def test_a_meter_that_could_never_send_is_not_made(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    good: dict[str, Any] = {"url": "https://billing.example", "api_key": "key"}
    with pytest.raises(ValueError, match=said):
        Meter(**good | changed, spool=tmp_path / "spool")
