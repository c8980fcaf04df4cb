"""An emulator goes on at another port with what waited when it was stopped."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.local_cloud.emulators import program
from tests.support.polling import eventually
from tools.local_cloud.aws_environment import AwsClient, aws_client
from tools.local_cloud.emulator import Emulator, EmulatorFiles, start
from tools.local_cloud.ports import any_free_port

QUEUE = "waiting"
ROLE = "arn:aws:iam::000000000000:role/any"
CODE = """
import os, urllib.request

def handler(event, context):
    address = f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ready"
    assert urllib.request.urlopen(address, timeout=60).status == 200
"""
# A busy machine may take so long to start a process.
SECONDS = 300.0

type Clients = Callable[[str], AwsClient]


def clients_of(emulator: Emulator) -> Clients:
    """Give what makes clients of an emulator."""
    return lambda service: aws_client(service, emulator.endpoint_url)


def zipped(code: str) -> bytes:
    """Pack the code of a function."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", code)
    return packed.getvalue()


def leave_a_message(clients: Clients) -> str:
    """Leave a message in a queue whose function does not read it yet; return what connects them."""
    url = clients("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
    made = clients("lambda").create_function(
        FunctionName="reader",
        Runtime="python3.13",
        Role=ROLE,
        Handler="handler.handler",
        Code={"ZipFile": zipped(CODE)},
    )
    arn = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    mapping = clients("lambda").create_event_source_mapping(
        EventSourceArn=arn["Attributes"]["QueueArn"],
        FunctionName=made["FunctionName"],
        Enabled=False,
    )
    clients("sqs").send_message(QueueUrl=url, MessageBody="waits")
    return str(mapping["UUID"])


def left(clients: Clients) -> Any:  # noqa: ANN401  Counts by name, as SQS tells them.
    """Count the messages of the queue: those that wait, and those that somebody has."""
    client = clients("sqs")
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = client.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    counts = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [int(counts[name]) for name in names]


def test_what_waits_in_a_queue_is_read_after_a_restart_at_another_port(tmp_path: Path) -> None:
    files = EmulatorFiles(tmp_path)
    before = start(program(), files, any_free_port())
    mapping = leave_a_message(clients_of(before))
    assert before.stop()

    after = start(program(), files, any_free_port())
    try:
        clients = clients_of(after)
        assert after.port != before.port
        assert left(clients) == [1, 0]
        clients("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
        eventually(lambda: left(clients), lambda counts: counts == [0, 0], seconds=SECONDS)
    finally:
        after.kill()
    names_of_that_port = [
        path.name
        for path in files.state.rglob("*")
        if path.is_file() and f":{before.port}/".encode() in path.read_bytes()
    ]
    assert names_of_that_port == []
