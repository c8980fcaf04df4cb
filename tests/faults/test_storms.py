"""A storm: every call may go wrong in any way, callers repeat, and the books end exact."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import pytest

from billing.domain.errors import CustomerExistsError, RunInProgressError, UnavailableError
from billing.services.read_balance import read_balance
from billing.services.record_usage import Refused
from billing.services.rounds import LEASE_SECONDS
from billing.services.verify_ledger import verify_ledger
from tests.support.books import Books
from tests.support.faults import (
    KILLED_AFTER,
    KILLED_BEFORE,
    PASSING,
    UNPROCESSED,
    Call,
    Fault,
    Faults,
    Plan,
    ProcessKilledError,
    always,
    on,
)
from tests.support.prices import VOLUME

CUSTOMERS = ("acme", "globex", "initech")


def storm(random: Random) -> Plan:
    """Strike a third of all calls, and kill the process at some of those."""

    def plan(_call: Call) -> Fault | None:
        if random.random() > 0.3:
            return None
        return random.choice([*PASSING, *PASSING, UNPROCESSED, KILLED_BEFORE, KILLED_AFTER])

    return plan


@dataclass
class Callers:
    """Repeat what they ask for, knowing nothing but that no answer came."""

    books: Books
    credited: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CUSTOMERS, 0))
    used: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CUSTOMERS, 0))
    used_of_month: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CUSTOMERS, 0))

    def join(self, name: str) -> None:
        """Become a customer; whoever is one already became it by a try whose answer was lost."""

        def act() -> None:
            with suppress(CustomerExistsError):
                self.books.customer(name)

        self._until_answered(act)

    def use(self, name: str, amounts: Sequence[int], of_month: int) -> None:
        """Record usage, the last of it counted by its month; a claim that could not be recorded in
        time is no answer.
        """
        claims = [self.books.claim(amount, customer_id=name) for amount in amounts]
        claims.append(self.books.claim(of_month, customer_id=name, product_id="volume"))

        def act() -> None:
            for result in self.books.record(claims):
                if isinstance(result, Refused):
                    raise result.error

        self._until_answered(act)
        self.used[name] += sum(amounts)
        self.used_of_month[name] += of_month

    def credit(self, name: str, amount_cents: int, key: str) -> None:
        """Credit a wallet."""
        self._until_answered(lambda: self.books.credit(amount_cents, key=key, customer_id=name))
        self.credited[name] += amount_cents

    def bill(self) -> None:
        """Run as the schedule does, which knows of no answer either."""
        self._until_answered(lambda: self.books.bill(owner=self.books.new_id()))

    def _until_answered(self, act: Callable[[], object]) -> None:
        for _ in range(100):
            try:
                act()
            except (UnavailableError, RunInProgressError):
                self.books.clock.advance(LEASE_SECONDS)
            except ProcessKilledError:
                self.books.restart_container()
            else:
                return
        raise AssertionError("no answer came in a hundred tries")


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_on_the_way_the_books_are_exact(
    books: Books, faults: Faults, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a storm that can be repeated, and no secret
    books.product("api-calls", "0.3")
    books.product("volume", VOLUME)
    callers = Callers(books)
    with faults.planned(storm(random)):
        for name in CUSTOMERS:
            callers.join(name)
        for number in range(20):
            name = random.choice(CUSTOMERS)
            amounts = [random.randrange(1, 1000) for _ in range(random.randrange(1, 4))]
            callers.use(name, amounts, random.randrange(1, 4))
            if number % 3 == 0:
                callers.credit(name, random.randrange(1, 1000), key=f"key-{number}")
            if number % 5 == 0:
                callers.bill()
    struck = len(faults.calls)

    books.clock.advance(LEASE_SECONDS)
    books.bill(owner="calm")
    assert struck > 100
    assert books.dirty_tabs() == set()
    for name in CUSTOMERS:
        books.assert_sound(name)
        of_month = int(VOLUME.amount(Decimal(callers.used_of_month[name])))
        used = callers.used[name] * 3 // 10 + of_month
        assert books.balance_cents(name) == callers.credited[name] - used
        proof = verify_ledger(name, cursor=None, stores=books.stores, deadline=books.deadline())
        assert proof.ok


def test_keys_left_unprocessed_are_read_again_and_shown(books: Books, faults: Faults) -> None:
    books.customer("acme")
    books.product()
    books.use(3)
    books.bill()

    # The first one reads the customer with their wallet, the second one the records.
    with faults.planned(on("BatchGetItem", UNPROCESSED, occurrence=2)):
        balance = read_balance("acme", limit=10, cursor=None, stores=books.stores)

    assert [billed.billed_at for billed in balance.usage.items] == [books.clock()]
    assert len([call for call in faults.calls if call.operation == "BatchGetItem"]) == 3


def test_keys_that_stay_unprocessed_are_unavailable_and_never_shown_as_unbilled(
    books: Books, faults: Faults
) -> None:
    books.customer("acme")
    books.product()
    books.use(3)
    books.bill()

    with faults.planned(always(UNPROCESSED)), pytest.raises(UnavailableError):
        read_balance("acme", limit=10, cursor=None, stores=books.stores)
