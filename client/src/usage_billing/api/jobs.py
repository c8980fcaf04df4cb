"""The operations about jobs, each a function that makes its call.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_billing.calls import (
    Call,
    path,
)

if TYPE_CHECKING:
    from usage_billing.api import shapes


def run_logs_job() -> Call[shapes.LogsAnswer]:
    """Read what is new among the log files, now.

    `POST /jobs/process-logs`; the key needs the scope `admin`.
    """
    return Call("POST", path("/jobs/process-logs"), may_repeat=True)


def run_all_jobs() -> Call[shapes.AllJobsAnswer]:
    """Read the log files, bill what was recorded, charge everybody who owes, and close days, now.

    `POST /jobs/process-all`; the key needs the scope `admin`.
    """
    return Call("POST", path("/jobs/process-all"), may_repeat=True)


def run_retries_job() -> Call[shapes.RetriesAnswer]:
    """Charge everybody whose dunning runs or whose money waits, now.

    `POST /jobs/process-retries`; the key needs the scope `admin`.
    """
    return Call("POST", path("/jobs/process-retries"), may_repeat=True)


def run_billing_job() -> Call[shapes.JobAnswer]:
    """Bill everything recorded, now.

    `POST /jobs/process-billing`; the key needs the scope `admin`.
    """
    return Call("POST", path("/jobs/process-billing"), may_repeat=True)


def run_closing_job() -> Call[shapes.ClosingAnswer]:
    """Add what was posted to its days, and close those that are over, now.

    `POST /jobs/close`; the key needs the scope `admin`.
    """
    return Call("POST", path("/jobs/close"), may_repeat=True)
