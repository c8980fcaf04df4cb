"""Show dunning: which workflows ran or run, and what came of each attempt."""

import os

from billing.edge.api import executions
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.services.execution_history import get_execution_history
from billing.services.executions import get_dunning_run, list_dunning_runs

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "DUNNING_STATE_MACHINE_ARN"},
    loads={"edge.aws.execution_history", "storage.records"},
)


def list_all(request: Request) -> Answer:
    """List executions."""
    query = request.query(executions.ExecutionListQuery)
    stores = CONTAINER.open_stores(request.context)
    runs = list_dunning_runs(
        limit=query.limit,
        cursor=query.cursor,
        status=query.wanted_status,
        stores=stores,
        executions=CONTAINER.workflow(stores),
    )
    return Answer.of(200, executions.show_dunning_runs(runs))


def get_one(request: Request) -> Answer:
    """Show the dunning of one record."""
    record_id = request.text("recordId")
    stores = CONTAINER.open_stores(request.context)
    run = get_dunning_run(record_id, stores=stores, executions=CONTAINER.workflow(stores))
    return Answer.of(200, executions.show_dunning_run(run))


def get_history(request: Request) -> Answer:
    """Show what an execution of one record went through."""
    record_id, query = request.text("recordId"), request.query(executions.HistoryQuery)
    stores = CONTAINER.open_stores(request.context)
    workflow = CONTAINER.workflow(stores)
    history = get_execution_history(
        record_id,
        name=query.execution,
        limit=query.limit,
        cursor=query.cursor,
        stores=stores,
        executions=workflow,
        histories=CONTAINER.execution_histories(workflow),
    )
    url = workflow.console_url(history.execution.name)
    return Answer.of(200, executions.show_history(record_id, history, url))


handler = http_handler(
    {
        executions.LIST: list_all,
        executions.READ: get_one,
        executions.HISTORY: get_history,
    }
)
