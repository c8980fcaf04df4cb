"""Whatever is asked in whatever order, the services do what a model of a few numbers says."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from billing.services.dunning import Step, StepOutcome
from tests.prove.flows import PREPAID, SMALLER, Process, is_refusal, new_world
from tests.prove.history import wrong_changes
from tests.prove.invariants import at_once
from tests.prove.model import Bill, ModelAccount, Refused
from tests.prove.rows import Customer, customers_of

NAMES = ("acme", "globex", "initech")
PRODUCTS = ("api-calls", "storage")
PRICE_NOTICE_SECONDS = 60

names = st.sampled_from(NAMES)
products = st.sampled_from(PRODUCTS)
cents = st.integers(1, 60)
# Few numbers, so that ids are used twice, with the same content and with other.
events = st.tuples(names, products, st.integers(1, 6), st.integers(1, 9))

type Event = tuple[str, str, int, int]


class AnyOrder(RuleBasedStateMachine):
    """Three customers and two products, through any order of everything that may be asked."""

    def __init__(self) -> None:
        """Begin with customers who owe and own nothing, and a container that goes on for ever."""
        super().__init__()
        self.world = new_world()
        self.container = self.world.process("container")
        self.processes = 0
        visit_max = SMALLER["billing.services.dunning.RECORDS_PER_VISIT_MAX"]
        self.accounts = {name: ModelAccount(visit_max) for name in NAMES}
        self.bills: dict[str, Bill] = {}
        self.recorded: dict[tuple[str, int], tuple[str, int]] = {}
        self.credits: dict[tuple[str, int], int] = {}
        self.prices = {product: [(self.now, Decimal("1.5"))] for product in PRODUCTS}
        for product in PRODUCTS:
            self.container.product(product, "1.5")
        for name in NAMES:
            self.container.customer(name, mode=PREPAID, retry_schedule_seconds=(1, 2))

    @property
    def now(self) -> float:
        """The time, in seconds."""
        return self.world.clock.now.timestamp()

    @property
    def process(self) -> Process:
        """A process of its own, which remembers nothing."""
        self.processes += 1
        return self.world.process(f"process-{self.processes}")

    def both(
        self, real: Callable[[], object], model: Callable[[], object], *, by_hand: bool = False
    ) -> None:
        """Do the same with the services and with the model; both refuse it, or none.

        By hand a record may be paid while an older one asks for money.
        """
        self.world.store.mark()
        assert is_refused(real) == is_refused(model)
        wrong = self.wrong_changes()
        assert [text for text in wrong if not (by_hand and " was paid before " in text)] == []
        self.check()
        self.world.clock.advance(1)

    @rule(batch=st.lists(events, min_size=1, max_size=4, unique_by=lambda event: event[:3:2]))
    def record(self, batch: list[Event]) -> None:
        """Record events: new ones, known ones, and others under known ids."""
        claims = [
            self.container.claim(units, customer_id=name, product_id=product, event_id=f"e{number}")
            for name, product, number, units in batch
        ]
        told: list[str] = []

        def real() -> None:
            results = self.container.recorder(lambda _below: 0).record(claims)
            told.extend(str(result.outcome) for result in results)

        def model() -> None:
            assert told == [self.use(*event) for event in batch]

        self.both(real, model)

    def use(self, name: str, product: str, number: int, units: int) -> str:
        """Record an event in the model, and tell what became of it."""
        content, key = (product, units), (name, number)
        if key in self.recorded:
            return "duplicate" if self.recorded[key] == content else "conflict"
        *_, (_, price) = (each for each in self.prices[product] if each[0] <= self.now)
        try:
            self.accounts[name].use(units * price, self.now)
        except Refused:
            return "rejected"
        self.recorded[key] = content
        return "accepted"

    @rule(name=names, amount=st.sampled_from([5, 30, 300]), number=st.integers(1, 8))
    def credit(self, name: str, amount: int, number: int) -> None:
        """Credit a wallet, also under a key that was used."""
        known = self.credits.get((name, number))

        def model() -> None:
            if known is None:
                self.accounts[name].credit(amount)
                self.credits[name, number] = amount
            elif known != amount:
                raise Refused

        process = self.process
        self.both(lambda: process.credit(amount, key=f"k{number}", customer_id=name), model)

    @rule(name=names, amounts=st.lists(cents, min_size=1, max_size=3))
    def charge(self, name: str, amounts: list[int]) -> None:
        """Raise charges by hand, one after another."""
        account = self.accounts[name]
        for amount in amounts:
            self.both(
                partial(self.process.charge, amount, customer_id=name),
                partial(account.charge, amount),
            )

    @precondition(lambda self: self.bills)
    @rule(data=st.data())
    def process_one(self, data: st.DataObject) -> None:
        """Charge any record by hand."""
        record_id = data.draw(st.sampled_from(sorted(self.bills)))
        account = self.accounts[record_id.partition("~")[0]]
        process = self.process
        self.both(
            lambda: process.process(record_id),
            lambda: account.process(self.bills[record_id]),
            by_hand=True,
        )

    @rule(name=names, limit=st.sampled_from([0, 100, 400]))
    def limit(self, name: str, limit: int) -> None:
        """Agree on a credit limit."""
        process = self.process
        self.both(lambda: process.limit(limit, name), lambda: self.accounts[name].limit(limit))

    @rule(name=names)
    def suspend(self, name: str) -> None:
        """Suspend by an operator's word."""
        process = self.process
        self.both(lambda: process.suspend(name), self.accounts[name].suspend)

    @rule(name=names)
    def activate(self, name: str) -> None:
        """Lift a suspension."""
        process = self.process
        self.both(lambda: process.activate(name), self.accounts[name].activate)

    @precondition(lambda self: self.recorded)
    @rule(name=names)
    def delete(self, name: str) -> None:
        """Delete a customer, if that may be."""
        process = self.process
        self.both(lambda: process.delete(name), self.accounts[name].delete)

    @rule(product=products, price=st.sampled_from(["0.25", "2", "7.5"]))
    def set_price(self, product: str, price: str) -> None:
        """Set a price, which is in force a minute later."""
        process, start = self.process, self.now + PRICE_NOTICE_SECONDS
        self.both(
            lambda: process.set_price(product, price),
            lambda: self.prices[product].append((start, Decimal(price))),
        )

    @precondition(lambda self: self.world.workflow.waiting)
    @rule()
    def step(self) -> None:
        """Let the workflow that waits the shortest make its attempt, or give up after the last."""
        process, start = self.process, self.world.workflow.next_to_wake()
        bill = self.bills[str(start.record_id)]
        account = self.accounts[start.record_id.customer_id]
        self.world.clock.advance(start.wait_seconds)
        steps: list[Step] = []
        self.both(lambda: steps.append(process.attempt(start)), lambda: account.attempt(bill))
        if steps[0].outcome is StepOutcome.EXHAUSTED:
            self.both(lambda: process.give_up(start), lambda: account.give_up(bill))

    @rule(seconds=st.sampled_from([30, 60, 90_000]))
    def run(self, seconds: int) -> None:
        """Let time pass, and run the billing run."""
        self.world.clock.advance(seconds)
        self.both(self.process.run, partial(self.everybody, ModelAccount.run))

    @rule(event=events)
    def minute(self, event: Event) -> None:
        """Let a minute pass as most do: something is used, and the run comes."""
        self.record([event])
        self.run(60)

    @rule()
    def retry_all(self) -> None:
        """Look at everybody who owes, or is called for."""
        self.both(self.process.retry_all, partial(self.everybody, ModelAccount.look))

    def everybody(self, act: Callable[[ModelAccount, float], None]) -> None:
        """Do something to every account of the model."""
        for account in self.accounts.values():
            act(account, self.now)

    def wrong_changes(self) -> list[str]:
        """Tell what is wrong with the changes of the last thing that was done."""
        store = self.world.store
        changes = [
            (table, change)
            for table in store.tables.values()
            for change in table.log[store.begun[table.name] :]
        ]
        return wrong_changes(changes, store, self.world.tables)

    def check(self) -> None:
        """Compare what is stored with the model, and look at the invariants."""
        store, tables = self.world.store, self.world.tables
        assert at_once(store, tables) == []
        for customer in customers_of(store, tables):
            account = self.accounts[customer.id]
            assert seen(customer) == expected(account)
            if not account.is_deleted:
                pending_cents = self.container.pending_cents(customer.id)
                assert pending_cents == account.pending_cents
            named = sorted(customer.records, key=lambda each: each["createdAt"])
            self.bills |= {
                each["recordId"]: bill for each, bill in zip(named, account.bills, strict=True)
            }


def is_refused(act: Callable[[], object]) -> bool:
    """Tell whether something is refused, by the services or by the model."""
    try:
        act()
    except Refused:
        return True
    except Exception as error:
        if not is_refusal(error):
            raise
        return True
    return False


def seen(customer: Customer) -> dict[str, object]:
    """Tell of the rows of a customer what the model tells too."""
    records = sorted(customer.records, key=lambda each: each["createdAt"])
    return {
        "status": customer.profile["status"],
        "suspended by": customer.profile.get("suspendedBy"),
        "balance": int(customer.wallet["balanceCents"]),
        "floor": int(customer.wallet["floorCents"]),
        "carry": customer.wallet["carryCents"],
        "records": [(int(each["amountCents"]), each["status"]) for each in records],
    }


def expected(account: ModelAccount) -> dict[str, object]:
    """Tell the same of the model."""
    return {
        "status": account.status,
        "suspended by": account.suspended_by,
        "balance": account.balance_cents,
        "floor": account.floor_cents,
        "carry": account.carry_cents,
        "records": [(bill.amount_cents, bill.status) for bill in account.bills],
    }


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    derandomize=True, database=None, deadline=None, max_examples=100, stateful_step_count=40
)
