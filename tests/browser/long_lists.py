"""Lists that are too long to be made: answered page by page as the API does, without the API."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route

from tests.browser.console import Console

AT = "2026-01-31T09:00:00.000000Z"
PAGE_ITEMS_MAX = 100

# Presses Show more until there is no more, and measures each time in milliseconds. What a page
# costs is the least of the last ones: what else a machine does makes none of them shorter.
READ_ON = """async () => {
  const frame = () => new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
  const more = () => [...document.querySelectorAll(".foot button")]
    .find(button => button.textContent === "Show more");
  const shown = () => document.querySelector(".foot span").textContent;
  const took = [];
  while (more()) {
    const [before, began] = [shown(), performance.now()];
    more().click();
    while (shown() === before) await frame();
    await frame();
    took.push(performance.now() - began);
  }
  return Math.min(...took.slice(-10));
}"""
# Presses a key ten times and measures until the page is drawn anew; the least is what it costs.
PRESS = """async key => {
  const took = [];
  while (took.length < 10) {
    const began = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)));
    took.push(performance.now() - began);
  }
  return Math.min(...took);
}"""


@dataclass
class LongList:
    """A list of so many items, the newest first, each made of its number."""

    path: str
    count: int
    item: Callable[[int], dict[str, Any]]

    def serve(self, console: Console) -> None:
        """Answer for the API where the list is asked for."""
        console.page.route(re.compile(rf"/{self.path}\?"), self._answer)

    def _answer(self, route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        limit, start = int(query["limit"][0]), int(query.get("cursor", ["0"])[0])
        assert limit <= PAGE_ITEMS_MAX
        end = min(start + limit, self.count)
        items = [self.item(self.count - place) for place in range(start, end)]
        more = end < self.count
        if "text/csv" in route.request.headers["accept"]:
            headers = {"Link": f'<?limit={limit}&cursor={end}>; rel="next"'} if more else {}
            lines = [",".join(items[0]), *(",".join(map(str, each.values())) for each in items)]
            route.fulfill(body="\n".join(lines) + "\n", content_type="text/csv", headers=headers)
        else:
            route.fulfill(json={"items": items, "cursor": str(end) if more else None})


def customer(number: int) -> dict[str, Any]:
    """Make one of many customers."""
    return {
        "id": f"c{number:06}",
        "name": f"Customer {number}",
        "status": "active",
        "mode": "prepaid",
        "createdAt": AT,
    }


def entry(number: int) -> dict[str, Any]:
    """Make one of many ledger entries."""
    return {
        "id": f"big~{number}",
        "seq": number,
        "kind": "credit",
        "amountCents": 1,
        "balanceCents": number,
        "reference": str(number),
        "postedAt": AT,
        "hash": f"{number:064x}",
    }


def retried_record(number: int) -> dict[str, Any]:
    """Make one of many billing records that wait for money."""
    return {
        "id": f"r{number}",
        "description": f"Seat {number}",
        "lines": [],
        "status": "retrying",
        "amountCents": 100,
        "refundedCents": 0,
        "createdAt": AT,
        "paidAt": None,
    }
