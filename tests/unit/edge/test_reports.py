"""What a run did is counted under names that are true of it."""

import pytest

from billing.edge.reports import RunFailuresError, alarm_on_failures, count, report_run
from billing.services.retrying import Failure
from billing.services.run_billing import RunReport
from tests.support.metrics import metrics_in

# One tab of two and one customer of three failed, and one customer was not reached.
REPORT = RunReport(
    tabs_found=2,
    tabs_settled=1,
    customers_found=3,
    records_paid=4,
    failures=(
        Failure("the tab 0 of acme", ValueError("no luck")),
        Failure("globex", ValueError("no luck either")),
    ),
    remaining=1,
)


def test_failures_and_what_remains_are_of_the_run_and_not_of_tabs_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report_run(REPORT)
    assert metrics_in(capsys.readouterr().out) == {
        "TabsFound": 2,
        "TabsSettled": 1,
        "RunFailures": 2,
        "RunRemaining": 1,
        "RecordsPaid": 4,
    }


def test_what_did_not_happen_is_not_published(capsys: pytest.CaptureFixture[str]) -> None:
    count({"TabsFound": 0})
    assert capsys.readouterr().out == ""


def test_a_run_that_failed_at_anything_is_an_error_after_all_else_is_done() -> None:
    with pytest.raises(RunFailuresError, match="2 of 5 tabs and customers failed"):
        alarm_on_failures(REPORT)
    alarm_on_failures(RunReport(tabs_found=2, tabs_settled=2))
