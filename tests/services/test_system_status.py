"""How the system is: what ran last and what it did, who owes, and what lies in the queues."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from billing.domain.counts import Count
from billing.domain.customers import Mode
from billing.domain.errors import UnavailableError
from billing.domain.runs import Job, JobState, LastRun
from billing.services import system_status
from billing.services.process_logs import LogsRun
from billing.services.rounds import LEASE_SECONDS
from billing.services.run_billing import RunReport, charge_everybody
from billing.services.system_status import QueueDepth
from billing.storage import keys
from billing.storage.walks import Position
from tests.services.billing_run.running import run
from tests.support.books import Books
from tests.support.closing import close
from tests.support.faults import (
    KILLED_BEFORE,
    THROTTLED,
    Faults,
    ProcessKilledError,
    always,
    from_call,
    meanwhile,
    on,
)
from tests.support.keeper import Keeper
from tests.support.logs import Bucket, array, line
from tests.support.watching import look
from tests.support.write_units import KB, Meter, item_size

NONE = Count(0, more=False)


@pytest.fixture
def meter(books: Books, keeper: Keeper) -> Meter:
    """Count what the books cost from here on."""
    return Meter(books.client, keeper.plain_client())


def last(books: Books, job: Job = Job.BILLING) -> LastRun:
    """Read what the last run of a job did."""
    found = look(books).jobs[job].last_run
    assert found is not None
    return found


@pytest.mark.on_dynamodb_local
def test_a_new_deployment_has_run_nothing_and_counts_nobody(books: Books) -> None:
    status = look(books)

    assert status.jobs == dict.fromkeys(Job, JobState())
    assert (status.customers, status.suspended, status.retrying, status.failed) == (NONE,) * 4
    assert (status.imbalances, status.more_imbalances) == ([], False)
    assert status.at == books.clock()


@pytest.mark.on_dynamodb_local
def test_a_run_leaves_what_it_did_and_when(books: Books, faults: Faults) -> None:
    books.product()
    books.customer()
    books.use(3)
    began = books.clock()
    with faults.planned(on("TransactWriteItems", meanwhile(lambda: books.clock.advance(2)))):
        run(books)

    kept = last(books)

    assert (kept.started_at, kept.ended_at) == (began, books.clock())
    assert {name: count for name, count in kept.counts.items() if count} == {
        "tabs_found": 1,
        "tabs_settled": 1,
        "records_paid": 1,
    }
    assert {"remaining", "failed", "tabs_enqueued"} < kept.counts.keys()
    assert not look(books).jobs[Job.BILLING].is_running
    assert look(books).jobs[Job.CLOSING].last_run is None


def test_every_job_leaves_what_it_did(books: Books) -> None:
    books.product()
    books.customer()
    books.credit(100)
    bucket = Bucket(books)
    bucket.put(array([line(), line("nobody")]))

    charge_everybody(books.dunning, "retries", books.deadline())
    close(books)
    bucket.find()

    assert last(books, Job.RETRIES).counts["customers_found"] == 0
    assert last(books, Job.CLOSING).counts["entries_added"] == 1
    assert last(books, Job.LOGS).counts == {"files_found": 1, "files_overdue": 0, "remaining": 0}


@pytest.mark.on_dynamodb_local
def test_reading_logs_by_hand_tells_what_became_of_lines(books: Books) -> None:
    books.product()
    books.customer()
    bucket = Bucket(books)
    bucket.put(array([line(), line("nobody")]))

    def read_meanwhile(_seconds: float) -> None:
        for _, file_id in bucket.queue.deliver():
            bucket.ingester().read(file_id)

    LogsRun(bucket.finder(), read_meanwhile, books.deadline()).run()

    counts = last(books, Job.LOGS).counts
    assert (counts["files_done"], counts["accepted"], counts["rejected"]) == (1, 1, 1)


@pytest.mark.on_dynamodb_local
def test_a_look_for_logs_that_ended_earlier_does_not_replace_a_later_one(books: Books) -> None:
    bucket = Bucket(books)
    bucket.find()
    later = last(books, Job.LOGS)

    books.clock.advance(-60)
    bucket.find()

    assert last(books, Job.LOGS) == later


def fail(books: Books, faults: Faults) -> None:
    """Run, and meet a fault that lasts."""
    with faults.planned(always(THROTTLED, operation="Query")), pytest.raises(UnavailableError):
        run(books, owner="failing")


def die(books: Books, faults: Faults) -> None:
    """Run, and die with the lease."""
    with faults.planned(from_call(3, KILLED_BEFORE)), pytest.raises(ProcessKilledError):
        run(books, owner="dying")


def lose_the_lease(books: Books, faults: Faults) -> None:
    """Run so slowly that another run takes over, which is still at work."""

    def sleep_too_long() -> None:
        books.clock.advance(LEASE_SECONDS)
        leases = books.stores.leases
        assert leases.take(Job.BILLING, "next", now=books.clock(), seconds=60) is not None

    with faults.planned(on("Query", meanwhile(sleep_too_long))):
        run(books, owner="slow")


@pytest.mark.parametrize("end", [fail, die, lose_the_lease])
def test_a_run_that_does_not_end_well_leaves_what_the_last_one_did(
    books: Books, faults: Faults, end: Callable[[Books, Faults], None]
) -> None:
    run(books)
    before = last(books)
    books.product()
    books.customer()
    books.use(1)
    books.clock.advance(60)

    end(books, faults)

    assert last(books) == before


def test_a_run_is_at_work_while_it_holds_a_lease_that_has_not_run_out(
    books: Books, faults: Faults
) -> None:
    seen: list[bool] = []

    def see() -> None:
        seen.append(look(books).jobs[Job.BILLING].is_running)

    with faults.planned(on("Query", meanwhile(see))):
        run(books)
    see()
    die(books, faults)
    see()
    books.clock.advance(LEASE_SECONDS)
    see()

    assert seen == [True, False, True, False]


def test_what_a_run_did_is_kept_without_a_unit_more(books: Books, meter: Meter) -> None:
    """The lease is taken and freed, and both were written before anything was kept there."""
    for _ in range(2):
        meter.restart()
        run(books)
        assert meter.write == 2


def test_a_lease_with_the_longest_positions_and_counts_stays_a_unit(books: Books) -> None:
    longest = "x" * 64
    tab = keys.tab(longest, 15) | keys.dirty(longest, 15)
    customer = keys.profile(longest) | keys.attention(longest, books.clock())
    positions = {"tabs": Position(15, tab), "customers": Position(15, customer)}
    counts = dict.fromkeys(RunReport().counted, 10**7)
    leases, now = books.stores.leases, books.clock()
    assert leases.take(Job.BILLING, books.new_id(), now=now, seconds=1) is not None
    owner = books.new_id()
    books.clock.advance(1)
    assert leases.take(Job.BILLING, owner, now=books.clock(), seconds=1) is not None

    leases.free(Job.BILLING, owner, positions, now=now, last_run=LastRun(now, now, counts))

    [item] = books.rows(books.tables.accounts)
    assert item_size(item) <= KB


def test_customers_and_records_are_counted_by_who_has_to_be_seen_to(books: Books) -> None:
    for name in ("acme", "globex", "initech"):
        books.customer(name, mode=Mode.PREPAID)
    books.charge(5, customer_id="acme")
    books.run_workflows()
    books.charge(5, customer_id="globex")

    status = look(books)

    assert (status.customers, status.suspended) == (Count(3, more=False), Count(1, more=False))
    assert (status.retrying, status.failed) == (Count(1, more=False), Count(1, more=False))


@pytest.mark.on_dynamodb_local
@pytest.mark.parametrize(("customers", "more"), [(3, False), (4, True)], ids=["at", "above"])
def test_counting_stops_at_its_bound_and_says_so(
    books: Books, monkeypatch: pytest.MonkeyPatch, customers: int, *, more: bool
) -> None:
    monkeypatch.setattr(system_status, "COUNT_MAX", 3)
    for number in range(customers):
        books.customer(f"customer-{number}", mode=Mode.PREPAID)
        books.charge(5, customer_id=f"customer-{number}")

    status = look(books)

    assert status.customers == Count(3, more=more)
    assert status.retrying == Count(3, more=more)


def test_queues_are_told_as_their_gauges_read(books: Books) -> None:
    work, dead = QueueDepth("settle", 3, 1), QueueDepth("closing", 2, 0)

    status = look(books, [work], [dead])

    assert (status.queues, status.dead_letters) == ([work], [dead])


def test_to_look_costs_half_a_unit_a_partition_and_writes_nothing(
    books: Books, meter: Meter, measured: Callable[[str, Decimal | int, str], None]
) -> None:
    run(books)
    meter.restart()

    look(books)

    # Three lists of four partitions here and sixteen elsewhere, customers, imbalances, three
    # leases and the search for log files.
    of_partitions = 3 * keys.PARTITIONS
    measured("a look at a system without customers, read units", meter.read, "no budget")
    assert meter.read * 2 == of_partitions + 1 + 1 + 3 + 1
    assert meter.write == 0


def test_a_thousand_customers_are_counted_in_seventeen_units(books: Books) -> None:
    """By the entry of one whose id is a UUID; what is counted is read, a unit for 8 KB."""
    books.customer("0198f0c6-7c1e-7cc4-b4a6-0f3b2c1d4e5f")
    entry = next(
        {name: row[name] for name in ("pk", "sk", "listPk", "listSk")}
        for row in books.rows(books.tables.accounts)
        if row.get("listPk", {}).get("S") == keys.USERS_LIST
    )

    assert round(1000 * item_size(entry) / (8 * KB)) == 17


def test_a_lease_of_before_runs_were_kept_tells_of_none(books: Books) -> None:
    leases = books.stores.leases
    leases.take(Job.CLOSING, "older", now=books.clock(), seconds=60)
    leases.free(Job.CLOSING, "older", now=books.clock())

    assert look(books).jobs[Job.CLOSING] == JobState()
