"""Books that do not verify stop the closing of their customer alone, and say so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from billing.domain.ledger import Imbalance
from billing.domain.records import RecordId
from billing.services import system_status
from billing.services.close_days import keep_imbalance
from billing.services.closing_work import Closer, imbalances_in
from billing.services.handing_out import do_handed_out
from billing.storage import day_keys, keys
from billing.storage.items import Key
from tests.support.books import Books
from tests.support.closing import assert_days_add_up, close, days_of, to_close, wallet_of
from tests.support.faults import Faults, meanwhile, on
from tests.support.keeper import Keeper
from tests.support.queue import WorkQueueInMemory
from tests.support.watching import look
from tests.support.write_units import Meter
from tools.costs import counted

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Forgery:
    """What somebody who can write to the tables changes, and what is said of it."""

    key: Callable[[Books], Key]
    attribute: str
    value: Any
    fault: str
    table: str = "ledger"


def entry(_books: Books) -> Key:
    """Name the second entry."""
    return keys.entry("acme", 2)


def record(books: Books) -> Key:
    """Name the record that the third entry settles."""
    return keys.record(RecordId.parse(str(books.records()[0].id)))


FORGERIES = {
    "hash": Forgery(
        entry, "hash", {"S": "f" * 64}, "the content of entry 2 does not match its hash"
    ),
    "number": Forgery(entry, "seq", {"N": "7"}, "entry 2 is missing"),
    "sum": Forgery(
        entry,
        "balanceCents",
        {"N": "999"},
        "entry 2 has a balance that is not the sum of the entries",
    ),
    "missing": Forgery(entry, "", None, "entry 2 is missing"),
    "record": Forgery(
        record,
        "amountCents",
        {"N": "1"},
        "entry 3 is not what record acme~0~1 was settled by",
        "accounts",
    ),
    "missing-record": Forgery(
        record, "", None, "entry 3 settles record acme~0~1, which is missing", "accounts"
    ),
    "wallet": Forgery(
        lambda _books: keys.wallet("acme"),
        "balanceCents",
        {"N": "999"},
        "the wallet balance is not the sum of the entries",
        "accounts",
    ),
}


def forge(books: Books, forgery: Forgery) -> Callable[[], None]:
    """Change an item behind the back of the system; returns what puts it back."""
    table = {"ledger": books.tables.ledger, "accounts": books.tables.accounts}[forgery.table]
    key: Any = {name: {"S": value} for name, value in forgery.key(books).items()}
    before = books.client.get_item(TableName=table, Key=key)["Item"]
    if forgery.value is None:
        books.client.delete_item(TableName=table, Key=key)
    else:
        books.client.put_item(TableName=table, Item={**before, forgery.attribute: forgery.value})
    return lambda: books.client.put_item(TableName=table, Item=before) and None


def begin(books: Books) -> None:
    """Begin with three entries of one customer, and one of another."""
    books.customer("globex")
    books.credit(5, customer_id="globex")
    books.credit(100, key="first")
    books.credit(200, key="second")
    books.use(7)
    books.bill()


@pytest.fixture
def meter(books: Books, keeper: Keeper) -> Meter:
    """Count what the books cost from here on."""
    return Meter(books.client, keeper.plain_client())


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_stops_the_closing_of_its_customer_alone(books: Books, forgery: Forgery) -> None:
    begin(books)
    put_back = forge(books, forgery)

    report = close(books)

    [imbalance] = report.imbalances
    assert (imbalance.customer_id, imbalance.fault) == ("acme", forgery.fault)
    assert (report.failures, report.remaining) == ((), 0)
    assert [day.closing_cents for day in days_of(books, "globex")] == [5]
    assert "acme" in to_close(books), "the next run looks again"
    assert look(books).imbalances == [imbalance]
    put_back()
    assert close(books).imbalances == ()
    assert look(books).imbalances == []
    assert wallet_of(books.stores).is_added_up
    assert_days_add_up(books.stores, "acme", "globex")


def test_a_wallet_that_was_put_back_behind_its_days_is_found(books: Books) -> None:
    begin(books)
    close(books)
    behind = Forgery(lambda _books: keys.wallet("acme"), "seq", {"N": "2"}, "", "accounts")
    forge(books, behind)

    [imbalance] = close(books).imbalances

    assert imbalance.fault == "the wallet does not stand at the head of the chain"


def test_what_verifies_before_a_forgery_is_added(books: Books) -> None:
    begin(books)
    forge(books, FORGERIES["hash"])

    assert close(books).entries_added == 2
    assert wallet_of(books.stores).checkpoint.seq == 1


def test_a_day_that_was_changed_is_found_when_it_goes_on(books: Books) -> None:
    begin(books)
    close(books)
    day = Forgery(
        lambda books: day_keys.day("acme", days_of(books)[0].date, 0),
        "closingCents",
        {"N": "1"},
        "",
        "accounts",
    )
    forge(books, day)
    books.credit(1, key="more")

    [imbalance] = close(books).imbalances

    assert imbalance.fault == "day 2026-01-15 does not end where entries were last added to it"


def find(books: Books, forgery: str = "hash") -> Callable[[], None]:
    """Have a closing run find a forgery; returns what puts the books right again."""
    begin(books)
    put_back = forge(books, FORGERIES[forgery])
    close(books)
    return put_back


@pytest.mark.on_dynamodb_local
def test_an_imbalance_is_kept_from_when_it_was_found_first(books: Books) -> None:
    find(books)
    [first] = look(books).imbalances
    books.clock.advance(3600)

    assert close(books).imbalances == (first,)

    assert look(books).imbalances == [first]
    assert first.found_at == books.clock() - timedelta(hours=1)


def test_another_fault_takes_the_place_of_the_first_and_not_its_time(books: Books) -> None:
    put_back = find(books)
    [first] = look(books).imbalances
    put_back()
    forge(books, FORGERIES["missing"])
    books.clock.advance(3600)

    close(books)

    assert look(books).imbalances == [replace(first, fault="entry 2 is missing")]


def test_an_imbalance_that_lasts_costs_no_write(books: Books, meter: Meter) -> None:
    find(books)
    meter.restart()

    close(books)

    # The lease alone.
    assert meter.write == 2


def test_books_that_verify_again_cost_no_write_more(books: Books, meter: Meter) -> None:
    put_back = find(books)
    put_back()
    meter.restart()

    close(books)

    # The lease, a page of entries, and the place in the list of imbalances that the wallet leaves.
    assert meter.write == 2 + counted.CLOSING_PAGE_WRITE_UNITS + 1


def test_a_wallet_that_is_put_right_is_off_the_list_with_the_next_look(books: Books) -> None:
    """Nothing is to be added, and the day is not over: there is nothing else to write."""
    begin(books)
    close(books)
    assert wallet_of(books.stores).is_added_up
    table, key = books.tables.accounts, {"pk": {"S": "CUSTOMER#acme"}, "sk": {"S": "WALLET"}}
    setting: Any = {"TableName": table, "Key": key, "UpdateExpression": "SET balanceCents = :cents"}
    right = {"N": str(books.balance_cents())}
    books.client.update_item(**setting, ExpressionAttributeValues={":cents": {"N": "999"}})
    assert len(close(books).imbalances) == 1
    assert len(look(books).imbalances) == 1

    books.client.update_item(**setting, ExpressionAttributeValues={":cents": right})
    close(books)

    assert look(books).imbalances == []
    assert "acme" in to_close(books)


def test_whoever_closes_the_day_takes_the_imbalance_away_in_the_same_write(
    books: Books, faults: Faults
) -> None:
    """Died in between, the wallet would stand under it where no run looks again."""
    put_back = find(books)
    put_back()
    books.clock.advance(DAY_SECONDS)
    calls = faults.count(lambda: close_as_handed_out(books))

    assert "acme" not in to_close(books)
    assert look(books).imbalances == []
    assert calls > 1


def close_as_handed_out(books: Books) -> None:
    """Close the days of the customer, as a message of the queue asks."""
    closer = Closer(books.stores, books.clock)
    queue = WorkQueueInMemory()
    do_handed_out({"message": ("acme",)}, worker=closer, queue=queue)


def test_the_queue_finds_and_ends_an_imbalance_too(books: Books) -> None:
    begin(books)
    put_back = forge(books, FORGERIES["missing"])

    close_as_handed_out(books)
    assert [each.customer_id for each in look(books).imbalances] == ["acme"]
    put_back()
    close_as_handed_out(books)

    assert look(books).imbalances == []


def test_who_finds_a_fault_that_another_worker_saw_mended_leaves_no_imbalance(
    books: Books, faults: Faults
) -> None:
    """The other one closed the day: the wallet waits for nobody, and no run would look again."""
    begin(books)
    put_back = forge(books, FORGERIES["missing"])
    books.clock.advance(DAY_SECONDS)

    def mend_and_close() -> None:
        put_back()
        close_as_handed_out(books)

    # The wallet is read once more when the fault is kept.
    with faults.planned(on("GetItem", meanwhile(mend_and_close), occurrence=2)):
        report = close_as_found(books)

    assert report == ()
    assert look(books).imbalances == []


def close_as_found(books: Books) -> tuple[Imbalance, ...]:
    """Close the days of the customer, and tell what does not verify."""
    done = Closer(books.stores, books.clock).do("acme")
    return tuple(imbalances_in([done]))


def test_an_imbalance_is_kept_beside_a_posting(books: Books, faults: Faults) -> None:
    begin(books)
    forge(books, FORGERIES["missing"])

    def post() -> None:
        books.credit(1, key="meanwhile")

    with faults.planned(on("GetItem", meanwhile(post), occurrence=2)):
        [found] = close_as_found(books)

    assert look(books).imbalances == [found]
    assert books.balance_cents() == 294


def test_of_many_imbalances_those_found_last_are_listed(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system_status, "IMBALANCES_MAX", 2)
    for name in ("acme", "globex", "initech"):
        books.customer(name) if name != "acme" else None
        books.credit(5, customer_id=name)
        books.clock.advance(60)
        keep_imbalance(name, "entry 1 is missing", stores=books.stores, clock=books.clock)

    status = look(books)

    assert [each.customer_id for each in status.imbalances] == ["initech", "globex"]
    assert status.more_imbalances


def test_to_find_an_imbalance_costs_three_units_once(books: Books, meter: Meter) -> None:
    begin(books)

    def units(fault: str) -> int:
        meter.restart()
        assert keep_imbalance("acme", fault, stores=books.stores, clock=books.clock) is not None
        return meter.write

    assert units("entry 2 is missing") == 3
    assert units("entry 2 is missing") == 0
    # It keeps its place in the list.
    assert units("entry 1 is missing") == 2


def test_what_an_older_version_left_on_a_closed_wallet_is_not_told(books: Books) -> None:
    find(books)()
    key = {name: {"S": value} for name, value in keys.wallet("acme").items()}
    books.client.update_item(
        TableName=books.tables.accounts,
        Key=key,
        UpdateExpression="REMOVE closingFrom, dirtyPk, dirtySk",
    )

    assert look(books).imbalances == []
