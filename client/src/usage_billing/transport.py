"""Carries out the steps of an exchange over HTTP: for those who wait, and for those who await."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from usage_billing.errors import NoAnswerError, TimedOutError, UnreadableAnswerError
from usage_billing.exchange import Answer, Retries, Steps, Wait, exchange

if TYPE_CHECKING:
    from usage_billing.calls import Call

T = TypeVar("T")

logger = logging.getLogger("usage_billing")

CONNECT_SECONDS = 5.0
# A request ends after 29 seconds; a cold start comes before it.
REQUEST_SECONDS = 40.0

# API Gateway lets through 10 MB, and a function 6.
ANSWER_BYTES_MAX = 16_777_216

# What went wrong before the request was on its way.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError)


def _user_agent() -> str:
    try:
        return f"usage-billing-client/{version('usage-billing-client')}"
    except PackageNotFoundError:
        return "usage-billing-client"


def settings(url: str, api_key: str | None, timeout_seconds: float) -> dict[str, Any]:
    """Return what both kinds of client of httpx are made with.

    Raises `ValueError` for an address that is none, and for a key that no header could carry.
    """
    address = httpx.URL(url)
    if address.scheme not in {"http", "https"} or not _is_host(address.host):
        raise ValueError(f"{url!r} is no address, such as https://billing.example")
    headers = {"User-Agent": _user_agent(), "Accept": "application/json"}
    if api_key is not None:
        if not api_key.isascii() or not api_key.isprintable() or not api_key.strip():
            raise ValueError("the API key is empty, or has characters that no key has")
        headers["Authorization"] = f"Bearer {api_key.strip()}"
    # Redirects are not followed: a key goes nowhere but to the address it was given for.
    return {"base_url": address, "headers": headers, "timeout": _timeout(timeout_seconds)}


def _is_host(host: str) -> bool:
    """Tell whether a name could be looked up at all."""
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


@dataclass
class _Received:
    """What came so far of one answer, which must be whole by `until` and not grow for ever."""

    until: float
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0

    def take(self, chunk: bytes) -> None:
        """Take the next piece; a server that drips is late all the same."""
        self.size += len(chunk)
        if self.size > ANSWER_BYTES_MAX:
            raise UnreadableAnswerError(f"An answer of more than {ANSWER_BYTES_MAX} bytes")
        if time.monotonic() > self.until:
            raise TimedOutError("The answer did not come to its end in time")
        self.chunks.append(chunk)

    def answer(self, response: httpx.Response) -> Answer:
        """Return the whole answer."""
        return Answer(response.status_code, dict(response.headers), b"".join(self.chunks))


def _not_answered(fault: httpx.RequestError) -> NoAnswerError | UnreadableAnswerError:
    """Say in words of this package what httpx met."""
    text = str(fault) or type(fault).__name__
    if isinstance(fault, httpx.DecodingError):
        return UnreadableAnswerError(f"The answer is damaged: {text}")
    kind = TimedOutError if isinstance(fault, httpx.TimeoutException) else NoAnswerError
    return kind(
        f"No answer from {fault.request.url.host}: {text}",
        nothing_done=isinstance(fault, _NOT_SENT),
    )


def _request(
    client: httpx.Client | httpx.AsyncClient, call: Call[Any], timeout_seconds: float
) -> httpx.Request:
    headers = dict(call.headers)
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    return client.build_request(
        call.method,
        call.path,
        params=dict(call.query),
        headers=headers,
        content=call.body,
        timeout=_timeout(timeout_seconds),
    )


def _steps(call: Call[T], retries: Retries) -> Steps[T]:
    return exchange(call, retries, random=random.random, now=lambda: datetime.now(UTC))


class SyncTransport:
    """Sends calls and waits for their answers; may be used by several threads."""

    def __init__(
        self,
        url: str,
        api_key: str | None,
        *,
        timeout_seconds: float = REQUEST_SECONDS,
        retries: Retries | None = None,
        http_transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect to nothing yet."""
        self._client = httpx.Client(
            **settings(url, api_key, timeout_seconds), transport=http_transport
        )
        self._timeout_seconds = timeout_seconds
        self._retries = retries or Retries()

    def carry_out(self, call: Call[T], *, timeout_seconds: float | None = None) -> T:
        """Send a call until it is answered or must fail; the time-out is that of each try."""
        steps = _steps(call, self._retries)
        step = next(steps)
        try:
            while True:
                if isinstance(step, Wait):
                    logger.info("%s", step.words())
                    time.sleep(step.seconds)
                    step = steps.send(None)
                else:
                    step = steps.send(self._send(step, timeout_seconds or self._timeout_seconds))
        except StopIteration as done:
            answer: T = done.value
            return answer

    def _send(
        self, call: Call[Any], timeout_seconds: float
    ) -> Answer | NoAnswerError | UnreadableAnswerError:
        received = _Received(time.monotonic() + timeout_seconds)
        request = _request(self._client, call, timeout_seconds)
        try:
            response = self._client.send(request, stream=True)
            try:
                for chunk in response.iter_bytes():
                    received.take(chunk)
            finally:
                response.close()
        except httpx.RequestError as fault:
            return _not_answered(fault)
        except (NoAnswerError, UnreadableAnswerError) as fault:
            return fault
        return received.answer(response)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class AsyncTransport:
    """Sends calls and awaits their answers."""

    def __init__(
        self,
        url: str,
        api_key: str | None,
        *,
        timeout_seconds: float = REQUEST_SECONDS,
        retries: Retries | None = None,
        http_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Connect to nothing yet."""
        self._client = httpx.AsyncClient(
            **settings(url, api_key, timeout_seconds), transport=http_transport
        )
        self._timeout_seconds = timeout_seconds
        self._retries = retries or Retries()

    async def carry_out(self, call: Call[T]) -> T:
        """Send a call until it is answered or must fail."""
        steps = _steps(call, self._retries)
        step = next(steps)
        try:
            while True:
                if isinstance(step, Wait):
                    logger.info("%s", step.words())
                    await asyncio.sleep(step.seconds)
                    step = steps.send(None)
                else:
                    step = steps.send(await self._send(step))
        except StopIteration as done:
            answer: T = done.value
            return answer

    async def _send(self, call: Call[Any]) -> Answer | NoAnswerError | UnreadableAnswerError:
        received = _Received(time.monotonic() + self._timeout_seconds)
        request = _request(self._client, call, self._timeout_seconds)
        try:
            response = await self._client.send(request, stream=True)
            try:
                async for chunk in response.aiter_bytes():
                    received.take(chunk)
            finally:
                await response.aclose()
        except httpx.RequestError as fault:
            return _not_answered(fault)
        except (NoAnswerError, UnreadableAnswerError) as fault:
            return fault
        return received.answer(response)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
