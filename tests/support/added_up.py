"""Entries added to their days as the closing run does it, as many as a story wants."""

from billing.domain.days import by_day, settled_records
from billing.domain.times import day_of
from billing.storage.closings import DayPage
from tests.support.books import Books


def add_up(books: Books, *, customer_id: str = "acme", entries_max: int = 10_000) -> None:
    """Add the next entries of a customer to their days."""
    stores = books.stores
    wallet = stores.wallets.get(customer_id)
    assert wallet is not None
    if wallet.is_added_up:
        return
    first = wallet.checkpoint.seq + 1
    last = min(wallet.seq, wallet.checkpoint.seq + entries_max)
    entries = list(stores.ledger.oldest_first(customer_id, first_seq=first, last_seq=last))
    found = stores.records.get_many(settled_records(entries))
    for added in by_day(entries, {str(record.id): record for record in found.values()}):
        before = stores.days.get(customer_id, added.date)
        shard = stores.reports.shard(added.date, customer_id)
        page = DayPage(before, added.added_to(before), added.totals, shard)
        moved = wallet.added_up_to(added.last, added.date, today=day_of(books.clock()))
        wallet = stores.closings.add(page, wallet, moved)
        assert wallet is not None
