"""Sends batches by `POST /billing/usage/batch`. Whatever happens, a reply comes back, in time."""

# Otherwise the first connection imports it, perhaps while another thread forks.
import encodings.idna  # noqa: F401
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from usage_billing.calls import Call
from usage_billing.errors import UsageBillingError
from usage_billing.exchange import Retries
from usage_billing.meter.answers import Failed, Reply, read_error, read_results
from usage_billing.meter.spool import Spooled
from usage_billing.transport import REQUEST_SECONDS, SyncTransport, settings

# The sender itself tries again, with what is in the spool by then.
_ONCE = Retries(tries_max=1)
_REQUEST_SECONDS_MIN = 0.1


class BatchRoute:
    """The batch route of one deployment, over connections that are made when they are needed."""

    def __init__(self, url: str, api_key: str) -> None:
        """Take the address and the key; raises ValueError where either is none."""
        settings(url, api_key, REQUEST_SECONDS)
        self._url = url
        self._api_key = api_key
        self._transport: SyncTransport | None = None
        self._making = Lock()

    def post(self, batch: Sequence[Spooled], ids: Sequence[str], seconds: float) -> Reply:
        """Send events, each as it stands in the spool, and read what became of them."""
        content = ",".join(spooled.event for spooled in batch)
        call = Call[Mapping[str, Any]](
            "POST",
            "/billing/usage/batch",
            may_repeat=True,
            body=f'{{"events":[{content}]}}'.encode(),
        )
        timeout_seconds = max(_REQUEST_SECONDS_MIN, min(seconds, REQUEST_SECONDS))
        try:
            answer = self._open().carry_out(call, timeout_seconds=timeout_seconds)
        except UsageBillingError as error:
            return read_error(error)
        except RuntimeError as error:
            # httpx says so of a client that was closed while it was at work.
            return Failed(str(error))
        except (OSError, ValueError) as error:
            # No connection can be made: certificates that cannot be read, a proxy that is none.
            return Failed(f"{type(error).__name__}: {error}", needs_somebody=True)
        return read_results(answer, ids)

    def _open(self) -> SyncTransport:
        with self._making:
            if self._transport is None:
                self._transport = SyncTransport(self._url, self._api_key, retries=_ONCE)
            return self._transport

    def before_fork(self) -> None:
        """Wait until nobody makes connections: that imports modules and reads certificates, under
        locks that would stay held in a child for ever.
        """
        self._making.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._making.release()

    def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
