"""How DynamoDB says that it is throttled, and where.

A transaction is throttled in one of three forms (API reference of TransactWriteItems; developer
guide, "Diagnosing throttling"):

- cancelled, with a code at the place of each write that found no room, be it in its table or in an
  index of it: nothing says in which;
- refused as a whole, with `ThrottlingReasons` that name the limit and the table or index by ARN;
- refused as a whole without them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

THROTTLING_CODES = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException"})
THROTTLING_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})

# One exception spells the member so, the other so.
_MEMBERS = ("ThrottlingReasons", "throttlingReasons")

# The one limit that belongs to a key; all others are of a table, of an index or of the account.
_OF_A_KEY = "KeyRangeThroughputExceeded"

_TABLE, _INDEX = ":table/", "/index/"


@dataclass(frozen=True, slots=True)
class Place:
    """A table, or an index of it."""

    table: str
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Throttling:
    """The places whose keys are hot, None where DynamoDB names no place at all."""

    hot: Collection[Place] | None

    @classmethod
    def of(cls, error: ClientError) -> "Throttling":
        """Read what the refusal of a whole request says."""
        response: Mapping[str, Any] = error.response
        reasons: Sequence[Mapping[str, str]] = [
            reason for member in _MEMBERS for reason in response.get(member, ())
        ]
        if not reasons:
            return cls(None)
        places = [_place(it["resource"]) for it in reasons if it["reason"].endswith(_OF_A_KEY)]
        return cls(frozenset(places))

    def may_be_at(self, places: Collection[Place]) -> bool:
        """Tell whether keys in one of these places may be hot, so that other keys have room."""
        return self.hot is None or any(place in self.hot for place in places)


def _place(arn: str) -> Place:
    table, _, index = arn.partition(_TABLE)[2].partition(_INDEX)
    return Place(table, index or None)
