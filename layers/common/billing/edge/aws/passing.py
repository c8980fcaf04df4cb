"""The faults of AWS that pass by themselves, told from those that somebody must mend."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotocoreConnectionError

from billing.domain.errors import UnavailableError

# Of the way there, or of an answer that broke off.
_OF_THE_WAY = (BotocoreConnectionError, HTTPClientError, IncompleteReadError)

# Codes below 500 for which the same call may succeed later; so may any answer of the 500s.
# SQS refuses with `RequestThrottled`, and S3 waited too long for a request with `RequestTimeout`.
_PASSING_CODES = frozenset(
    {
        "ExecutionLimitExceeded",
        "KmsThrottled",
        "KmsThrottlingException",
        "RequestThrottled",
        "RequestTimeout",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_SERVER_ERROR = 500


def status_of(error: ClientError) -> int:
    """Tell the HTTP status of an error's answer."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _SERVER_ERROR))


def code_of(error: ClientError) -> str:
    """Tell the code of an error's answer, which may have none."""
    return error.response.get("Error", {}).get("Code", "")


def passes(error: Exception) -> bool:
    """Tell whether the same call may succeed later."""
    if isinstance(error, ClientError):
        # A name, because SQS writes some of its codes behind `AWS.SimpleQueueService.`.
        name = code_of(error).rpartition(".")[2]
        return status_of(error) >= _SERVER_ERROR or name in _PASSING_CODES
    return isinstance(error, _OF_THE_WAY)


@contextmanager
def passing_faults(message: str) -> Iterator[None]:
    """Turn what passes into UnavailableError with a message; any other error is raised as it is."""
    try:
        yield
    except (ClientError, *_OF_THE_WAY) as error:
        if passes(error):
            raise UnavailableError(message) from error
        raise
