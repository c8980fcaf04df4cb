"""Show dunning: which workflows ran or run, and what came of each attempt."""

import os

from billing.edge.composition import open_container
from billing.edge.http.handler import Answer, Request, http_handler
from billing.edge.schemas import PageQuery
from billing.edge.views import show_dunning_run, show_dunning_runs
from billing.services.executions import get_dunning_run, list_dunning_runs

CONTAINER = open_container(os.environ)


def list_all(request: Request) -> Answer:
    """List executions."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    executions = CONTAINER.workflow(stores)
    runs = list_dunning_runs(
        limit=page.limit, cursor=page.cursor, stores=stores, executions=executions
    )
    return Answer.of(200, show_dunning_runs(runs))


def get_one(request: Request) -> Answer:
    """Show the dunning of one record."""
    record_id = request.text("recordId")
    stores = CONTAINER.open_stores(request.context)
    run = get_dunning_run(record_id, stores=stores, executions=CONTAINER.workflow(stores))
    return Answer.of(200, show_dunning_run(run))


handler = http_handler(
    "executions",
    {"GET /executions": list_all, "GET /executions/{recordId}": get_one},
)
