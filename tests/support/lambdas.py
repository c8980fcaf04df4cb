"""The functions as Lambda starts them: handlers by folder, sample payloads, a context."""

import base64
import copy
import gzip
import importlib.util
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from tests.support.template import variables_by_folder

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))

# A value for each variable that the template gives to any function; table names are those that
# tests/support/tables.py makes.
ENVIRONMENT: Mapping[str, str] = {
    "ACCOUNTS_TABLE": "accounts",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "BILLING_INTERVAL_SECONDS": "60",
    "BILLING_SCHEDULE": "rate(1 minute)",
    "CLOSING_DEAD_LETTER_QUEUE_URL": (
        "https://sqs.eu-central-1.amazonaws.com/123456789012/closing-dead-letters"
    ),
    "CLOSING_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/closing",
    "CLOSING_SCHEDULE": "rate(1 hour)",
    "DUNNING_STATE_MACHINE_ARN": (
        "arn:aws:states:eu-central-1:123456789012:stateMachine:billing-dunning"
    ),
    "INGEST_LOGS_DEAD_LETTER_QUEUE_URL": (
        "https://sqs.eu-central-1.amazonaws.com/123456789012/ingest-logs-dead-letters"
    ),
    "LEDGER_TABLE": "ledger",
    "LOGS_BUCKET": "usage-billing-logs",
    "LOGS_SCHEDULE": "rate(1 hour)",
    "LOG_FILE_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/log-files",
    "POWERTOOLS_METRICS_NAMESPACE": "UsageBilling",
    "POWERTOOLS_SERVICE_NAME": "usage-billing",
    "RETRY_SCHEDULE_SECONDS": "1,2,4,8,16",
    "RUN_BILLING_DEAD_LETTER_QUEUE_URL": (
        "https://sqs.eu-central-1.amazonaws.com/123456789012/run-billing-dead-letters"
    ),
    "SETTLE_DEAD_LETTER_QUEUE_URL": (
        "https://sqs.eu-central-1.amazonaws.com/123456789012/settle-dead-letters"
    ),
    "SETTLE_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/settle",
    "UPLOADS_ORIGIN": "https://usage-billing-logs.s3.eu-central-1.amazonaws.com",
    "USAGE_TABLE": "usage",
}

# What every function has: from Lambda, and from the template's Globals.
COMMON_ENVIRONMENT = {
    name: value for name, value in ENVIRONMENT.items() if name.startswith(("AWS_", "POWERTOOLS_"))
}

type Event = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler about the invocation."""

    remaining_milliseconds: int = 29_000
    function_name: str = "function-under-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:under-test"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """Tell the milliseconds left."""
        return self.remaining_milliseconds


@dataclass(frozen=True)
class HttpAnswer:
    """What came back through API Gateway; `json` is None where the body is not JSON."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401  JSON has no narrower type.
        """The body as JSON."""
        return json.loads(self.text)


def text_of(answer: Mapping[str, Any]) -> str:
    """Read the body of what a function hands to API Gateway, as a client has it in the end."""
    body: str = answer["body"]
    assert answer["isBase64Encoded"] == ("Content-Encoding" in answer["headers"])
    return gzip.decompress(base64.b64decode(body)).decode() if answer["isBase64Encoded"] else body


def sample_event(function: str) -> Event:
    """Read the sample payload of a function, a fresh copy each time."""
    return copy.deepcopy(_sample(function))


@cache
def _sample(function: str) -> Event:
    text = (ROOT / "events" / f"{function}.json").read_text(encoding="utf-8")
    event: Event = json.loads(text)
    return event


def load_handler(function: str) -> ModuleType:
    """Import a function's handler.py anew, as a cold start does.

    It finds the variables that the template gives to this function, and no others of its kind.
    """
    path = ROOT / "functions" / function / "handler.py"
    spec = importlib.util.spec_from_file_location(f"{function}_handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    given = {name: ENVIRONMENT[name] for name in variables_by_folder()[function]}
    others = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    with mock.patch.dict(os.environ, {**others, **COMMON_ENVIRONMENT, **given}, clear=True):
        spec.loader.exec_module(module)
    return module


def http_event(
    route_key: str,
    *,
    path: str | None = None,
    path_parameters: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    is_base64: bool = False,
    scopes: str | None = "admin",
) -> Event:
    """Make what API Gateway sends for a route; where `scopes` is None, no authorizer ran."""
    event = sample_event("system")
    method, _, pattern = route_key.partition(" ")
    raw_path = path or pattern.format_map(dict(path_parameters or {}))
    event["routeKey"] = event["requestContext"]["routeKey"] = route_key
    event["rawPath"] = event["requestContext"]["http"]["path"] = raw_path
    event["requestContext"]["http"]["method"] = method
    event["headers"] |= {name.lower(): value for name, value in (headers or {}).items()}
    event["isBase64Encoded"] = is_base64
    if path_parameters:
        event["pathParameters"] = dict(path_parameters)
    if query:
        event["queryStringParameters"] = dict(query)
    if body is not None:
        event["body"] = body
    if scopes is not None:
        said = {"keyId": "key-1", "keyName": "web server", "scopes": scopes}
        event["requestContext"]["authorizer"] = {"lambda": said}
    return event
