"""A hot tab, or its hot place in the by-time index: the recorder goes where there is room."""

from collections.abc import Mapping
from typing import Any

import pytest

from billing.domain.errors import UnavailableError
from billing.domain.tabs import SHARDS_MAX
from tests.services.record_usage.results import ACCEPTED, DUPLICATE, error_of, outcomes
from tests.support.books import Books, event_in
from tests.support.faithful import refusal
from tests.support.faults import Call, Fault, Faults, Plan, cancellation

HOT, FULL = "KeyRangeThroughputExceeded", "AccountLimitExceeded"
ACCOUNTS, BY_TIME, BY_LOG = "accounts", "usage/index/by-time", "usage/index/by-log"


def reason(limit: str, place: str) -> Mapping[str, str]:
    """Name a limit and the table or index that met it, as DynamoDB does."""
    kind = "Index" if "/" in place else "Table"
    arn = f"arn:aws:dynamodb:eu-central-1:123456789012:table/{place}"
    return {"reason": f"{kind}Write{limit}", "resource": arn}


def whole(code: str, member: str, *reasons: Mapping[str, str]) -> Fault:
    """Throttle a request as a whole, for reasons in the member that the exception has for them."""
    content = {member: reasons} if reasons else {}
    return Fault(code, before=lambda _call: refusal(code, "Slow down", status=400, **content))


def by_position(position: int, code: str) -> Fault:
    """Throttle one write of a transaction; negative ones count from its end, which is the tab."""
    return Fault(code, before=lambda call: cancellation({position: code}, call))


def provisioned(*reasons: Mapping[str, str]) -> Fault:
    """Throttle as DynamoDB does where capacity was exceeded."""
    return whole("ProvisionedThroughputExceededException", "ThrottlingReasons", *reasons)


def throttling(*reasons: Mapping[str, str]) -> Fault:
    """Throttle by the other exception, which spells its member otherwise."""
    return whole("ThrottlingException", "throttlingReasons", *reasons)


def on_tab(shard: int, fault: Fault) -> Plan:
    """Strike all that is recorded on one tab shard."""
    return lambda call: fault if shard in shards_of(call) else None


def shards_of(call: Call) -> set[int]:
    """Tell the tab shards that a transaction records events on."""
    puts: list[Any] = [write.get("Put") for write in call.body.get("TransactItems", [])]
    keys = [put["Item"]["tabKey"]["S"] for put in puts if put and "tabKey" in put["Item"]]
    return {int(key.rpartition("#")[2]) for key in keys}


def tried(faults: Faults) -> list[int]:
    """Tell the tab shards that were tried, in order."""
    return [shard for call in faults.calls for shard in shards_of(call)]


HOT_FORMS = {
    "the-tab-in-a-cancellation": by_position(-1, "ThrottlingError"),
    "an-event-in-a-cancellation": by_position(0, "ThrottlingError"),
    "provisioned-in-a-cancellation": by_position(0, "ProvisionedThroughputExceeded"),
    "the-index-by-name": provisioned(reason(HOT, BY_TIME)),
    "the-table-of-tabs-by-name": throttling(reason(HOT, ACCOUNTS)),
    "the-index-among-others": throttling(reason(FULL, "usage"), reason(HOT, BY_TIME)),
    "nothing-by-name": throttling(),
}
ELSEWHERE_FORMS = {
    "a-quota-of-the-account": provisioned(reason(FULL, BY_TIME)),
    "the-index-of-log-files": throttling(reason(HOT, BY_LOG)),
    "the-table-of-events": provisioned(reason(HOT, "usage")),
}


@pytest.mark.parametrize("form", HOT_FORMS)
def test_usage_of_a_throttled_tab_goes_to_another(books: Books, faults: Faults, form: str) -> None:
    books.use(1)
    with faults.planned(on_tab(0, HOT_FORMS[form])):
        results = books.record([books.claim(2), books.claim(4)])
    stays = books.use(8)

    assert outcomes(results) == [ACCEPTED] * 2
    shards = {event_in(result).record_id.tab.shard for result in [*results, stays]}
    assert len(shards - {0}) == 1
    assert tried(faults).count(0) == 1
    books.bill()
    assert books.balance_cents() == -15
    books.assert_sound()


@pytest.mark.parametrize("form", ELSEWHERE_FORMS)
def test_what_no_other_tab_would_mend_is_waited_for(
    books: Books, faults: Faults, form: str
) -> None:
    """More tabs would cost more writes, and each a settle a minute, for nothing."""
    books.use(1)
    strikes = iter([ELSEWHERE_FORMS[form]] * 3)
    with faults.planned(lambda call: next(strikes, None) if shards_of(call) else None):
        books.use(2)

    assert tried(faults) == [0] * 4
    books.bill()
    assert books.balance_cents() == -3
    books.assert_sound()


@pytest.mark.parametrize("form", HOT_FORMS | ELSEWHERE_FORMS)
def test_whoever_is_throttled_waits_longer_each_time_and_gives_up_in_time(
    books: Books, faults: Faults, form: str
) -> None:
    fault = (HOT_FORMS | ELSEWHERE_FORMS)[form]
    books.use(1)
    books.monotonic.slept.clear()
    with faults.planned(lambda call: fault if shards_of(call) else None):
        [result] = books.record([books.claim(2)])

    assert isinstance(error_of(result), UnavailableError)
    tries = len(tried(faults))
    assert books.monotonic.slept[:3] == [0.025, 0.05, 0.1]
    assert len(books.monotonic.slept) == tries - 1
    assert sum(books.monotonic.slept) < books.patience_seconds
    assert (set(tried(faults)) == {0}) == (form in ELSEWHERE_FORMS)


def test_fifteen_hot_tabs_leave_the_sixteenth(books: Books, faults: Faults) -> None:
    steps = iter([0] * SHARDS_MAX)
    recorder = books.recorder(lambda _count: next(steps))
    with faults.planned(
        lambda call: HOT_FORMS["the-index-by-name"] if shards_of(call) - {15} else None
    ):
        [result] = recorder.record([books.claim(1)])

    assert event_in(result).record_id.tab.shard == 15
    assert tried(faults) == list(range(SHARDS_MAX))


@pytest.mark.parametrize("throttled", [1, 2], ids=["the-other-event", "the-tab"])
def test_a_duplicate_among_what_is_throttled_is_still_told(
    books: Books, faults: Faults, throttled: int
) -> None:
    known = books.claim(1, event_id="known")
    books.record([known])
    [row] = books.rows(books.tables.usage)
    reasons: list[Mapping[str, object]] = [{"Code": "None"}] * 3
    reasons[0] = {"Code": "ConditionalCheckFailed", "Item": row}
    reasons[throttled] = {"Code": "ThrottlingError"}
    both = Fault(
        "both",
        before=lambda _: refusal("TransactionCanceledException", "", CancellationReasons=reasons),
    )

    with faults.planned(on_tab(0, both)):
        results = books.record([known, books.claim(2)])

    assert outcomes(results) == [DUPLICATE, ACCEPTED]
    assert event_in(results[1]).record_id.tab.shard != 0
    books.assert_sound()
