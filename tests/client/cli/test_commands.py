"""Each command does one thing of the product, shows it on stdout, and tells by its exit code."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing.domain.api_keys import Scope
from tests.client.cli.conftest import Run
from tests.client.conftest import Product
from usage_billing import Billing
from usage_billing.cli.exits import Exit


def test_a_customer_is_made_shown_suspended_and_activated(run: Run) -> None:
    assert run("customer", "create", "shown", "--postpaid", "--name", "Shown Ltd").code == Exit.DONE
    assert "Shown Ltd" in run("customer", "list").data
    assert run("customer", "suspend", "shown", "--json").one["status"] == "suspended"
    assert run("customer", "activate", "shown", "--json").one["status"] == "active"
    shown = run("customer", "show", "shown", "--json").one
    assert (shown["availableCents"], shown["outstandingRecords"]) == (0, 0)
    assert "available" in run("customer", "show", "shown").data


def test_a_list_that_is_cut_says_so(run: Run, billing: Billing) -> None:
    for number in range(3):
        billing.create_customer(id=f"cut-{number}")
    cut = run("customer", "list", "--limit", "2", "--json")
    assert [it["id"] for it in cut.json] == ["cut-2", "cut-1"]
    assert cut.words == "There may be more: cut by --limit 2\n"
    assert "may be more" not in run("customer", "list").words


def test_a_customer_is_found(run: Run, billing: Billing) -> None:
    billing.create_customer(id="findable", email="find@example.com")
    billing.suspend_customer("findable")
    for option in (
        ("--status", "suspended"),
        ("--email", "find@example.com"),
        ("--id-prefix", "find"),
    ):
        assert "findable" in run("customer", "list", *option).data


def test_a_key_tells_whose_it_is(
    run: Run, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_API_KEY", product.key_with(Scope.USAGE_WRITE))
    assert run("whoami", "--json").one["scopes"] == ["usage:write"]
    assert "usage:write" in run("whoami").data
    assert "for usage:write" in run("doctor").data


def test_money_is_added_once_for_one_key(run: Run, billing: Billing) -> None:
    billing.create_customer(id="funds")
    added = run("funds", "add", "funds", "12.50", "--json")
    key = added.one["idempotencyKey"]

    again = run("funds", "add", "funds", "12.50", "--idempotency-key", key, "--json")

    assert key in added.words
    assert again.one == added.one
    assert billing.get_wallet("funds")["balanceCents"] == 1250


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "0.00",
        "-5",
        "+5",
        "0.001",
        "ten",
        "NaN",
        "Infinity",
        "1e3",
        "1_000",
        "1,000",
        " 5",
        "\N{ARABIC-INDIC DIGIT FIVE}",
    ],
)
def test_what_is_no_amount_is_refused(run: Run, amount: str) -> None:
    assert run("funds", "add", "acme", "--", amount).code == Exit.USAGE


def test_an_event_is_followed_to_its_hash(run: Run, billing: Billing) -> None:
    billing.create_customer(id="traced", mode="postpaid")
    billing.record_usage("traced", "api-calls", 250, id="followed")
    assert "not made yet" in run("usage", "trace", "traced", "followed").data

    assert run("jobs", "run", "billing", "--to-the-end").code == Exit.DONE

    traced = run("usage", "trace", "traced", "followed")
    [entry] = billing.list_ledger_entries("traced")
    assert entry["hash"] in traced.data
    assert "0.01 a unit" in traced.data
    billing.add_funds("traced", 100)
    assert run("usage", "trace", "traced", "followed", "--json").one["entry"] == entry


def test_an_event_is_corrected_and_voided(run: Run, billing: Billing) -> None:
    billing.create_customer(id="adjusted", mode="postpaid")
    billing.record_usage("adjusted", "api-calls", 250, id="too-many")

    corrected = run(
        "usage", "correct", "adjusted", "too-many", "25", "--reason", "A zero", "--json"
    )
    assert corrected.one["adjustments"][0]["reason"] == "A zero"
    billing.run_billing_job()
    assert billing.get_wallet("adjusted")["balanceCents"] == -25
    assert "25, adjusted" in run("usage", "trace", "adjusted", "too-many").data

    assert run("usage", "void", "adjusted", "too-many").code == Exit.DONE
    billing.run_billing_job()
    assert billing.get_wallet("adjusted")["balanceCents"] == 0
    assert run("usage", "correct", "adjusted", "too-many", "-1").code == Exit.USAGE


def test_a_month_is_stated(run: Run, billing: Billing) -> None:
    billing.create_customer(id="stated")
    billing.add_funds("stated", 1250)
    [entry] = billing.list_ledger_entries("stated")
    month = entry["postedAt"][:7]

    stated = run("statement", "stated", month, "--json").one

    assert (stated["openingCents"], stated["closingCents"]) == (0, 1250)
    assert "12.50" in run("statement", "stated", month).data
    before = f"{datetime.now(UTC):%Y-%m}-01"
    this_month = run("statement", "stated", "--json").one["firstDate"]
    assert this_month in {before, f"{datetime.now(UTC):%Y-%m}-01"}
    assert run("statement", "stated", "2026-13").code == Exit.REFUSED


def test_a_ledger_is_written_whole(run: Run, billing: Billing, tmp_path: Path) -> None:
    billing.create_customer(id="written")
    for number in range(3):
        billing.add_funds("written", 100, idempotency_key=f"key, {number}")
    file = tmp_path / "ledger.csv"

    as_csv = run("ledger", "export", "written")
    to_file = run("ledger", "export", "written", "--to", str(file))
    as_json = run("ledger", "export", "written", "--format", "ndjson")

    head, *rows = as_csv.data.splitlines()
    assert head.startswith("id,seq,kind,amountCents")
    assert '"key, 2"' in rows[0]
    assert file.read_text() == as_csv.data
    assert to_file.data == ""
    assert as_json.json == list(billing.list_ledger_entries("written"))
    assert run("ledger", "export", "written", "--to", str(file)).code == Exit.USAGE


def test_retries_are_shown_charged_voided_and_watched(run: Run, billing: Billing) -> None:
    billing.create_customer(id="owing")
    record = billing.charge_customer("owing", 700)["id"]

    # The workflow of these tests only stands still, so that the run is found and goes on.
    assert record in run("retries", "list", "--status", "running").data
    assert "insufficient_funds" in run("retries", "show", record).data
    assert run("retries", "charge", record).code == Exit.WRONG
    billing.add_funds("owing", 700)
    assert run("retries", "charge", record, "--json").one["outcome"] == "already_paid"

    billing.create_customer(id="forgiven")
    other = billing.charge_customer("forgiven", 700)["id"]
    assert run("retries", "void", other, "--reason", "Sorry").code == Exit.DONE
    assert billing.get_record(other)["status"] == "void"


def test_a_price_is_previewed(run: Run) -> None:
    of_product = run("prices", "preview", "api-calls", "0", "1000", "--json").one
    assert [it["amountCents"] for it in of_product["items"]] == ["0", "1000"]
    draft = json.dumps({"model": "flat", "unitPriceCents": "0.25"})
    assert "0.0025" in run("prices", "preview", draft, "1").data
    assert run("prices", "preview", "{", "1").code == Exit.USAGE


def test_jobs_are_run(run: Run) -> None:
    assert set(run("jobs", "run", "--json").one) == {
        "logs",
        "billing",
        "retries",
        "closing",
    }
    assert "billing tabsFound" in run("jobs", "run", "all").data


def test_log_files_are_shown(run: Run) -> None:
    assert run("logs", "show").words == "No log files\n"
    assert run("logs", "show", "nothing").code == Exit.REFUSED


def test_what_is_refused_says_why_on_stderr_alone(run: Run) -> None:
    refused = run("customer", "show", "nobody", "--json")
    assert (refused.code, refused.data) == (Exit.REFUSED, "")
    assert refused.words == "Customer nobody not found (customer_not_found)\n"


def test_a_key_comes_from_a_file_and_is_never_shown(
    run: Run, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BILLING_API_KEY")
    assert run("customer", "list").code == Exit.KEY
    file = tmp_path / "key"
    for text in (product.key, f"# made here\nexport BILLING_API_KEY={product.key}\n"):
        file.write_text(text)
        file.chmod(0o644)
        listed = run("customer", "list", "--key-file", str(file))
        assert listed.code == Exit.DONE
        assert "chmod 600" in listed.words
        assert product.key not in listed.data + listed.words
    file.write_text("two words")
    assert run("customer", "list", "--key-file", str(file)).code == Exit.USAGE
    assert run("customer", "list", "--key-file", str(tmp_path / "none")).code == Exit.USAGE


@pytest.mark.parametrize("key", ["ub_unknown", ""], ids=["unknown", "missing"])
def test_a_bad_key_has_an_exit_code_of_its_own(
    run: Run, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_API_KEY", key)
    refused = run("customer", "list")
    assert refused.code == Exit.KEY
    assert "ub_" not in refused.words


def test_a_key_without_the_scope_has_it_too(
    run: Run, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_API_KEY", product.key_with(Scope.USAGE_WRITE))
    refused = run("jobs", "run")
    assert refused.code == Exit.KEY
    assert "scope_missing" in refused.words


def test_no_address_is_a_fault_of_the_command_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BILLING_URL")
    assert run("customer", "list").code == Exit.USAGE
    assert run("customer", "list", "--url", "example.com").code == Exit.USAGE


def test_the_doctor_finds_nothing_wrong(run: Run) -> None:
    examined = run("doctor", "--json")
    assert examined.code == Exit.DONE
    assert {it["check"] for it in examined.json} == {"address", "API", "clock", "key"}


def test_the_doctor_says_what_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLING_API_KEY", "ub_unknown")
    assert "unknown or revoked" in run("doctor").data
    nowhere = run("doctor", "--url", "http://127.0.0.1:9")
    assert nowhere.code == Exit.WRONG
    assert "no answer" in nowhere.data
    for mistaken in ("billing.example", "https://billing..example"):
        assert "is no address" in run("doctor", "--url", mistaken).data


def test_what_is_no_address_is_told_in_a_sentence(run: Run) -> None:
    ran = run("whoami", "--url", "https://billing..example")
    assert (ran.code, ran.data) == (Exit.USAGE, "")
    assert "is no address" in ran.words


def test_certificates_that_cannot_be_read_are_told_in_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates")
    ran = run("whoami")
    assert ran.code == Exit.USAGE
    assert "SSL_CERT_FILE" in ran.words


def test_the_pages_for_people_are_opened(
    run: Run, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    shown = [run("open", "--json").one["url"], run("open", "docs", "--json").one["url"]]
    assert opened == shown == [f"{product.url}/console", f"{product.url}/docs"]


def test_pipes_have_no_colour_and_no_line_is_cut(run: Run, billing: Billing) -> None:
    name = "A name that is far too long for a terminal of eighty columns, " * 3
    billing.create_customer(id="long", name=name.strip())
    listed = run("customer", "list").data
    assert name.strip() in listed
    assert "\x1b" not in listed
