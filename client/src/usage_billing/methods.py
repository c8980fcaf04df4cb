"""How an operation, a pure function that makes a call, becomes a method of a client.

The methods have the parameters and the words of their operations, for editors and for `help`.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Coroutine
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from usage_billing.listing import AsyncListing, Listing
from usage_billing.transport import REQUEST_SECONDS, AsyncTransport, SyncTransport

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    import httpx

    from usage_billing.calls import Call, Pages
    from usage_billing.exchange import Retries

P = ParamSpec("P")
T = TypeVar("T")

URL_VARIABLE = "BILLING_URL"
KEY_VARIABLE = "BILLING_API_KEY"


def _from_environment(url: str | None, api_key: str | None) -> tuple[str, str | None]:
    address = url or os.environ.get(URL_VARIABLE)
    if not address:
        raise ValueError(f"no address: give a url, or set {URL_VARIABLE}")
    # A variable that is set to nothing is not set.
    return address, api_key or os.environ.get(KEY_VARIABLE) or None


class SyncClient:
    """What `Billing` is beside its operations."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout_seconds: float = REQUEST_SECONDS,
        retries: Retries | None = None,
        http_transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Speak to the address, or to that of `BILLING_URL`, with the key of `BILLING_API_KEY`.

        `timeout_seconds` bounds each try; nothing is sent yet. Raises `ValueError` where there is
        no address.
        """
        address, key = _from_environment(url, api_key)
        self._transport = SyncTransport(
            address,
            key,
            timeout_seconds=timeout_seconds,
            retries=retries,
            http_transport=http_transport,
        )

    def __enter__(self) -> Self:
        """Use the client; its connections are closed at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


class AsyncClient:
    """What `AsyncBilling` is beside its operations."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout_seconds: float = REQUEST_SECONDS,
        retries: Retries | None = None,
        http_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Speak to the address, or to that of `BILLING_URL`, with the key of `BILLING_API_KEY`.

        `timeout_seconds` bounds each try; nothing is sent yet. Raises `ValueError` where there is
        no address.
        """
        address, key = _from_environment(url, api_key)
        self._transport = AsyncTransport(
            address,
            key,
            timeout_seconds=timeout_seconds,
            retries=retries,
            http_transport=http_transport,
        )

    async def __aenter__(self) -> Self:
        """Use the client; its connections are closed at the end."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()


def answered(operation: Callable[P, Call[T]]) -> Callable[Concatenate[SyncClient, P], T]:
    """Make the method that returns an operation's answer."""

    def method(self: SyncClient, /, *arguments: P.args, **named: P.kwargs) -> T:
        return self._transport.carry_out(operation(*arguments, **named))

    return _signed(method, operation)


def listed(operation: Callable[P, Pages[T]]) -> Callable[Concatenate[SyncClient, P], Listing[T]]:
    """Make the method that returns an operation's list."""

    def method(self: SyncClient, /, *arguments: P.args, **named: P.kwargs) -> Listing[T]:
        return Listing(self._transport, operation(*arguments, **named))

    return _signed(method, operation)


def awaited(
    operation: Callable[P, Call[T]],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    """Make the method whose answer is awaited."""

    async def method(self: AsyncClient, /, *arguments: P.args, **named: P.kwargs) -> T:
        return await self._transport.carry_out(operation(*arguments, **named))

    return _signed(method, operation)


def listed_async(
    operation: Callable[P, Pages[T]],
) -> Callable[Concatenate[AsyncClient, P], AsyncListing[T]]:
    """Make the method that returns an operation's list, to be iterated with `async for`."""

    def method(self: AsyncClient, /, *arguments: P.args, **named: P.kwargs) -> AsyncListing[T]:
        return AsyncListing(self._transport, operation(*arguments, **named))

    return _signed(method, operation)


Method = TypeVar("Method", bound=Callable[..., Any])


def _signed(method: Method, operation: Callable[..., Any]) -> Method:
    """Give a method the name, the words and the signature of its operation, behind `self`."""
    update_wrapper(method, operation)
    signature = inspect.signature(operation)
    self_first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    parameters = [self_first, *signature.parameters.values()]
    method.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return method
