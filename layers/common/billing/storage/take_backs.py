"""How the usage of a record is taken back: the record as a whole, or its events one by one.

Never both, which would give the same money back twice. Whoever takes back first decides, in a row
beside the record, which may not be there yet: an event may be adjusted before its tab is settled.
"""

from dataclasses import dataclass
from typing import Any

from billing.domain.records import RecordId
from billing.storage import keys
from billing.storage.dynamo import Dynamo
from billing.storage.writes import Update

WHOLE = "whole"
IN_PARTS = "in parts"

# Taken back by nobody yet, or in the same way; of two who come at once one comes first.
NOT_TAKEN_BACK_OTHERWISE = "attribute_not_exists(#pk) OR #taken = :taken"

_TAKE = "SET #taken = :taken"


@dataclass(frozen=True, slots=True)
class TakeBacks:
    """Keeps how records are taken back."""

    dynamo: Dynamo
    table: str

    def whole(self, record_id: RecordId) -> Update:
        """Return the write by which a record is taken back as a whole, and in no other way."""
        return self._taking(record_id, WHOLE)

    def in_parts(self, record_id: RecordId) -> Update:
        """Return the write by which a record is taken back event by event, likewise."""
        return self._taking(record_id, IN_PARTS)

    def is_in_parts(self, record_id: RecordId) -> bool:
        """Tell whether any event of a record was taken back, strongly consistent."""
        item = self.dynamo.get(self.table, keys.take_back(record_id))
        return item is not None and item["taken"] == IN_PARTS

    def _taking(self, record_id: RecordId, how: str) -> Update:
        values: dict[str, Any] = {":taken": how}
        key = keys.take_back(record_id)
        return Update(self.table, key, _TAKE, NOT_TAKEN_BACK_OTHERWISE, values)
