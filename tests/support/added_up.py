"""Entries added to their days as the closing run does it, as many as a story wants."""

from itertools import groupby

from billing.domain.days import begin_day, settled_records, totals_of
from billing.domain.times import day_of
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
    entries = stores.ledger.oldest_first(customer_id, first_seq=first, last_seq=last)
    for on, some in groupby(entries, lambda entry: day_of(entry.posted_at)):
        added = list(some)
        found = stores.records.get_many(settled_records(added))
        totals = totals_of(added, {str(record.id): record for record in found.values()})
        before = stores.days.get(customer_id, on)
        after = (before or begin_day(added[0])).with_entries(added, totals)
        shard = stores.reports.shard(on, customer_id)
        moved = wallet.added_up_to(after.after, on, today=day_of(books.clock()))
        stores.dynamo.transact(
            [
                stores.wallets.changing(wallet, moved),
                *stores.days.adding(before, after),
                *stores.reports.adding(shard, totals),
            ]
        )
        wallet = stores.wallets.get(customer_id)
        assert wallet is not None
