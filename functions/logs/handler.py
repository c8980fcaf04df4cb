"""Show what came of log files, and have one read again."""

import os

from billing.edge.api import logs, uploads
from billing.edge.composition import open_container
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler
from billing.edge.http.schema import EmptyRequest, PageQuery
from billing.services.read_logs import (
    get_log_file,
    list_customer_logs,
    list_file_problems,
    list_file_usage,
    list_log_files,
    list_logs,
)
from billing.services.reread_log import reread_log_file
from billing.services.upload_logs import offer_upload

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE", "USAGE_TABLE", "LOGS_BUCKET", "LOG_FILE_QUEUE_URL"},
    loads={
        "edge.aws.log_uploads",
        "storage.accounts",
        "storage.customers",
        "storage.records",
        "storage.wallets",
    },
)
QUEUE = CONTAINER.log_file_queue()
UPLOADS = CONTAINER.log_uploads()


def get_logs(request: Request) -> Answer:
    """List all usage that was read from log files."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(
        200, logs.show_log_usage(list_logs(limit=page.limit, cursor=page.cursor, stores=stores))
    )


def get_customer_logs(request: Request) -> Answer:
    """List the usage of a customer that was read from log files."""
    customer_id, page = request.id("userId"), request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    usage = list_customer_logs(customer_id, limit=page.limit, cursor=page.cursor, stores=stores)
    return Answer.of(200, logs.show_log_usage(usage))


def get_files(request: Request) -> Answer:
    """List the tallies of log files."""
    page = request.query(PageQuery)
    stores = CONTAINER.open_stores(request.context)
    return Answer.of(
        200,
        logs.show_log_files(list_log_files(limit=page.limit, cursor=page.cursor, stores=stores)),
    )


def get_file(request: Request) -> Answer:
    """Show the tally of a log file with pages of what came of it."""
    file_id, query = request.id("fileId"), request.query(logs.LogFileQuery)
    stores = CONTAINER.open_stores(request.context)
    file = get_log_file(file_id, stores=stores)
    usage = list_file_usage(file, limit=query.limit, cursor=query.usage_cursor, stores=stores)
    problems = list_file_problems(
        file, limit=query.limit, cursor=query.problems_cursor, stores=stores
    )
    return Answer.of(200, logs.show_log_file_detail(file, usage, problems))


def post_reread(request: Request) -> Answer:
    """Have a log file read again."""
    request.body(EmptyRequest, optional=True)
    file = reread_log_file(
        request.id("fileId"),
        queue=QUEUE,
        stores=CONTAINER.open_stores(request.context),
        clock=CONTAINER.clock,
    )
    return Answer.of(202, logs.show_log_file(file))


def post_upload(request: Request) -> Answer:
    """Offer to take a log file."""
    wanted = request.body(uploads.UploadRequest)
    offered = offer_upload(wanted.name, uploads=UPLOADS, clock=CONTAINER.clock)
    return Answer.of(201, uploads.show_upload(offered))


handler = http_handler(
    {
        logs.LIST: get_logs,
        logs.LIST_OF_USER: get_customer_logs,
        logs.LIST_FILES: get_files,
        logs.READ_FILE: get_file,
        logs.REREAD_FILE: post_reread,
        uploads.CREATE: post_upload,
    }
)
