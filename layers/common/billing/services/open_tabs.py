"""Find the tab that a customer's usage is recorded on, and another one where that is in the way."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from billing.domain.errors import CustomerNotFoundError
from billing.domain.seals import is_worth_a_look
from billing.domain.tabs import SHARDS_MAX, OpenTab, TabRef
from billing.domain.times import Clock
from billing.services.tab_numbers import TabNumbers
from billing.storage.stores import Stores
from billing.storage.usage import Refusal, TabFault


@dataclass(frozen=True, slots=True)
class OpenTabs:
    """The open tab of each customer, as remembered, and as refusals correct that."""

    stores: Stores
    tab_numbers: TabNumbers
    clock: Clock
    random_below: Callable[[int], int] = random.randrange

    def open(self, first: TabRef, events: int) -> OpenTab:
        """Return the tab to record so many events on: `first`, unless another one is remembered.

        Raises CustomerNotFoundError where the customer has none.
        """
        customer_id = first.customer_id
        now, interval = self.clock(), self.tab_numbers.interval
        seen = self.tab_numbers.recall(customer_id, now=now)
        if seen is not None and not is_worth_a_look(seen, events, now=now, interval=interval):
            return seen.tab
        ref = first if seen is None else seen.tab.ref
        tabs = self.stores.tabs
        # An eventually consistent read costs half; only a customer just made needs the other.
        tab = tabs.look(ref, consistent=False) or tabs.look(ref, consistent=True)
        if tab is None:
            raise CustomerNotFoundError(customer_id)
        self.tab_numbers.remember(tab, now=now)
        return tab

    def look_again(self, tab: OpenTab, refusal: Refusal) -> None:
        """Correct what this container believes about the customer's tab, from a refusal.

        Raises CustomerNotFoundError where the customer is gone.
        """
        customer_id = tab.ref.customer_id
        match refusal.tab:
            case TabFault.NONE:
                return
            case TabFault.MISSING:
                self.tab_numbers.forget(customer_id)
                raise CustomerNotFoundError(customer_id)
            case TabFault.CROWDED:
                self._move(tab)
            case OpenTab(is_full=True, is_held=is_held):
                if is_held:
                    # Nobody would settle it before a day is over.
                    self.stores.tabs.release(tab.ref)
                self._move(tab)
            case OpenTab() as open_tab:
                self.tab_numbers.remember(open_tab, now=self.clock())

    def _move(self, tab: OpenTab) -> None:
        """Move to another tab shard of the customer, making it on first use.

        So a hot customer spreads over more items by itself, and a quiet one keeps one tab.
        """
        customer_id = tab.ref.customer_id
        step = 1 + self.random_below(SHARDS_MAX - 1)
        ref = TabRef(customer_id, (tab.ref.shard + step) % SHARDS_MAX)
        tabs = self.stores.tabs
        other = tabs.look(ref, consistent=True)
        if other is None:
            if not tabs.make_shard(ref):
                raise CustomerNotFoundError(customer_id)
            other = tabs.look(ref, consistent=True) or OpenTab(ref, 1)
        self.tab_numbers.remember(other, now=self.clock())
