"""What a container is made of, and that every invocation answers before its time is up."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from billing.edge.aws.clients import (
    CONNECT_TIMEOUT_SECONDS,
    CONNECTIONS_MAX,
    READ_TIMEOUT_SECONDS,
)
from billing.edge.composition import ANSWER_MARGIN_SECONDS, Container, open_container
from billing.edge.settings import Settings, SettingsError, Variable
from billing.services.retrying import WORKERS
from tests.support.clock import SettableMonotonic
from tests.support.lambdas import COMMON_ENVIRONMENT, ENVIRONMENT, ROOT, Context

VARIABLES: set[Variable] = set(get_args(Variable.__value__))


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> Container:
    for name, value in COMMON_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return open_container(ENVIRONMENT, reads=VARIABLES)


def test_workflows_are_started_within_the_time_of_the_invocation(container: Container) -> None:
    environ = {**ENVIRONMENT, "RETRY_SCHEDULE_SECONDS": "60,3600"}
    settings = Settings.from_environment(environ, VARIABLES)
    container = replace(container, settings=settings)
    dunning = container.dunning(Context())
    workflow = container.workflow(dunning.stores)

    assert workflow.deadline is dunning.stores.dynamo.deadline
    assert workflow.state_machine_arn == ENVIRONMENT["DUNNING_STATE_MACHINE_ARN"]
    assert workflow.client is container.workflow(dunning.stores).client
    assert (dunning.workflow, dunning.schedule_seconds) == (workflow, (60, 3600))


def test_what_records_usage_loads_nothing_of_what_bills_it() -> None:
    loaded = loaded_services("billing.edge.composition", "billing.edge.api.usage")

    assert "record_usage" in loaded
    assert loaded & {"credit_wallet", "dunning", "ingest_logs", "jobs", "run_billing"} == set()


def loaded_services(*modules: str) -> set[str]:
    """Name the services that a fresh process has loaded once it imported some modules."""
    prefix = "billing.services."
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "layers" / "common")}
    told = subprocess.check_output([sys.executable, "-c", code], env=environ, text=True)
    return {name.removeprefix(prefix) for name in told.split() if name.startswith(prefix)}


def test_every_thread_of_the_services_has_a_connection(container: Container) -> None:
    config: Any = container.dynamo_client.meta.config
    assert config.max_pool_connections == CONNECTIONS_MAX
    assert WORKERS <= CONNECTIONS_MAX


@pytest.mark.parametrize("remaining_seconds", [5, 29, 55])
def test_the_last_call_to_the_store_ends_while_there_is_time_to_answer(
    container: Container, remaining_seconds: int
) -> None:
    container = replace(container, monotonic=SettableMonotonic())
    stores = container.open_stores(Context(remaining_milliseconds=remaining_seconds * 1000))
    patience = stores.dynamo.deadline.remaining_seconds()
    assert patience == remaining_seconds - ANSWER_MARGIN_SECONDS
    last_call_ends = patience + CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS
    assert last_call_ends <= remaining_seconds - 0.4


def test_an_invocation_with_no_time_left_tries_once(container: Container) -> None:
    stores = container.open_stores(Context(remaining_milliseconds=100))
    assert stores.dynamo.deadline.passed()


def test_the_stores_of_an_invocation_use_the_tables_of_the_environment(
    container: Container,
) -> None:
    stores = container.open_stores(Context())

    assert container.settings.accounts_table == ENVIRONMENT["ACCOUNTS_TABLE"]
    assert stores.customers.table == ENVIRONMENT["ACCOUNTS_TABLE"]
    assert stores.ledger.table == ENVIRONMENT["LEDGER_TABLE"]
    assert stores.usage.table == ENVIRONMENT["USAGE_TABLE"]
    assert container.tab_numbers.interval == timedelta(seconds=60)


@pytest.mark.usefixtures("container")
def test_a_store_of_a_table_that_nobody_said_is_read_cannot_be_used() -> None:
    stores = open_container(ENVIRONMENT, reads={"ACCOUNTS_TABLE"}).open_stores(Context())

    assert stores.wallets.table == ENVIRONMENT["ACCOUNTS_TABLE"]
    with pytest.raises(SettingsError, match="LEDGER_TABLE"):
        _ = stores.ledger
    with pytest.raises(SettingsError, match="USAGE_TABLE"):
        _ = stores.usage


def test_the_numbers_of_tabs_are_remembered_as_long_as_the_container_lives(
    container: Container,
) -> None:
    assert container.tab_numbers is container.tab_numbers


def test_ids_are_unique_uuids_of_version_7_in_order_of_time(container: Container) -> None:
    ids = [container.new_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert {UUID(made).version for made in ids} == {7}
    assert [made[:8] for made in ids] == sorted(made[:8] for made in ids)


def test_the_clock_tells_the_time_in_utc(container: Container) -> None:
    offset = container.clock().utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0
