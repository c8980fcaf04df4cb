"""A link to the console of AWS leads to the one of the partition, and nowhere from an emulator."""

import pytest
from botocore.config import Config
from botocore.session import get_session

from billing.edge.aws.aws_console import execution_url


def execution(partition: str, region: str) -> str:
    """Spell out the ARN of an execution."""
    return f"arn:{partition}:states:{region}:123456789012:execution:Dunning:acme__0__7__0"


CONSOLES = pytest.mark.parametrize(
    ("partition", "region", "host"),
    [
        ("aws", "eu-central-1", "console.aws.amazon.com"),
        ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
        ("aws-us-gov", "us-gov-west-1", "console.amazonaws-us-gov.com"),
    ],
    ids=["commercial", "china", "government"],
)


def asked_for(region: str, *, dual_stack: bool) -> str:
    """Return the endpoint that botocore knows of a region."""
    config = Config(use_dualstack_endpoint=dual_stack)
    client = get_session().create_client("stepfunctions", region_name=region, config=config)
    return str(client.meta.endpoint_url)


@CONSOLES
def test_each_partition_has_a_console_of_its_own(partition: str, region: str, host: str) -> None:
    arn = execution(partition, region)

    for dual_stack in (False, True):
        assert execution_url(arn, asked_for(region, dual_stack=dual_stack)) == (
            f"https://{host}/states/home?region={region}#/v2/executions/details/{arn}"
        )


@pytest.mark.parametrize(
    ("partition", "endpoint"),
    [
        ("aws", "http://127.0.0.1:4566"),
        ("aws", "http://localhost.localstack.cloud:4566"),
        ("aws", "https://states.amazonaws.com.example"),
        ("aws", "http://notamazonaws.com"),
        ("aws", ""),
        ("aws-iso", "https://states.us-iso-east-1.c2s.ic.gov"),
    ],
    ids=["local cloud", "named emulator", "longer name", "like-named", "nothing", "isolated"],
)
def test_what_does_not_run_where_the_console_shows_it_has_no_link(
    partition: str, endpoint: str
) -> None:
    assert execution_url(execution(partition, "us-east-1"), endpoint) is None
