"""Many callers of one wallet come through as fast as one, and each in its turn.

Played on a clock of its own, by two stores that are not the same: DynamoDB, which refuses whoever
meets a transaction under way, and an emulator, in which everybody waits for everybody. What one
call takes in either was measured; what is shown holds for ratios.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import pytest

from billing.services.retrying import turn_seconds

SECONDS = 15.0

# Seconds to wait; what is sent back is nothing.
type Steps[Result] = Generator[float, None, Result]


@dataclass
class Play:
    """Runs callers side by side, each until its next wait."""

    random: random.Random
    now: float = 0.0
    waited: list[float] = field(default_factory=list)
    tries: int = 0

    def run(self, callers: list[Steps[None]]) -> None:
        """Run every caller to its end."""
        order = itertools.count()
        due = [(self.random.uniform(0, 0.01), next(order), caller) for caller in callers]
        heapq.heapify(due)
        while due:
            self.now, _, caller = heapq.heappop(due)
            for seconds in itertools.islice(caller, 1):
                heapq.heappush(due, (self.now + seconds, next(order), caller))

    def about(self, seconds: float) -> float:
        """Vary a time by a third, either way."""
        return seconds * self.random.uniform(0.7, 1.3)


@dataclass
class DynamoDb:
    """Cancels a transaction that meets another one, or a wallet that is not the one read."""

    play: Play
    version: int = 0
    held: bool = False

    def request(self) -> Steps[None]:
        """Come in through gateway and function."""
        yield self.play.about(0.006)

    def read(self) -> Steps[int]:
        """Read the wallet."""
        yield self.play.about(0.002)
        version = self.version
        yield self.play.about(0.002)
        return version

    def post(self, seen: int) -> Steps[tuple[bool, int | None]]:
        """Post to the wallet; where it had changed, the refusal shows it as it stands."""
        yield self.play.about(0.003)
        if self.held:
            yield self.play.about(0.003)
            return False, None
        if self.version != seen:
            version = self.version
            yield self.play.about(0.003)
            return False, version
        self.held = True
        yield self.play.about(0.004)
        self.held, self.version = False, self.version + 1
        yield self.play.about(0.003)
        return True, None


@dataclass
class Emulator:
    """Serves one request after another, and so do the processors of the functions."""

    play: Play
    version: int = 0
    free_at: dict[str, float] = field(default_factory=dict)

    def served(self, server: str, seconds: float) -> float:
        """Stand in a server's queue; tells how long until it is done."""
        begins = max(self.play.now, self.free_at.get(server, 0.0))
        self.free_at[server] = begins + self.play.about(seconds)
        return self.free_at[server] - self.play.now

    def request(self) -> Steps[None]:
        """Come in through gateway and function."""
        yield self.served("emulator", 0.006)
        yield self.served("functions", 0.006)

    def read(self) -> Steps[int]:
        """Read the wallet."""
        yield self.served("functions", 0.002)
        yield self.served("emulator", 0.002)
        return self.version

    def post(self, seen: int) -> Steps[tuple[bool, int | None]]:
        """Post to the wallet; where it had changed, the refusal shows it as it stands."""
        yield self.served("functions", 0.002)
        yield self.served("emulator", 0.004)
        if self.version != seen:
            return False, self.version
        self.version += 1
        return True, None


type Store = DynamoDb | Emulator


def caller(play: Play, store: Store) -> Steps[None]:
    """Credit again and again, as credit_wallet does, until the time is over."""
    while play.now < SECONDS:
        came = play.now
        yield from store.request()
        began = play.now
        seen = yield from store.read()
        for lost in itertools.count(1):
            play.tries += 1
            done, shown = yield from store.post(seen)
            if done:
                break
            bound = turn_seconds(lost, play.now - began)
            if bound > 0:
                yield play.random.uniform(0, bound)
            began = play.now
            seen = shown if shown is not None and bound == 0 else (yield from store.read())
        play.waited.append(play.now - came)


def played(make_store: Callable[[Play], Store], callers: int, seed: int) -> Play:
    """Let so many callers credit one wallet."""
    play = Play(random.Random(seed))  # noqa: S311 - a play that is the same each time
    store = make_store(play)
    play.run([caller(play, store) for _ in range(callers)])
    return play


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("store", [DynamoDb, Emulator])
def test_sixteen_callers_are_as_fast_as_one(store: Callable[[Play], Store], seed: int) -> None:
    assert len(played(store, 16, seed).waited) >= len(played(store, 1, seed).waited)


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize(("store", "seconds"), [(DynamoDb, 1.7), (Emulator, 2.6)])
def test_nobody_waits_long_beside_fifteen_others(
    store: Callable[[Play], Store], seconds: float, seed: int
) -> None:
    """All of them take turns 16 at a time: a third of a second on average."""
    assert max(played(store, 16, seed).waited) < seconds


@pytest.mark.parametrize(("callers", "tries"), [(1, 1.0), (2, 2.0), (16, 5.0), (64, 30.0)])
def test_races_that_are_lost_are_not_many(callers: int, tries: float) -> None:
    """Each is paid for."""
    play = played(DynamoDb, callers, seed=1)

    assert play.tries <= tries * len(play.waited)


@pytest.mark.parametrize("store", [DynamoDb, Emulator])
def test_the_second_of_two_waits_for_the_first_and_no_longer(
    store: Callable[[Play], Store],
) -> None:
    alone, two = (played(store, callers, seed=1).waited for callers in (1, 2))

    assert len(two) > 1.3 * len(alone)
    assert sorted(two)[len(two) * 99 // 100] < 2 * max(alone)
