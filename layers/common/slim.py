"""Leave botocore's data what the clients read: called by the Makefile beside this, on the layer.

    python3 slim.py <layer>/botocore/data dynamodb s3 sqs stepfunctions

Every client that is made reads all of it, so that what nobody needs is paid for at each start: half
of that was a table of where four hundred services are, and most of the rest was documentation.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

type Json = dict[str, Any]


def main(data: Path, services: list[str]) -> None:
    """Write the table of endpoints and the models of services anew, without what nobody reads."""
    # The rules of DynamoDB's endpoints are worked out for each call, for the endpoints of accounts,
    # which the clients are told not to use. Without them botocore goes by the table.
    for rules in data.glob("dynamodb/*/endpoint-rule-set-1.json.gz"):
        rules.unlink()
    models = [
        model for service in services for model in data.glob(f"{service}/*/service-2.json.gz")
    ]
    prefixes = {slim_model(model)["metadata"]["endpointPrefix"] for model in models}
    endpoints = data / "endpoints.json"
    table = json.loads(endpoints.read_bytes())
    for partition in table["partitions"]:
        partition["services"] = {
            name: service for name, service in partition["services"].items() if name in prefixes
        }
    endpoints.write_text(json.dumps(table))


def slim_model(path: Path) -> Json:
    """Take out of a service's model what neither makes a request nor reads an answer."""
    model: Json = without_documentation(json.loads(gzip.decompress(path.read_bytes())))
    # Without a time, so that the same layer has the same bytes.
    path.write_bytes(gzip.compress(json.dumps(model).encode(), mtime=0))
    return model


def without_documentation(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Leave the texts empty; a shape's member may have that name too, and is no text."""
    if isinstance(value, list):
        return [without_documentation(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: ""
        if name == "documentation" and isinstance(each, str)
        else without_documentation(each)
        for name, each in value.items()
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
