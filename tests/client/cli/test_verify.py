"""`billing ledger verify` finds what was done to a ledger behind the product's back."""

from tests.client.cli.conftest import Run
from tests.client.conftest import Product
from tests.support.moto_books import plain_client
from usage_billing import Billing
from usage_billing.cli.exits import Exit


def tamper(product: Product, customer: str, seq: int) -> None:
    """Add a cent to an entry, as only somebody beside the product could."""
    client = plain_client()
    found = client.query(
        TableName=product.books.tables.ledger,
        KeyConditionExpression="pk = :customer AND begins_with(sk, :entries)",
        ExpressionAttributeValues={":customer": {"S": customer}, ":entries": {"S": "ENTRY#"}},
    )["Items"]
    item = found[seq - 1]
    item["amountCents"] = {"N": str(int(item["amountCents"]["N"]) + 1)}
    client.put_item(TableName=product.books.tables.ledger, Item=item)


def test_ledgers_are_proven_one_or_all(run: Run, billing: Billing) -> None:
    for customer in ("sound-1", "sound-2"):
        billing.create_customer(id=customer)
        for number in range(3):
            billing.add_funds(customer, 100, idempotency_key=str(number))

    [one] = run("ledger", "verify", "sound-1", "--json").json
    everybody = run("ledger", "verify", "--all", "--json")

    served = billing.verify_ledger("sound-1")
    assert (one["ok"], one["headHash"]) == (True, served["headHash"])
    assert everybody.code == Exit.DONE
    assert {"sound-1", "sound-2"} <= {it["customerId"] for it in everybody.json}


def test_a_deleted_customer_is_in_no_list_and_proven_by_id(run: Run, billing: Billing) -> None:
    billing.create_customer(id="left", mode="postpaid")
    billing.add_funds("left", 100)
    billing.charge_customer("left", 100, idempotency_key="last")
    billing.delete_customer("left")

    [one] = run("ledger", "verify", "left", "--json").json
    everybody = run("ledger", "verify", "--all", "--json")

    assert (one["ok"], one["entries"]) == (True, 2)
    assert "left" not in {it["customerId"] for it in everybody.json}
    assert "deleted" in run("ledger", "verify", "--help").data


def test_a_head_is_shown_whole_where_it_is_asked_for(run: Run, billing: Billing) -> None:
    billing.create_customer(id="shown")
    billing.add_funds("shown", 100)
    head = billing.verify_ledger("shown")["headHash"]

    assert head in run("ledger", "verify", "shown").data
    everybody = run("ledger", "verify", "--all").data
    assert f"{head[:16]}…" in everybody
    assert head not in everybody


def test_a_head_that_was_kept_is_looked_for(run: Run, billing: Billing) -> None:
    billing.create_customer(id="kept")
    billing.add_funds("kept", 100)
    kept = billing.verify_ledger("kept")["headHash"]
    billing.add_funds("kept", 100)

    assert run("ledger", "verify", "kept", "--contains", kept).code == Exit.DONE
    assert run("ledger", "verify", "kept", "--contains", "f" * 64).code == Exit.WRONG


def test_whose_ledger_must_be_said(run: Run) -> None:
    assert run("ledger", "verify").code == Exit.USAGE
    assert run("ledger", "verify", "acme", "--all").code == Exit.USAGE
    assert run("ledger", "verify", "--all", "--contains", "f" * 64).code == Exit.USAGE


def test_an_entry_that_was_changed_is_found_among_all(
    run: Run, billing: Billing, product: Product
) -> None:
    billing.create_customer(id="tampered")
    for number in range(3):
        billing.add_funds("tampered", 100, idempotency_key=str(number))
    tamper(product, "tampered", seq=2)

    one = run("ledger", "verify", "tampered")
    everybody = run("ledger", "verify", "--all")

    assert (one.code, everybody.code) == (Exit.WRONG, Exit.WRONG)
    assert "entry 2 was changed" in one.data
    assert everybody.words.endswith("Not proven: tampered\n")
