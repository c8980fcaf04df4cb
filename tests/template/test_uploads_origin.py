"""The console may send a log file exactly where the API tells it to, in every region."""

from urllib.parse import urlsplit

import pytest
from botocore.session import get_session

from billing.edge.aws import clients
from billing.edge.aws.log_uploads import S3LogUploads
from tests.support.lambdas import COMMON_ENVIRONMENT
from tools.sam_template import read_source

KEYS = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
BUCKET = "usage-billing-logsbucket-1a2b3c"
SUFFIXES = {"cn-north-1": "amazonaws.com.cn"}


def origin_of_form(region: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return where the API has a form sent, in a region."""
    for name, value in COMMON_ENVIRONMENT.items() | KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setattr(clients, "_session", get_session)
    url, _ = S3LogUploads(clients.make_uploads_client, BUCKET).sign("k", bytes_max=1, seconds=1)
    where = urlsplit(url)
    assert where.path == "/"
    return f"{where.scheme}://{where.netloc}"


def origin_in_template(region: str) -> str:
    """Return what the console is told, in a region."""
    console = read_source()["Resources"]["ConsoleFunction"]["Properties"]
    origin: str = console["Environment"]["Variables"]["UPLOADS_ORIGIN"]["Fn::Sub"]
    values = {
        "LogsBucket": BUCKET,
        "AWS::Region": region,
        "AWS::URLSuffix": SUFFIXES.get(region, "amazonaws.com"),
    }
    for name, value in values.items():
        origin = origin.replace(f"${{{name}}}", value)
    return origin


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])
def test_the_console_may_send_where_the_api_tells_it_to(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert origin_of_form(region, monkeypatch) == origin_in_template(region)
