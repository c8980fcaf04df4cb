"""Tell who calls, and how the system is."""

from billing.edge.api import status
from billing.edge.http.exchange import Answer, Request
from billing.edge.http.handler import http_handler


def get_me(request: Request) -> Answer:
    """Show whose key the request came with."""
    return Answer.of(200, status.show_caller(request))


handler = http_handler({status.ME: get_me})
