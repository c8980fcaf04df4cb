"""What was decided otherwise than by default, as people write it and as a schedule takes it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.prove.fates import DONE, Call, Fate, fates_of
from tests.prove.schedule import LETTERS, Schedule, by_default


@dataclass(frozen=True, slots=True)
class Decisions:
    """Who goes on, and what happens to a call, by the number of the call."""

    who: Mapping[int, str] = field(default_factory=dict)
    fate: Mapping[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Write them in order: `7>b` lets flow b go on at call 7, `9!died` kills at call 9."""
        parts = [(number, f"{number}>{letter}") for number, letter in self.who.items()]
        parts += [(number, f"{number}!{name}") for number, name in self.fate.items()]
        return " ".join(text for _, text in sorted(parts, key=lambda part: part[0]))

    @classmethod
    def parse(cls, text: str) -> "Decisions":
        """Read what `str` wrote."""
        who, fate = {}, {}
        for part in text.split():
            if ">" in part:
                number, _, letter = part.partition(">")
                who[int(number)] = letter
            else:
                number, _, name = part.partition("!")
                fate[int(number)] = name
        return cls(who, fate)

    def with_who(self, number: int, letter: str) -> "Decisions":
        """Decide who goes on at a call."""
        return Decisions({**self.who, number: letter}, self.fate)

    def with_fate(self, number: int, name: str) -> "Decisions":
        """Decide what happens to a call."""
        return Decisions(self.who, {**self.fate, number: name})

    def up_to(self, number: int) -> "Decisions":
        """Keep those that a schedule of so many calls came to."""
        return Decisions(
            {at: who for at, who in self.who.items() if at < number},
            {at: fate for at, fate in self.fate.items() if at < number},
        )

    def each_left_out(self) -> Iterator["Decisions"]:
        """Leave each decision to the default in turn."""
        for number in self.who:
            yield Decisions({k: v for k, v in self.who.items() if k != number}, self.fate)
        for number in self.fate:
            yield Decisions(self.who, {k: v for k, v in self.fate.items() if k != number})


@dataclass(slots=True)
class Replay:
    """Decides what was decided before; a decision that cannot be taken any more is left out."""

    decisions: Decisions

    def who(self, schedule: Schedule, able: Sequence[int]) -> int:
        """Choose as before."""
        wanted = self.decisions.who.get(schedule.number)
        if wanted is not None and LETTERS.index(wanted) in able:
            return LETTERS.index(wanted)
        return by_default(schedule, able)

    def fate(self, schedule: Schedule, call: Call) -> Fate:
        """Choose as before."""
        wanted = self.decisions.fate.get(schedule.number)
        if wanted is None:
            return DONE
        return next(
            (fate for fate in fates_of(schedule.world.store, call) if fate.name == wanted), DONE
        )
