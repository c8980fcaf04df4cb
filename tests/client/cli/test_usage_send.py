"""Every event of a file counts once, however often and in however many pieces the file is sent."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.cli.conftest import Ran, Run
from usage_billing import Billing, UnreadableAnswerError
from usage_billing.cli.exits import CommandError, Exit
from usage_billing.cli.sender import record
from usage_billing.cli.sending import Event


def events(customer: str, count: int, **more: object) -> list[dict[str, object]]:
    """Make events of one unit each, a second apart, without ids."""
    return [
        {
            "customerId": customer,
            "productId": "api-calls",
            "units": 1,
            "occurredAt": f"2026-01-31T09:{number // 60:02}:{number % 60:02}Z",
            **more,
        }
        for number in range(count)
    ]


def ndjson(found: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(event) + "\n" for event in found).encode()


def table(found: list[dict[str, object]]) -> bytes:
    names = list(found[0])
    rows = [",".join(str(event[name]) for name in names) for event in found]
    return "\n".join([",".join(names), *rows, ""]).encode()


def array(found: list[dict[str, object]]) -> bytes:
    return json.dumps(found, indent=1).encode()


def counts(sent: Ran) -> dict[str, int]:
    return {name: count for name, count in sent.one.items() if count}


def billed_cents(billing: Billing, customer: str) -> int:
    billing.run_billing_job()
    return -billing.get_wallet(customer)["balanceCents"]


def plain(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


@pytest.mark.parametrize("packed", [plain, gzip.compress])
@pytest.mark.parametrize("written", [ndjson, array, table])
def test_a_file_of_any_kind_is_sent(
    run: Run,
    billing: Billing,
    tmp_path: Path,
    written: Callable[[list[dict[str, object]]], bytes],
    packed: Callable[[bytes], bytes],
) -> None:
    customer = f"{written.__name__}-{packed.__name__}"
    billing.create_customer(id=customer, mode="postpaid")
    file = tmp_path / f"{customer}.txt"
    file.write_bytes(packed(written(events(customer, 30))))

    sent = run("usage", "send", str(file), "--json")

    assert (sent.code, counts(sent)) == (Exit.DONE, {"lines": 30, "accepted": 30})
    assert billed_cents(billing, customer) == 30


def test_a_file_that_is_sent_again_adds_nothing_and_what_was_added_to_it_counts(
    run: Run, billing: Billing, tmp_path: Path
) -> None:
    billing.create_customer(id="again", mode="postpaid")
    file = tmp_path / "again.ndjson"
    file.write_bytes(ndjson(events("again", 10)))
    run("usage", "send", str(file))
    file.write_bytes(ndjson(events("again", 15)))

    sent = run("usage", "send", str(file), "--json")

    assert counts(sent) == {"lines": 15, "accepted": 5, "duplicate": 10}
    assert billed_cents(billing, "again") == 15


def test_stdin_is_sent_under_the_name_of_its_source(run: Run, billing: Billing) -> None:
    billing.create_customer(id="piped", mode="postpaid")
    timeless = [{"customerId": "piped", "productId": "api-calls", "units": 1}] * 3
    for _ in range(2):
        sent = run("usage", "send", "-", "--source", "shift 7", typed=ndjson(timeless))
        assert sent.code == Exit.DONE
    assert billed_cents(billing, "piped") == 3


def test_a_line_that_nothing_tells_from_another_one_is_not_sent(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "today.ndjson"
    file.write_bytes(ndjson([{"customerId": "acme", "productId": "api-calls", "units": 1}]))
    sent = run("usage", "send", str(file))
    assert sent.code == Exit.WRONG
    assert "--source" in sent.words


def test_parts_of_units_keep_their_digits(run: Run, billing: Billing, tmp_path: Path) -> None:
    billing.create_product("Parts", id="parts", unit_price_cents="100", unit_decimals=6)
    billing.create_customer(id="parts", mode="postpaid")
    file = tmp_path / "parts.ndjson"
    line = b'{"id": "%d", "customerId": "parts", "productId": "parts", "units": 0.1}\n'
    file.write_bytes(b"".join(line % number for number in range(3)))
    assert run("usage", "send", str(file)).code == Exit.DONE
    assert billed_cents(billing, "parts") == 30


def test_a_bad_line_stops_nothing_and_is_kept_with_its_reason(
    run: Run, billing: Billing, tmp_path: Path
) -> None:
    billing.create_customer(id="bad", mode="postpaid")
    good, other = events("bad", 2)
    lines = [
        json.dumps(good),
        "{no JSON",
        '{"units": 1, "units": 2}',
        "[1]",
        json.dumps({**other, "customerId": "nobody"}),
        json.dumps({**other, "units": 0}),
        json.dumps(other),
    ]
    file, kept = tmp_path / "bad.ndjson", tmp_path / "kept.ndjson"
    file.write_text("\n".join(lines))

    sent = run("usage", "send", str(file), "--problems", str(kept), "--json")

    assert sent.code == Exit.WRONG
    assert counts(sent) == {"lines": 7, "accepted": 2, "rejected": 5}
    problems = [json.loads(line) for line in kept.read_text().splitlines()]
    assert sorted(it["line"] for it in problems) == [2, 3, 4, 5, 6]
    assert "Customer nobody not found" in str(problems)


def test_lines_that_are_not_shown_are_counted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "all-bad.ndjson"
    file.write_bytes(ndjson(events("nobody", 12)))
    assert "and 2 more: --problems FILE" in run("usage", "send", str(file)).words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(ndjson(events("acme", 99)))[:-9], "cut off"),
        (array(events("acme", 3))[:-20], "element 3 is not JSON"),
        (b"{" + b" " * 70_000, "line 1 is longer"),
    ],
    ids=["gzip", "array", "line"],
)
def test_a_file_that_breaks_off_says_where(
    run: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "broken"
    file.write_bytes(content)
    sent = run("usage", "send", str(file))
    assert sent.code == Exit.USAGE
    assert words in sent.words
    assert "lines" in sent.data


def test_a_file_that_is_not_there_is_a_fault_of_the_command_line(run: Run, tmp_path: Path) -> None:
    assert run("usage", "send", str(tmp_path / "none")).code == Exit.USAGE
    folder = run("usage", "send", str(tmp_path))
    assert folder.code == Exit.USAGE
    assert "Is a directory" in folder.words


def test_what_could_not_be_recorded_just_now_is_sent_again() -> None:
    later = {"status": "rejected", "problem": {"code": "unavailable", "detail": "later"}}
    answers = [[{"status": "accepted"}, later], [{"status": "duplicate"}]]
    asked: list[list[object]] = []
    waits: list[float] = []

    class Server:
        def record_usage_batch(self, batch: list[dict[str, object]]) -> dict[str, object]:
            asked.append([event["id"] for event in batch])
            return {"results": answers.pop(0)}

    batch = [Event(1, {"id": "a"}), Event(2, {"id": "b"})]
    tally, troubles = record(Server(), batch, sleep=waits.append, chance=lambda: 1.0)  # type: ignore[arg-type]

    assert asked == [["a", "b"], ["b"]]
    assert (tally.counts, troubles, waits) == ({"accepted": 1, "duplicate": 1}, [], [1.0])


def test_what_cannot_be_recorded_for_long_ends_the_command() -> None:
    class Server:
        def record_usage_batch(self, batch: list[object]) -> dict[str, object]:
            later = {"status": "rejected", "problem": {"code": "unavailable"}}
            return {"results": [later] * len(batch)}

    with pytest.raises(CommandError) as caught:
        record(Server(), [Event(1, {"id": "a"})], sleep=lambda _: None)  # type: ignore[arg-type]
    assert caught.value.code == Exit.UNAVAILABLE


@pytest.mark.parametrize(
    "answer",
    [{}, {"results": None}, {"results": []}, {"results": ["accepted"]}, {"results": [{}]}],
    ids=["no results", "null", "too few", "no object", "no status"],
)
def test_an_answer_of_something_else_is_told_in_a_sentence(answer: dict[str, object]) -> None:
    class Proxy:
        def record_usage_batch(self, _: list[object]) -> dict[str, object]:
            return answer

    with pytest.raises(UnreadableAnswerError):
        record(Proxy(), [Event(1, {"id": "a"})])  # type: ignore[arg-type]


def test_a_key_that_is_refused_ends_the_command_with_a_true_summary(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_API_KEY", "ub_unknown")
    file = tmp_path / "refused.ndjson"
    file.write_bytes(ndjson(events("acme", 3)))
    sent = run("usage", "send", str(file), "--json")
    assert sent.code == Exit.KEY
    assert sent.one["lines"] == 0
