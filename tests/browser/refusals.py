"""Answers with which the API asks to wait."""

import json

from playwright.sync_api import Route

# Longer than any machine needs to see that it is waited: tests move the clock of the page.
WAIT_SECONDS = 300
UNAVAILABLE = {
    "type": "urn:usage-billing:error:unavailable",
    "title": "Unavailable",
    "status": 503,
    "detail": "It could not be done in time",
    "code": "unavailable",
    "instance": "urn:usage-billing:request:abc%3D",
}


def ask_to_wait(route: Route) -> None:
    """Answer that it cannot be done in time, and when to ask again."""
    headers = {"Retry-After": str(WAIT_SECONDS), "Content-Type": "application/problem+json"}
    route.fulfill(status=503, headers=headers, body=json.dumps(UNAVAILABLE))
