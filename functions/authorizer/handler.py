"""Tell API Gateway whether an API key is good, and for which scopes."""

import os
import re
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.composition import open_container
from billing.edge.http.event import Event, headers_in
from billing.edge.observability import logger
from billing.services.api_keys import find_api_key

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE"},
    loads={"storage.api_keys"},
)

# Longer than any key; what is hashed and looked up stays small.
_BEARER = re.compile(r"bearer +([!-~]{1,128})", re.IGNORECASE)

_REFUSED = {"isAuthorized": False}


@logger.inject_lambda_context(clear_state=True)
def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
    """Answer simply: authorized or not. Any fault is raised, so that the gateway answers 500."""
    bearer = _BEARER.fullmatch(headers_in(event).get("authorization", ""))
    if bearer is None:
        logger.info("Refused: no bearer token")
        return _REFUSED
    api_key = find_api_key(bearer.group(1), stores=CONTAINER.open_stores(context))
    if api_key is None:
        logger.info("Refused: the key is unknown or revoked")
        return _REFUSED
    logger.info("Accepted", key_id=api_key.id)
    return {
        "isAuthorized": True,
        # The context holds only strings; each function checks the scope of its route.
        "context": {
            "keyId": api_key.id,
            "keyName": api_key.name,
            "scopes": " ".join(sorted(api_key.scopes)),
        },
    }
