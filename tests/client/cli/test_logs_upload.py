"""A log file goes into the bucket by the form that the product offers, and is read."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import boto3
import pytest
from werkzeug.formparser import parse_form_data

from tests.client.cli.conftest import Run
from tests.support.lambdas import ENVIRONMENT
from tests.support.logs import line
from tests.support.served import served
from usage_billing import Billing
from usage_billing.api.shapes import UploadAnswer
from usage_billing.cli.exits import Exit


class Bucket:
    """Takes forms as S3 does: the fields as they were offered, and the file last."""

    def __init__(self) -> None:
        """Offer nothing yet."""
        self.offered: dict[str, object] = {}
        self.status = "204 No Content"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Take one form."""
        _, fields, files = parse_form_data(environ)
        with files["file"].stream as stream:
            content = stream.read()
        assert fields.to_dict() == self.offered
        assert "HTTP_AUTHORIZATION" not in environ
        if self.status.startswith("2"):
            boto3.client("s3", region_name="us-east-1").put_object(
                Bucket=ENVIRONMENT["LOGS_BUCKET"], Key=fields["key"], Body=content
            )
        start_response(self.status, [])
        return []


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Give a bucket that the offers of the product lead to."""
    bucket = Bucket()
    offer_of = Billing.create_log_upload
    with served(bucket) as url:

        def create_log_upload(billing: Billing, name: str) -> UploadAnswer:
            offer = offer_of(billing, name)
            bucket.offered = dict(offer["fields"])
            return {**offer, "url": url}

        monkeypatch.setattr(Billing, "create_log_upload", create_log_upload)
        yield bucket


@pytest.mark.usefixtures("bucket")
def test_a_log_file_is_uploaded_and_read(run: Run, billing: Billing, tmp_path: Path) -> None:
    billing.create_customer(id="logged", mode="postpaid")
    file = tmp_path / "day.json"
    file.write_text(json.dumps([line("logged"), line("logged")]))

    read = run("logs", "upload", str(file), "--read", "--json")

    assert read.code == Exit.DONE
    assert (read.one["state"], read.one["accepted"]) == ("done", 2)
    assert read.one["key"] == "incoming/day.json"
    assert "incoming/day.json" in run("logs", "show").data
    assert "accepted" in run("logs", "show", read.one["id"]).data


@pytest.mark.usefixtures("bucket")
def test_lines_that_were_not_accepted_are_shown(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "anything.ndjson"
    file.write_text(json.dumps(line("nobody")) + "\n")
    read = run("logs", "upload", str(file), "--name", "bad.ndjson", "--read")
    assert read.code == Exit.WRONG
    assert "Customer nobody not found" in read.data


@pytest.mark.usefixtures("bucket")
def test_a_file_may_be_left_for_the_hour(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "later.ndjson"
    file.write_text("")
    assert run("logs", "upload", str(file), "--json").one["key"] == "incoming/later.ndjson"


def test_what_the_bucket_refuses_is_told(run: Run, bucket: Bucket, tmp_path: Path) -> None:
    bucket.status = "403 Forbidden"
    file = tmp_path / "refused.ndjson"
    file.write_text("")
    refused = run("logs", "upload", str(file))
    assert refused.code == Exit.UNAVAILABLE
    assert "status 403" in refused.words


def test_a_file_that_is_not_there_is_a_fault_of_the_command_line(run: Run, tmp_path: Path) -> None:
    assert run("logs", "upload", str(tmp_path / "none")).code == Exit.USAGE
