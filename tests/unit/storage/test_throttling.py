"""How DynamoDB says that it is throttled, read through botocore as it comes over the wire."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from billing.storage.throttling import Place, Throttling
from tests.support import sessions

HOT = "KeyRangeThroughputExceeded"
TABLE, INDEX, OTHER = Place("usage"), Place("usage", "by-time"), Place("usage", "by-log")
CAPACITY, THROTTLING = "ProvisionedThroughputExceededException", "ThrottlingException"

# The two exceptions spell the member for their reasons each in its own way.
MEMBER_OF = {CAPACITY: "ThrottlingReasons", THROTTLING: "throttlingReasons"}


class Body(io.BytesIO):
    """A raw body, as urllib3 hands it to botocore."""

    def stream(self) -> Iterator[bytes]:
        """Give it whole."""
        yield self.read()


def refused_with(code: str, **members: object) -> ClientError:
    """Have botocore raise what an answer of DynamoDB says."""
    once = Config(retries={"total_max_attempts": 1})
    client = sessions.testing_session().client("dynamodb", config=once)
    content = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "No", **members}
    headers = HTTPHeaders()
    headers["content-type"] = "application/x-amz-json-1.0"

    def answer(**_: object) -> AWSResponse:
        return AWSResponse(
            "https://dynamodb.test", 400, headers, Body(json.dumps(content).encode())
        )

    events: Any = client.meta.events
    events.register("before-send.dynamodb", answer)
    with pytest.raises(ClientError) as raised:
        client.get_item(TableName="usage", Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
    return raised.value


def reason(limit: str, place: Place) -> Mapping[str, str]:
    """Name a limit, and the place by its ARN."""
    arn = f"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/{place.table}"
    if place.index is None:
        return {"reason": f"TableWrite{limit}", "resource": arn}
    return {"reason": f"IndexWrite{limit}", "resource": f"{arn}/index/{place.index}"}


@pytest.mark.parametrize("code", MEMBER_OF)
@pytest.mark.parametrize(
    ("reasons", "hot"),
    [
        ([reason(HOT, INDEX)], {INDEX}),
        ([reason(HOT, TABLE)], {TABLE}),
        ([reason(HOT, TABLE), reason(HOT, INDEX)], {TABLE, INDEX}),
        ([reason("AccountLimitExceeded", INDEX), reason(HOT, OTHER)], {OTHER}),
        ([reason("ProvisionedThroughputExceeded", INDEX)], set()),
        ([reason("MaxOnDemandThroughputExceeded", TABLE)], set()),
        ([], None),
    ],
    ids=["index", "table", "both", "another-index", "capacity", "maximum", "no-reasons"],
)
def test_the_places_whose_keys_are_hot_are_read(
    code: str, reasons: Sequence[Mapping[str, str]], hot: set[Place] | None
) -> None:
    throttling = Throttling.of(refused_with(code, **{MEMBER_OF[code]: reasons}))

    assert throttling.hot == hot
    assert throttling.may_be_at({INDEX}) == (hot is None or INDEX in hot)
    assert throttling.may_be_at({TABLE, INDEX}) == (hot is None or bool(hot & {TABLE, INDEX}))


@pytest.mark.parametrize("code", MEMBER_OF)
def test_an_endpoint_that_names_no_reasons_may_mean_any_place(code: str) -> None:
    assert Throttling.of(refused_with(code)).may_be_at({INDEX})
