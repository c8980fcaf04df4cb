"""The console in a browser, as a person uses it, and what no page may ever do."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from tests.browser.slowness import SLOWNESS
from tools.local_cloud.welcome import console_url, sign_in_link

# The first call of a function starts a process, and many at once start slowly on two cores.
PATIENCE_MILLISECONDS = 120_000
LOOK_MILLISECONDS = 20
POLL_MILLISECONDS = 5000
# What Chromium says of an answer that is an error, which the page shows in its own words.
ANSWERED = "Failed to load resource"
DROP = """(place, contents) => {
  const dataTransfer = new DataTransfer();
  for (const [name, text] of Object.entries(contents)) {
    dataTransfer.items.add(new File([text], name));
  }
  const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  place.dispatchEvent(drop);
}"""
# Counts what the page reads and loads, until it is drawn: a message comes when nothing else is
# to be done, whatever a test does to the clock.
COUNT_READING = """(() => {
  const { fetch } = window;
  const { text } = Response.prototype;
  const { append } = Element.prototype;
  let reading = 0;
  const tell = by => { document.documentElement.dataset.reading = reading += by; };
  const drawn = new MessageChannel();
  drawn.port1.onmessage = () => tell(-1);
  const over = () => drawn.port2.postMessage(null);
  window.fetch = (...given) => {
    tell(1);
    return fetch(...given).catch(fault => { over(); throw fault; });
  };
  Response.prototype.text = function () { return text.call(this).finally(over); };
  Element.prototype.append = function (...nodes) {
    for (const node of nodes.filter(each => each.tagName === "SCRIPT")) {
      tell(1);
      node.addEventListener("load", over);
      node.addEventListener("error", over);
    }
    append.apply(this, nodes);
  };
})()"""
# Comes back when the page has heard of it, which is after this script and before anything else.
GO = """place => new Promise(there => {
  const before = location.href;
  location.hash = place;
  if (location.href === before) there();
  else addEventListener("hashchange", there, { once: true });
})"""

_numbers = count(1)


def new_id(kind: str) -> str:
    """Return an id that no other test uses."""
    return f"{kind}-{next(_numbers)}"


@dataclass
class Api:
    """The API beside the console, to arrange what a story begins with."""

    client: httpx.Client

    def post(self, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401  JSON
        """Send a request that has to succeed and return the answer."""
        answer = self.client.post(path, json={} if body is None else body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> Any:  # noqa: ANN401  JSON has no narrower type.
        """Read something."""
        answer = self.client.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def customer(self, **terms: object) -> str:
        """Make a customer and return the id."""
        customer_id = new_id("customer")
        self.post("/users", {"id": customer_id, **terms})
        return customer_id

    def entries(self, customer_id: str) -> Any:  # noqa: ANN401  JSON has no narrower type.
        """Return the ledger, newest first."""
        return self.get(f"/billing/ledger/{customer_id}")["items"]


@dataclass
class Console:
    """One tab with the console in it, and everything that it did which it must not."""

    context: BrowserContext
    base: str
    key: str
    bucket_url: str
    page: Page = field(init=False)
    wrongs: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open a tab and listen."""
        self.page = self.context.new_page()
        self.page.add_init_script(COUNT_READING)
        SLOWNESS.slow_down(self.page)
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrongs.append(str(error)))
        self.page.on("request", self._see)

    def _hear(self, message: Any) -> None:  # noqa: ANN401  Playwright's own
        if message.type in {"error", "warning"} and ANSWERED not in message.text:
            self.wrongs.append(message.text)

    def _see(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((f"{self.base}/", self.bucket_url)):
            self.wrongs.append(f"a request to {request.url}")

    def second_tab(self) -> "Console":
        """Open another tab of the same browser, which is watched like this one."""
        return Console(self.context, self.base, self.key, self.bucket_url, wrongs=self.wrongs)

    def hold(self, pattern: str, times: int = 1) -> "Held":
        """Keep the next requests to a path from being answered until they are let go."""
        held = Held(self.page, times)
        self.page.route(pattern, held.take, times=times)
        return held

    def open(self, place: str = "") -> None:
        """Open the console by the link that signs in, and go to a place in it."""
        self.page.goto(sign_in_link(self.base, self.key))
        expect(self.heading("Overview")).to_be_visible()
        if place:
            self.go(place)

    def settle(self) -> None:
        """Wait until all that the page reads is there and drawn, and nothing more is asked for."""
        expect(self.page.locator("html")).to_have_attribute("data-reading", "0")

    def open_signed_out(self) -> None:
        """Open the console as somebody does who has no link."""
        self.page.goto(console_url(self.base))

    def go(self, place: str) -> None:
        """Go to a place in the console, and be there."""
        self.page.evaluate(GO, f"#/{place}")

    def heading(self, name: str) -> Locator:
        """Find the heading of the page."""
        return self.page.get_by_role("heading", name=name, level=1, exact=True)

    def button(self, name: str) -> Locator:
        """Find the first button of a name."""
        return self.page.get_by_role("button", name=name, exact=True).first

    def dialog(self) -> Locator:
        """Find the dialog that is open."""
        return self.page.locator("dialog[open]")

    def ask(self, name: str, /, **fields: str) -> None:
        """Press a button, fill in its dialog and send it; wait until the dialog is gone."""
        self.button(name).click()
        self.fill(**fields)
        self.send()
        expect(self.dialog()).to_have_count(0)

    def fill(self, **fields: str) -> None:
        """Fill in the dialog that is open."""
        for label, text in fields.items():
            self.dialog().get_by_label(re.compile(f"^{label}", re.IGNORECASE)).fill(text)

    def send(self) -> None:
        """Press the button that sends the dialog."""
        self.dialog().locator("button[type=submit]").click()

    def drop_files(self, **contents: str) -> None:
        """Drop files anywhere on the page of log files, by their names, as soon as it is there."""
        self.heading("Log files").evaluate(DROP, contents)

    def press_at_once(self, *keys: str) -> None:
        """Press keys, one after the other, at one time of the page's clock, which is a test's."""
        self.page.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + 60)
        for key in keys:
            self.page.keyboard.press(key)
        self.page.clock.resume()

    def pass_time(self, polls: int = 1) -> None:
        """Let the time go by after which the page looks again, on its clock, which is a test's."""
        self.page.clock.run_for(polls * POLL_MILLISECONDS)

    def tile(self, name: str) -> Locator:
        """Find a figure by its name."""
        named = self.page.locator(".tile-name").get_by_text(name, exact=True)
        return self.page.locator(".tile").filter(has=named).locator(".tile-figure")

    def sent(self, method: str, path: str) -> list[Request]:
        """Return the requests of a method to a path."""
        wanted = f"{self.base}/{path}"
        return [each for each in self.requests if (each.method, each.url) == (method, wanted)]


@dataclass
class Held:
    """Requests that are under way for as long as a test wants."""

    page: Page
    times: int
    routes: list[Route] = field(default_factory=list)

    def take(self, route: Route) -> None:
        """Hold it."""
        self.routes.append(route)

    def wait(self) -> None:
        """Wait until all of them are under way."""
        deadline = monotonic() + PATIENCE_MILLISECONDS / 1000
        while len(self.routes) < self.times:
            assert monotonic() < deadline, "Nothing was asked for that could be held"
            self.page.wait_for_timeout(LOOK_MILLISECONDS)

    def let_go(self) -> None:
        """Have them answered, when all are under way."""
        self.wait()
        for route in self.routes:
            route.fallback()


# Puts lines into the bucket as a file, has them read, and returns the key.
type Drop = Callable[..., str]
