"""A store that answers as it once did: calls are answered before they leave the process.

A first run on a real endpoint is listened to, and its answers are played back in their order, by
events that botocore documents. What is left is our own work, and botocore's up to the connection.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders

type Mode = Literal["listen", "play"]
type _Question = tuple[str, bytes | None]

# Each has a token of its own.
_NEVER_AGAIN = frozenset({"TransactWriteItems"})
_INSTANT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the endpoint answered to one call."""

    status: int
    headers: HTTPHeaders
    body: bytes

    def stream(self) -> Iterator[bytes]:
        """Hand the body over as urllib3 does."""
        yield self.body


@dataclass(slots=True)
class Answers:
    """What the endpoint answered to the calls of one client while it was listened to.

    A question is answered as that very question was, and one that was never asked, such as a
    transaction with a token of its own, as those of its kind were, in their order, over and over.
    """

    mode: Mode = "listen"
    heard: dict[_Question, list[Answer]] = field(default_factory=dict)
    played: Counter[_Question] = field(default_factory=Counter)
    _asked: threading.local = field(default_factory=threading.local)

    def watch(self, client: BaseClient) -> None:
        """Stand between a client and the network."""
        service = client.meta.service_model.service_id.hyphenize()
        # The stubs of botocore forget that a handler may answer a call itself.
        events: Any = client.meta.events
        events.register(f"before-send.{service}", self._ask)
        events.register(f"response-received.{service}", self._listen)

    def play(self) -> None:
        """Answer from now on by what was heard."""
        self.mode = "play"

    def _ask(
        self, *, request: AWSPreparedRequest, event_name: str, **_: object
    ) -> AWSResponse | None:
        operation, body = event_name.rpartition(".")[2], request.body
        exact: _Question = operation, None
        if isinstance(body, bytes) and operation not in _NEVER_AGAIN:
            # What is asked for as of now is the same question as before.
            exact = operation, _INSTANT.sub(b"", body)
        self._asked.questions = {exact, (operation, None)}
        if self.mode != "play":
            return None
        question = exact if exact in self.heard else (operation, None)
        answers = self.heard[question]
        answer = answers[self.played[question] % len(answers)]
        self.played[question] += 1
        return AWSResponse(request.url, answer.status, answer.headers, answer)

    def _listen(self, *, response_dict: dict[str, Any] | None, **_: object) -> None:
        # Where the connection broke there is none, and botocore asks again.
        if self.mode == "listen" and response_dict is not None:
            answer = Answer(
                response_dict["status_code"], response_dict["headers"], response_dict["body"]
            )
            for question in self._asked.questions:
                self.heard.setdefault(question, []).append(answer)
