"""The lines of the file that is read, and what must come of them."""

from collections.abc import Mapping
from typing import Any

from billing.domain.logfiles import FileState
from billing.services.ingest_logs import LEASE_SECONDS
from tests.support.books import Books
from tests.support.faults import Call, Fault, Plan
from tests.support.logs import Bucket, array, line

LINES = [
    line(quantity=1),
    line(quantity=2, id="named"),
    line(quantity=-3),
    line(1, quantity=4),
    line(quantity=2, id="named"),
    line(quantity=6, id="named"),
    line("nobody"),
    line(quantity=8),
]


OUTCOMES = {"accepted": 4, "duplicate": 1, "conflict": 1, "rejected": 2}


def restart(books: Books) -> None:
    """Start anew behind a crash: nothing remembered, and the leases of the dead run out."""
    books.restart_container()
    books.clock.advance(LEASE_SECONDS + 1)


def check(books: Books, bucket: Bucket) -> None:
    """Check that the file is read as if nothing had happened."""
    file = bucket.tally()
    assert (file.state, file.reason, file.position) == (FileState.DONE, None, len(LINES))
    assert bucket.outcomes() == OUTCOMES
    assert [problem.line for problem in bucket.problems()] == [3, 6, 7]
    books.bill()
    assert (books.balance_cents("acme"), books.balance_cents("1")) == (-11, -4)
    books.assert_sound("acme")
    books.assert_sound("1")


def put_fresh(bucket: Bucket, number: int) -> str:
    """Put a file there whose lines are like the others, and whose names are its own."""
    key = f"incoming/{number:03d}"
    bucket.stored.clear()
    lines = [each | ({"id": f"named-{number}"} if "id" in each else {}) for each in LINES]
    bucket.put(array(lines), key)
    return key


def check_fresh(bucket: Bucket, key: str) -> None:
    """Check that such a file is read as if nothing had happened."""
    assert bucket.tally(key).state is FileState.DONE
    assert bucket.outcomes(key) == OUTCOMES
    assert [problem.line for problem in bucket.problems(key)] == [3, 6, 7]


def tally_in(call: Call) -> Mapping[str, Any]:
    """Give the tally that a call writes; nothing where it writes none."""
    for write in call.body.get("TransactItems", []):
        item: Mapping[str, Any] = write.get("Put", {}).get("Item", {})
        if "sizeBytes" in item:
            return item
        given = write.get("Update", {}).get("ExpressionAttributeValues", {})
        if ":sizeBytes" in given:
            return {name.removeprefix(":"): value for name, value in given.items()}
    return {}


def at_counts(fault: Fault) -> Plan:
    """Strike where the lines of a batch are counted."""

    def counts(call: Call) -> bool:
        tally = tally_in(call)
        read = (tally.get("position"), tally.get("attempts"))
        return bool(tally) and read[0] != {"N": "0"} and read[1] == {"N": "0"}

    return lambda call: fault if counts(call) else None
