"""A newcomer bills a customer, breaks a charge, mends it, and reads the statement."""

import json
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.console import Console, new_id


def at(console: Console, customer_id: str, tab: str) -> None:
    """Go to a tab of a customer as a person does: by the list of customers."""
    console.page.get_by_role("link", name="Customers", exact=True).click()
    console.page.get_by_role("link", name=customer_id, exact=True).click()
    console.page.get_by_role("link", name=tab, exact=True).click()


def make_a_product_of_which_a_hundred_are_free(console: Console) -> str:
    """Make a product: each unit above a hundred costs 0.10."""
    product_id = new_id("searches")
    console.page.get_by_role("link", name="Products", exact=True).click()
    console.button("New product").click()
    console.dialog().get_by_label("Model").select_option("graduated")
    console.fill(id=product_id, name="Searches")
    for label, cents in {
        "Tier 1, up to": "100",
        "Tier 1, cents a unit": "0",
        "Tier 2, cents a unit": "10",
    }.items():
        console.dialog().get_by_label(label).fill(cents)
    console.send()
    expect(console.heading("Searches")).to_be_visible()
    expect(console.tile("1,000 units")).to_have_text("90.00")
    return product_id


def make_a_customer(console: Console) -> str:
    """Make a customer who pays beforehand, and give them 5.00."""
    customer_id = new_id("initech")
    console.page.get_by_role("link", name="Customers", exact=True).click()
    console.ask("New customer", id=customer_id, name="Initech")
    console.ask("Add funds", amount="5")
    expect(console.tile("Available")).to_have_text("5.00")
    return customer_id


def upload(console: Console, path: Path, *lines: dict[str, object]) -> None:
    """Upload usage and have it read."""
    now = datetime.now(UTC).isoformat()
    path.write_text("\n".join(json.dumps({"timestamp": now, **line}) for line in lines))
    console.page.get_by_role("link", name="Log files", exact=True).click()
    with console.page.expect_file_chooser() as chooser:
        console.button("Choose files").click()
    chooser.value.set_files(path)
    expect(console.page.get_by_label("Uploads")).to_contain_text("In the bucket")
    console.ask("Read now")
    expect(console.page.get_by_label("Uploads")).to_contain_text(f"{len(lines)} accepted")


def bill(console: Console) -> None:
    """Run billing."""
    console.page.get_by_role("link", name="Overview", exact=True).click()
    job = console.page.locator(".jobs li").filter(has_text="Bill what is recorded")
    job.get_by_role("button", name="Run now").click()
    console.send()
    expect(job.locator(".counts")).to_be_visible()


def sums_up(console: Console) -> None:
    """Check a statement as a person does: what it began with and its lines come to its end."""
    cells = console.page.get_by_role("region", name="Statement").locator("td.number:last-child")
    expect(cells.first).to_be_visible()
    lines = [round(100 * float(text)) for text in cells.all_inner_texts()]
    opening, closing = (
        round(100 * float(console.tile(name).inner_text()))
        for name in ("Opening balance", "Closing balance")
    )
    assert len(lines) >= 3
    assert opening + sum(lines) == closing


def test_a_newcomer_bills_breaks_mends_corrects_refunds_and_reads_the_statement(
    console: Console, tmp_path: Path
) -> None:
    console.open()
    product_id = make_a_product_of_which_a_hundred_are_free(console)
    customer_id = make_a_customer(console)

    line = {"userId": customer_id, "service": product_id}
    path = tmp_path / f"{new_id('usage')}.ndjson"
    upload(
        console, path, {**line, "id": "e1", "quantity": 100}, {**line, "id": "e2", "quantity": 60}
    )
    bill(console)

    console.page.get_by_role("link", name="Retries", exact=True).click()
    retry = console.page.get_by_role("row").filter(has_text=customer_id)
    expect(retry).to_contain_text("6.00")
    expect(retry).to_contain_text("failed")
    at(console, customer_id, "Money")
    chip = console.page.locator(".facts .chip")
    expect(chip).to_have_text("suspended")

    console.ask("Add funds", amount="10")
    expect(chip).to_have_text("active")
    expect(console.tile("Balance")).to_have_text("9.00")
    expect(console.tile("Pending")).to_have_text("0.00")

    console.page.get_by_role("link", name="Usage", exact=True).click()
    console.page.get_by_role("link", name="e2", exact=True).click()
    expect(console.page.locator(".timeline")).to_contain_text("paid")
    console.ask("Correct", units="40", reason="Counted twice")
    bill(console)
    at(console, customer_id, "Records")
    expect(console.tile("Balance")).to_have_text("11.00")

    console.page.get_by_role("row").filter(has_text="6.00").get_by_role(
        "button", name="Refund"
    ).click()
    console.fill(amount="1.50", reason="An outage")
    console.send()
    expect(console.tile("Balance")).to_have_text("12.50")

    console.page.get_by_role("link", name="Statement", exact=True).click()
    expect(console.tile("Closing balance")).to_have_text("12.50")
    sums_up(console)
    expect(console.tile("Proof")).to_contain_text("adds up")
