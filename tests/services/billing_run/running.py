"""Runs and settles as the stories of the billing run do."""

from typing import Any

from boto3.dynamodb.types import TypeSerializer

from billing.domain.deadline import Deadline
from billing.domain.records import BillingRecord
from billing.domain.tabs import TabRef
from billing.services.handing_out import HandedOut, WorkQueue, do_handed_out
from billing.services.run_billing import BillingRun, RunReport
from billing.services.settle_tab import settle_tab
from billing.services.work import Billed, Biller, Work
from billing.storage import keys
from billing.storage.tabs import new_tab
from tests.support.books import Books
from tests.support.queue import WorkQueueInMemory

TAB = TabRef("acme", 0)


def run(
    books: Books,
    *,
    owner: str = "run",
    queue: WorkQueue[Work] | None = None,
    deadline: Deadline | None = None,
) -> RunReport:
    """Run now, and report failures instead of raising them."""
    return BillingRun(books.dunning, owner, deadline or books.deadline(), queue).run()


def settle(books: Books, tab: TabRef = TAB) -> list[BillingRecord]:
    """Settle one tab, as a message of the queue does."""
    return settle_tab(tab, dunning=books.dunning)


def consume(books: Books, queue: WorkQueueInMemory) -> HandedOut[Work, Billed]:
    """Do what is handed out, as the queue's function does; messages that failed are left out."""
    return do_handed_out(queue.take(), worker=Biller(books.dunning), queue=queue)


def dirty(books: Books) -> set[TabRef]:
    """Tell which tabs stand in the dirty index."""
    return books.dirty_tabs()


def mark_dirty(books: Books, customer_id: str) -> None:
    """Put the tab of a customer into the dirty index, be there such a customer or not."""
    item: dict[str, Any] = new_tab(customer_id, 0) | keys.dirty(customer_id, 0)
    typed = {name: TypeSerializer().serialize(value) for name, value in item.items()}
    books.client.put_item(TableName=books.tables.accounts, Item=typed)
