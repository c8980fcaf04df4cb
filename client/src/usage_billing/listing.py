"""Lists as iterators, which ask for the next page when it is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from usage_billing.errors import UnreadableAnswerError

if TYPE_CHECKING:
    from usage_billing.calls import Call, Pages
    from usage_billing.transport import AsyncTransport, SyncTransport

T = TypeVar("T")

Page = Mapping[str, Any]


def items_of(page: Page) -> list[Any]:
    """Return the items of a page; a page may be empty before the end."""
    items = page.get("items")
    if not isinstance(items, list):
        raise UnreadableAnswerError("A page without items")
    return items


def following(pages: Pages[Any], call: Call[Page], page: Page) -> Call[Page] | None:
    """Return the call for the page after one; None where it was the last.

    A cursor that leads back to where it stands would never end, and is no cursor of the API.
    """
    cursor = page.get("cursor")
    if cursor is None:
        return None
    if not isinstance(cursor, str) or cursor == call.query.get("cursor"):
        raise UnreadableAnswerError(f"A page with the cursor {cursor!r}")
    return pages.after(cursor)


class Listing(Generic[T]):
    """All items of a list, in the order of the API; each iteration begins anew."""

    def __init__(self, transport: SyncTransport, pages: Pages[T]) -> None:
        """Ask for nothing yet."""
        self._transport = transport
        self._pages = pages

    def __iter__(self) -> Iterator[T]:
        """Iterate over the items of all pages."""
        for page in self.pages():
            yield from items_of(page)

    def pages(self) -> Iterator[Page]:
        """Iterate over the pages as they are answered, with all that they tell beside the items."""
        call: Call[Page] | None = self._pages.first
        while call is not None:
            page = self._transport.carry_out(call)
            yield page
            call = following(self._pages, call, page)


class AsyncListing(Generic[T]):
    """All items of a list, in the order of the API; each iteration begins anew."""

    def __init__(self, transport: AsyncTransport, pages: Pages[T]) -> None:
        """Ask for nothing yet."""
        self._transport = transport
        self._pages = pages

    async def __aiter__(self) -> AsyncIterator[T]:
        """Iterate over the items of all pages."""
        async for page in self.pages():
            for item in items_of(page):
                yield item

    async def pages(self) -> AsyncIterator[Page]:
        """Iterate over the pages as they are answered, with all that they tell beside the items."""
        call: Call[Page] | None = self._pages.first
        while call is not None:
            page = await self._transport.carry_out(call)
            yield page
            call = following(self._pages, call, page)
