"""Closings: entries added to a day, to its report and to the checkpoint, in one transaction.

The checkpoint in the wallet and the days move together under the wallet's revision, so that
whatever dies or comes twice, an entry is added once.
"""

from dataclasses import dataclass, replace

from billing.domain.days import Day, Totals
from billing.domain.ledger import Wallet
from billing.storage.days import Days
from billing.storage.dynamo import Dynamo
from billing.storage.reports import Reports, ReportShard
from billing.storage.wallets import Wallets
from billing.storage.writes import TransactionCancelledError, Write


@dataclass(frozen=True, slots=True)
class DayPage:
    """Entries of one day: that day before and after them, what they come to, and the shard of the
    report that takes it.
    """

    before: Day | None
    after: Day
    totals: Totals
    shard: ReportShard


@dataclass(frozen=True, slots=True)
class Closings:
    """Writes what the closing run worked out."""

    dynamo: Dynamo
    wallets: Wallets
    days: Days
    reports: Reports

    def add(self, page: DayPage, before: Wallet, after: Wallet) -> Wallet | None:
        """Add entries to a day and move the checkpoint; returns the wallet as it stands then.

        None, with nothing written, where wallet, day or shard had changed.
        """
        adding = [
            *self.days.adding(page.before, page.after),
            *self.reports.adding(page.shard, page.totals),
        ]
        return self._write(adding, before, after)

    def close(self, before: Wallet, after: Wallet) -> Wallet | None:
        """Change the wallet alone, likewise."""
        return self._write([], before, after)

    def put_right(self, wallet: Wallet, day: Day, *, remove: bool = False) -> bool:
        """Put a day, built again, in the place of what is kept of it, or take that away; False,
        with nothing written, where the wallet had changed.
        """
        writes = self.days.removing(day) if remove else self.days.putting_right(day)
        try:
            self.dynamo.transact([self.wallets.unchanged(wallet), *writes])
        except TransactionCancelledError:
            return False
        return True

    def _write(self, writes: list[Write], before: Wallet, after: Wallet) -> Wallet | None:
        change = self.wallets.changing(before, after)
        try:
            self.dynamo.transact([change, *writes], retry_conflicts=False)
        except TransactionCancelledError:
            return None
        return replace(after, revision=before.revision + 1)
