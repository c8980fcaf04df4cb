"""All functions over one set of tables on moto, called as API Gateway, SQS and Scheduler do."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.stepfunctions.models import Execution

from billing.edge.api.all_routes import ROUTES_OF
from billing.edge.composition import utc_now
from tests.support.books import Books
from tests.support.clock import SettableMonotonic
from tests.support.faithful import make_faithful
from tests.support.lambdas import (
    COMMON_ENVIRONMENT,
    ENVIRONMENT,
    FUNCTIONS,
    Context,
    Event,
    HttpAnswer,
    http_event,
    load_handler,
    sample_event,
    text_of,
)
from tests.support.moto_books import moto_books
from tests.support.permissions import refuse_what_is_not_granted
from tests.support.state_machine import create_state_machine, waiting_history
from tests.support.template import grants_by_folder

if TYPE_CHECKING:
    from types import ModuleType

FUNCTION_OF = {route.key: function for function, routes in ROUTES_OF.items() for route in routes}
_JSON = {"content-type": "application/json"}


def function_of(event: Event) -> str:
    """Name the function that API Gateway sends a request to."""
    return FUNCTION_OF.get(event["routeKey"], "system")


class Cloud:
    """The functions, by folder, and the books that they write."""

    def __init__(self, books: Books) -> None:
        """Start one container of each function."""
        self.books = books
        self.functions: dict[str, ModuleType] = {name: load_handler(name) for name in FUNCTIONS}
        for name, module in self.functions.items():
            if hasattr(module, "CONTAINER"):
                client = module.CONTAINER.dynamo_client
                make_faithful(client)
                refuse_what_is_not_granted(client, grants_by_folder()[name], books.tables)

        self._read_while_jobs_wait()

    def _read_while_jobs_wait(self) -> None:
        """Let whoever waits for log files pass the time with the readers at work."""
        monotonic = SettableMonotonic()

        def wait(seconds: float) -> None:
            monotonic.sleep(seconds)
            self.read_log_files()

        jobs = vars(self.functions["jobs"])
        jobs["CONTAINER"] = replace(jobs["CONTAINER"], sleep=wait, monotonic=monotonic)

    def stand_still_at_noon(self) -> datetime:
        """Have all functions believe that it is noon, in the middle of the next month or the one
        after it, from now on; return that instant.

        No day and no month ends between two steps of a test then, whenever it is run.
        """
        now = (utc_now() + timedelta(days=40)).replace(day=15, hour=12)
        for module in map(vars, self.functions.values()):
            if "CONTAINER" in module:
                module["CONTAINER"] = replace(module["CONTAINER"], clock=lambda: now)
        return now

    def forget_log_files(self) -> None:
        """Take every message from the queue of log files."""
        for message in self._log_file_messages():
            self._delete_log_file_message(message)

    def read_log_files(self, context: Context | None = None) -> None:
        """Hand over each message of the queue of log files, as SQS does, one an invocation."""
        for message in self._log_file_messages():
            event = log_file_message(message["Body"], message["ReceiptHandle"])
            if not self.invoke("read_log_file", event, context)["batchItemFailures"]:
                self._delete_log_file_message(message)

    def _log_file_messages(self) -> Iterator[Mapping[str, Any]]:
        queue = vars(self.functions["read_log_file"])["QUEUE"]
        ask = partial(queue.client.receive_message, QueueUrl=queue.url, MaxNumberOfMessages=10)
        while found := ask().get("Messages"):
            yield from found

    def _delete_log_file_message(self, message: Mapping[str, Any]) -> None:
        queue = vars(self.functions["read_log_file"])["QUEUE"]
        queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])

    def invoke(self, function: str, event: Event, context: Context | None = None) -> Any:  # noqa: ANN401  Each trigger has its own answer.
        """Invoke a function with the payload of its trigger."""
        return self.functions[function].handler(event, context or Context())

    def send(self, event: Event, context: Context | None = None) -> HttpAnswer:
        """Send an HTTP request to the function that serves its route."""
        answer = self.invoke(function_of(event), event, context)
        # API Gateway answers 502 for anything that is not exactly this.
        assert answer.keys() == {"statusCode", "headers", "body", "isBase64Encoded"}
        return HttpAnswer(answer["statusCode"], answer["headers"], text_of(answer))

    def get(
        self,
        route: str,
        query: Mapping[str, str] | None = None,
        /,
        *,
        scopes: str | None = "admin",
        **path_parameters: str,
    ) -> HttpAnswer:
        """Send a GET to a route such as `/users/{userId}`."""
        return self.send(
            http_event(f"GET {route}", path_parameters=path_parameters, query=query, scopes=scopes)
        )

    def post(
        self,
        route: str,
        body: object,
        headers: Mapping[str, str] | None = None,
        *,
        scopes: str | None = "admin",
        **path_parameters: str,
    ) -> HttpAnswer:
        """Send a POST with a JSON body."""
        return self.send(
            http_event(
                f"POST {route}",
                path_parameters=path_parameters,
                headers={**_JSON, **(headers or {})},
                body=json.dumps(body),
                scopes=scopes,
            )
        )

    def post_text(
        self, route: str, text: str | None, *, content_type: str | None = "application/json"
    ) -> HttpAnswer:
        """Send a POST whose body is text as it stands."""
        headers = {} if content_type is None else {"content-type": content_type}
        return self.send(http_event(f"POST {route}", headers=headers, body=text))

    def patch(self, route: str, body: object, /, **path_parameters: str) -> HttpAnswer:
        """Send a PATCH with a JSON body."""
        return self.send(
            http_event(
                f"PATCH {route}",
                path_parameters=path_parameters,
                headers=_JSON,
                body=json.dumps(body),
            )
        )

    def delete(self, route: str, /, **path_parameters: str) -> HttpAnswer:
        """Send a DELETE, which has no body."""
        return self.send(http_event(f"DELETE {route}", path_parameters=path_parameters))

    def credit(self, customer_id: str, amount_cents: int, key: str) -> HttpAnswer:
        """Credit a wallet under an idempotency key."""
        body = {"customerId": customer_id, "amountCents": amount_cents}
        return self.post("/billing/credit", body, {"Idempotency-Key": key})


def log_file_message(body: str, receipt: str = "receipt", *, receives: int = 1) -> Event:
    """Make what SQS hands to the reader of log files, from the sample."""
    event = sample_event("read_log_file")
    [record] = event["Records"]
    record |= {"body": body, "receiptHandle": receipt}
    record["attributes"]["ApproximateReceiveCount"] = str(receives)
    return event


@contextmanager
def moto_cloud() -> Iterator[Cloud]:
    """Give a cloud with the product api-calls at 1 cent and the postpaid customer acme."""
    with moto_books() as books, surroundings():
        cloud = Cloud(books)
        cloud.post("/products", {"id": "api-calls", "name": "API calls", "unitPriceCents": 1})
        cloud.post("/users", {"id": "acme", "mode": "postpaid"})
        yield cloud


@contextmanager
def surroundings() -> Iterator[None]:
    """Give the functions their common variables and, on moto, the workflow and the bucket."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in COMMON_ENVIRONMENT.items():
            environment.setenv(name, value)
        environment.setattr(Execution, "get_execution_history", waiting_history)
        _create_workflow()
        # Where the client needs no place for the bucket; one of another region finds it as well.
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=ENVIRONMENT["LOGS_BUCKET"])
        queues = boto3.client("sqs", region_name="eu-central-1")
        for name, value in ENVIRONMENT.items():
            if name.endswith("_QUEUE_URL"):
                queues.create_queue(QueueName=value.rpartition("/")[2])
        yield


def _create_workflow() -> None:
    """Create the workflow under its ARN; moto keeps executions, and runs none."""
    client = boto3.client("stepfunctions", region_name="eu-central-1")
    wanted = ENVIRONMENT["DUNNING_STATE_MACHINE_ARN"]
    function = "arn:aws:lambda:eu-central-1:123456789012:function:"
    arn = create_state_machine(
        client,
        wanted.rpartition(":")[2],
        {
            "AttemptChargeFunctionArn": f"{function}attempt_charge",
            "GiveUpDunningFunctionArn": f"{function}give_up_dunning",
        },
    )
    assert arn == wanted
