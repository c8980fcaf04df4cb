"""Accounts as the documents promise them, in a few numbers: what the services are compared with.

Nothing here reads or writes: no calls for the run, no lists, no revisions. A run looks at everybody
here, so that whoever the services forget is told apart.
"""

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

A_DAY_SECONDS = 24 * 60 * 60


class Refused(Exception):  # noqa: N818 - it is an answer, as callers get it
    """What was asked for is refused, and nothing changed."""


@dataclass
class Bill:
    """A record: what it asks, and what became of it."""

    amount_cents: int
    status: str = "pending"

    @property
    def is_outstanding(self) -> bool:
        """Whether it still asks for money."""
        return self.status in {"pending", "retrying", "failed"}


@dataclass
class ModelAccount:
    """One customer: money, records oldest first, usage that is not billed, and a dunning.

    `is_called` matters only for whom an operator suspended: what is raised then waits for the next
    money, or for the operator, unless somebody was about to look already.
    """

    visit_max: int
    floor_cents: int = 0
    balance_cents: int = 0
    suspended_by: str | None = None
    is_deleted: bool = False
    bills: list[Bill] = field(default_factory=list)
    leader: Bill | None = None
    open_cents: Decimal = Decimal(0)
    opened_at: float | None = None
    is_held: bool = False
    carry_cents: Decimal = Decimal(0)
    is_called: bool = False

    @property
    def status(self) -> str:
        """The status, as callers see it."""
        if self.is_deleted:
            return "deleted"
        return "active" if self.suspended_by is None else "suspended"

    @property
    def is_charged_at_once(self) -> bool:
        """Whether a new record is tried at once."""
        return self.status == "active" and self.leader is None

    @property
    def outstanding(self) -> list[Bill]:
        """What is unpaid, oldest first."""
        return [bill for bill in self.bills if bill.is_outstanding]

    @property
    def pending_cents(self) -> int:
        """What is recorded or raised, and not paid."""
        shown = (self.open_cents + self.carry_cents).to_integral_value(ROUND_HALF_UP)
        return int(shown) + sum(bill.amount_cents for bill in self.outstanding)

    def covers(self, bill: Bill) -> bool:
        """Whether the money does for a bill."""
        return self.balance_cents - bill.amount_cents >= self.floor_cents

    def check_is_there(self) -> None:
        """Refuse who is deleted."""
        if self.is_deleted:
            raise Refused

    def use(self, exact_cents: Decimal, now: float) -> None:
        """Record usage."""
        self.check_is_there()
        self.open_cents += exact_cents
        self.opened_at = now if self.opened_at is None else self.opened_at

    def credit(self, amount_cents: int) -> None:
        """Post money; what is outstanding is paid with it, as much as one visit does."""
        self.check_is_there()
        self.balance_cents += amount_cents
        if self.outstanding:
            self.is_called = True
            self.visit()

    def limit(self, credit_limit_cents: int) -> None:
        """Agree on a credit limit; a lower floor is as good as money."""
        self.check_is_there()
        fell = -credit_limit_cents < self.floor_cents
        self.floor_cents = -credit_limit_cents
        if fell and self.outstanding:
            self.is_called = True
            self.visit()

    def charge(self, amount_cents: int) -> None:
        """Raise a bill by hand."""
        self.check_is_there()
        self._raise(Bill(amount_cents))

    def suspend(self) -> None:
        """Suspend by an operator's word."""
        self.check_is_there()
        self.suspended_by = "operator"

    def activate(self) -> None:
        """Lift a suspension, and begin anew with what waited."""
        self.check_is_there()
        self.is_called = self.is_called or self.suspended_by is not None
        self.suspended_by = None
        if self.is_called and self.leader is None:
            self.visit()

    def delete(self) -> None:
        """Delete who owes nothing and is owed nothing."""
        self.check_is_there()
        if self.balance_cents or self.outstanding or self.opened_at is not None:
            raise Refused
        self.is_deleted = True

    def process(self, bill: Bill) -> None:
        """Charge a bill by hand, also one that failed."""
        if not bill.is_outstanding or not self.covers(bill):
            return
        self._pay(bill)
        if self.is_called and self.leader is None:
            self.visit()

    def attempt(self, bill: Bill) -> None:
        """Make an attempt of the dunning that a bill leads, if it does."""
        if bill.status != "retrying":
            return
        while self._charge_outstanding() and bill.is_outstanding:
            pass
        if not bill.is_outstanding:
            self._go_on()

    def give_up(self, bill: Bill) -> None:
        """End a dunning whose attempts are made: by the money that is there, or without it."""
        if bill.status != "retrying":
            return
        if self.covers(bill):
            self._pay(bill)
            return
        bill.status, self.leader = "failed", None
        self.is_called = len(self.outstanding) > 1 and self.balance_cents > self.floor_cents
        self.suspended_by = self.suspended_by or "dunning"

    def visit(self) -> bool:
        """Look at the customer once; tells whether another visit has something to do."""
        more = self._charge_outstanding()
        if self.leader is not None or more:
            return more
        return self._go_on()

    def run(self, now: float) -> None:
        """Settle what is to be settled, and visit."""
        is_old = self.opened_at is not None and now - self.opened_at >= A_DAY_SECONDS
        if self.opened_at is not None and (is_old or self.is_charged_at_once):
            self._settle()
        self.is_held = self.opened_at is not None
        self.look(now)

    def look(self, _now: float) -> None:
        """Visit until nothing is left to do, and settle what was held meanwhile."""
        if self.suspended_by == "operator" and not self.is_called:
            return
        while self.visit():
            pass
        if self.is_charged_at_once:
            self.is_called = bool(self.outstanding)
            if self.is_held:
                self._settle()

    def _settle(self) -> None:
        exact = self.open_cents + self.carry_cents
        whole = exact.to_integral_value(ROUND_FLOOR)
        self.open_cents, self.carry_cents = Decimal(0), exact - whole
        self.opened_at, self.is_held = None, False
        self._raise(Bill(int(whole)))

    def _raise(self, bill: Bill) -> None:
        waits = bool(self.outstanding)
        self.bills.append(bill)
        if bill.amount_cents == 0:
            bill.status = "paid"
        elif self.is_charged_at_once and not waits:
            self._pay_or_lead(bill)

    def _pay_or_lead(self, bill: Bill) -> bool:
        if self.covers(bill):
            self._pay(bill)
            return True
        bill.status, self.leader = "retrying", bill
        return False

    def _pay(self, bill: Bill) -> None:
        self.balance_cents -= bill.amount_cents
        bill.status = "paid"
        if self.leader is bill:
            self.leader, self.is_called = None, True
        if not self.outstanding and self.suspended_by == "dunning":
            self.suspended_by = None

    def _charge_outstanding(self) -> bool:
        listed = self.outstanding
        for bill in listed[: self.visit_max]:
            if not self.covers(bill):
                return False
            self._pay(bill)
        return len(listed) > self.visit_max

    def _go_on(self) -> bool:
        if self.leader is not None:
            return False
        oldest = next(iter(self.outstanding), None)
        if self.is_charged_at_once:
            return oldest is not None and self._pay_or_lead(oldest)
        if oldest is None or not self.covers(oldest):
            self.is_called = False
        return False
