"""Log files on the deployed stack: from the bucket to the ledger, once."""

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from math import floor
from uuid import uuid4

import pytest

from billing.domain.prices import Price
from billing.edge.api.prices import PricedBody
from billing.edge.http.strict_json import parse
from billing.edge.http.validation import validate
from tests.local_cloud.billing import Billing, at_once
from tests.support.polling import eventually
from tools.local_cloud.aws_environment import AwsClient, aws_client
from tools.local_cloud.cloud import LocalCloud
from tools.local_cloud.demo import PRODUCTS, Body
from tools.sample_logs import sample_lines

LINES = 10_000
USERS = 10
READ_SECONDS = 300.0


def price_of(product: Body) -> Price:
    """Read the price of a product of the demo, as the API does."""
    priced = {name: value for name, value in product.items() if name not in {"id", "name"}}
    price = validate(PricedBody, parse(json.dumps(priced))).given_price()
    assert price is not None
    return price


PRICES = {product["id"]: price_of(product) for product in PRODUCTS}


class Bucket:
    """The bucket of the stack, as those who put log files there see it."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._client: AwsClient = aws_client("s3", cloud.endpoint_url)
        self._name = cloud.stack.outputs["LogsBucketName"]

    def put(self, name: str, lines: Sequence[object], *, pack: bool = False) -> str:
        """Put a file of one object a line there; returns its key."""
        text = "".join(json.dumps(line) + "\n" for line in lines).encode()
        key = f"incoming/{name}"
        self._client.put_object(
            Bucket=self._name, Key=key, Body=gzip.compress(text, mtime=0) if pack else text
        )
        return key


@pytest.fixture
def bucket(cloud: LocalCloud) -> Bucket:
    """Return the bucket."""
    return Bucket(cloud)


def account(billing: Billing, key: str) -> dict[str, object]:
    """Return the account of a file, which must be among the newest."""
    [file] = [each for each in billing.get("/logs/files?limit=100")["items"] if each["key"] == key]
    found: dict[str, object] = billing.get(f"/logs/files/{file['id']}?limit=1")
    return found


def line(customer: str, quantity: int) -> dict[str, object]:
    """Make a log line."""
    return {
        "userId": customer,
        "service": "bandwidth",
        "quantity": quantity,
        "timestamp": "2024-01-15T10:00:00Z",
    }


def process_all(billing: Billing) -> int:
    """Have all files read; returns how many of their lines were accepted."""
    accepted = 0
    remaining = 1
    while remaining:
        run = billing.post("/jobs/process-logs", {}, expected=200)
        accepted, remaining = accepted + run["accepted"], run["remaining"]
    return accepted


def test_ten_thousand_lines_of_ten_users_are_read_and_billed_once(
    billing: Billing, bucket: Bucket
) -> None:
    lines = list(sample_lines(LINES, USERS))
    for number in range(1, USERS + 1):
        billing.post("/users", {"id": str(number), "mode": "postpaid"}, expected=201)
    key = bucket.put("sample.ndjson.gz", lines, pack=True)
    assert process_all(billing) == LINES
    file = account(billing, key)
    assert (file["state"], file["lines"], file["accepted"]) == ("done", LINES, LINES)

    bucket.put("sample.ndjson.gz", lines, pack=True)
    again = billing.post("/jobs/process-logs", {}, expected=200)
    assert (again["filesFound"], again["lines"]) == (0, 0)
    billing.run_billing()
    used: Counter[tuple[str, str, str]] = Counter()
    for each in lines:
        month = str(each["timestamp"])[:7]
        used[str(each["userId"]), str(each["service"]), month] += int(each["quantity"])
    for customer in {customer for customer, _, _ in used}:
        exact = [
            PRICES[product].amount(Decimal(units))
            for (user, product, _), units in used.items()
            if user == customer
        ]
        assert billing.balance(customer)["balanceCents"] == -floor(sum(exact))
        billing.check_books(customer)


def test_runs_at_once_read_each_file_once(billing: Billing, bucket: Bucket) -> None:
    customer = billing.new_customer()
    files = [f"{uuid4()}.ndjson" for _ in range(8)]
    keys = [bucket.put(name, [line(customer, 1)] * 50) for name in files]

    at_once([lambda: billing.post("/jobs/process-logs", {}, expected=200)] * 4)
    process_all(billing)

    for key in keys:
        file = account(billing, key)
        assert (file["state"], file["accepted"], file["lines"]) == ("done", 50, 50)
    billing.run_billing()
    assert billing.balance(customer)["balanceCents"] == -2 * 400
    billing.check_books(customer)


def test_eight_files_side_by_side_one_broken_and_one_replaced_in_the_middle(
    billing: Billing, bucket: Bucket
) -> None:
    customer = billing.new_customer()
    names = [f"{uuid4()}.ndjson" for _ in range(8)]
    lines = [line(customer, 1)] * 400
    keys = [bucket.put(name, ["no object"] if name == names[3] else lines) for name in names]

    def replace() -> None:
        eventually(
            lambda: billing.get("/logs/files?limit=100")["items"],
            lambda files: keys[5] in {file["key"] for file in files},
            seconds=READ_SECONDS,
        )
        bucket.put(names[5], [*lines, line(customer, 100)])

    at_once([lambda: process_all(billing), replace])
    process_all(billing)

    files = [account(billing, key) for key in keys]
    assert {file["state"] for file in files} == {"done"}
    assert [file["lines"] for file in files] == [400, 400, 400, 1, 400, 401, 400, 400]
    assert files[3]["rejected"] == 1
    # Of the replaced one, lines that were read before are duplicates.
    assert files[5]["rejected"] == files[5]["conflict"] == 0
    billing.run_billing()
    assert billing.balance(customer)["balanceCents"] == -2 * (7 * 400 + 100)
    billing.check_books(customer)


def test_the_scheduled_function_reads_what_is_there(
    cloud: LocalCloud, billing: Billing, bucket: Bucket
) -> None:
    customer = billing.new_customer()
    key = bucket.put(f"{uuid4()}.ndjson", [line(customer, 7), line(customer, -7), "no object"])
    function = cloud.stack.resources["AWS::Lambda::Function"]["IngestLogsFunction"]

    answer = aws_client("lambda", cloud.endpoint_url).invoke(FunctionName=function, Payload=b"{}")

    assert "FunctionError" not in answer, answer["Payload"].read()
    file = eventually(
        lambda: account(billing, key), lambda each: each["state"] == "done", seconds=READ_SECONDS
    )
    assert (file["state"], file["accepted"], file["rejected"]) == ("done", 1, 2)
    assert [each["logLine"] for each in billing.get(f"/logs/user/{customer}")["items"]] == [1]
