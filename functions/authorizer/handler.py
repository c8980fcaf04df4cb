"""Tell API Gateway whether an API key is good, and for which scopes."""

import os
import re
from typing import Any

from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import (
    APIGatewayAuthorizerEventV2,
    APIGatewayAuthorizerResponseV2,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from billing.edge.composition import open_container
from billing.edge.observability import logger
from billing.services.api_keys import find_api_key

CONTAINER = open_container(
    os.environ,
    reads={"ACCOUNTS_TABLE"},
    loads={"storage.api_keys"},
)

# Longer than any key; what is hashed and looked up stays small.
_BEARER = re.compile(r"bearer +([!-~]{1,128})", re.IGNORECASE)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer simply: authorized or not. Any fault is raised, so that the gateway answers 500."""
    header = APIGatewayAuthorizerEventV2(event).headers.get("authorization", "")
    bearer = _BEARER.fullmatch(header)
    if bearer is None:
        logger.info("Refused: no bearer token")
        return APIGatewayAuthorizerResponseV2(authorize=False).asdict()
    api_key = find_api_key(bearer.group(1), stores=CONTAINER.open_stores(context))
    if api_key is None:
        logger.info("Refused: the key is unknown or revoked")
        return APIGatewayAuthorizerResponseV2(authorize=False).asdict()
    logger.info("Accepted", key_id=api_key.id)
    return APIGatewayAuthorizerResponseV2(
        authorize=True,
        # The context holds only strings; each function checks the scope of its route.
        context={"keyId": api_key.id, "scopes": " ".join(sorted(api_key.scopes))},
    ).asdict()
