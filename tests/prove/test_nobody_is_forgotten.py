"""What a review proved to go wrong: each kind, in the smallest case and bound that shows it.

A case is searched up to a bound, not replayed call by call, so that it keeps its meaning when the
services change.
"""

from dataclasses import dataclass

import pytest

from tests.prove.explore import Bound, Search
from tests.prove.running import Case, Runner


@dataclass(frozen=True)
class Known:
    """A fault by its number in the review, or of its kind by a word, and where it shows."""

    number: int | str
    case: str
    bound: Bound
    words: str

    def __str__(self) -> str:
        """Name it in the id of a test."""
        return f"{self.number}-{self.words}"


KNOWN = (
    Known(1, "failed: top-up settle", Bound(1, 0), "a-tab-is-settled-beside-a-top-up"),
    Known(1, "crowded: top-up top-up", Bound(1, 0), "two-top-ups-at-once"),
    Known(1, "failed: settle top-up", Bound(0, 1), "a-stale-entry-of-the-index"),
    Known(3, "failed: activate", Bound(0, 0), "activation-overtakes-what-failed"),
    Known(3, "in-dunning: charge top-up", Bound(1, 0), "a-new-charge-overtakes-what-waits"),
    Known(3, "failed: activate activate", Bound(1, 0), "two-activations-at-once"),
    Known(4, "exhausted: top-up give-up", Bound(0, 1), "giving-up-beside-money"),
    Known(4, "in-dunning: attempt top-up", Bound(1, 1), "enough-money-called-too-little"),
    Known(5, "stopped: charge activate", Bound(1, 0), "a-charge-on-an-outdated-profile"),
    Known(5, "paused: charge activate visit", Bound(1, 0), "and-whose-call-was-answered"),
    Known(5, "stopped: settle activate", Bound(1, 0), "a-tab-on-an-outdated-profile"),
    Known(6, "failed: credit top-up", Bound(1, 1), "a-visit-clears-the-mark-of-another"),
    Known(6, "called: top-up retry-all", Bound(1, 1), "a-credit-trusts-a-mark-that-goes"),
    Known(7, "empty: record delete", Bound(1, 1), "a-shard-made-beside-a-deletion"),
    Known("limit", "failed: limit", Bound(0, 1), "a-limit-that-covers-what-failed"),
    Known("part-paid", "broke: credit charge", Bound(0, 1), "money-pays-what-failed-and-no-more"),
    Known("limit", "exhausted: limit give-up", Bound(1, 1), "a-limit-beside-giving-up"),
    Known(1, "overdue: top-up settle", Bound(1, 0), "a-tab-of-a-day-is-settled-beside-a-top-up"),
    Known("listed", "lagging: credit", Bound(0, 1), "an-oldest-that-is-not-listed"),
    Known("held", "held: top-up", Bound(0, 1), "money-that-ends-a-suspension-releases-a-tab"),
    Known("held", "held: process limit", Bound(1, 0), "so-does-a-limit-beside-a-charge-by-hand"),
    Known("held", "rescued: settle visit", Bound(1, 0), "a-tab-held-by-an-outdated-profile"),
    Known("held", "failed: visit settle top-up", Bound(1, 0), "a-tab-held-while-a-visit-looks"),
    Known("held", "rescued: visit suspend", Bound(1, 1), "a-visit-beside-a-suspension"),
    Known("back", "money-back: settle", Bound(0, 1), "money-that-a-month-gives-back"),
    Known("back", "money-back: settle retry-all", Bound(1, 1), "a-visit-beside-money-given-back"),
    Known("void", "called: visit void", Bound(1, 1), "a-visit-beside-a-void"),
    Known("void", "spent: refund visit", Bound(1, 1), "a-visit-beside-a-refund"),
)


# The numbers whose mends are in: the search finds nothing there any more, and never again.
MENDED: frozenset[int | str] = frozenset(
    {1, 3, 4, 5, 6, 7, "limit", "part-paid", "listed", "held", "back", "void"}
)


@pytest.mark.parametrize("known", KNOWN, ids=str)
def test_nobody_is_forgotten_where_the_fault_is_mended(known: Known) -> None:
    search = Search(Runner(Case.parse(known.case)), known.bound)
    finding = next(search.go_on(lambda: False), None)

    assert (finding is None) == (known.number in MENDED), finding and finding.line
