"""No wildcard in a policy of the template stands without its reason."""

import pytest

from tests.template import wildcards
from tools.sam_template import TEMPLATE


def test_every_wildcard_says_why() -> None:
    assert wildcards.unexplained(TEMPLATE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("resource", "complaints"),
    [
        ('Resource: "*"', 1),
        ("# Every table.\nResource: !Sub arn:${AWS::Partition}:dynamodb:*", 0),
        ('Resource: "*"  # Every table.', 0),
        ('# Every table.\n\nResource: "*"', 1),
        ('NotResource: ["arn:aws:s3:::a", "arn:aws:s3:::b/*"]', 1),
        ('# Every object.\nResource:\n  - arn:aws:s3:::a\n  - "arn:aws:s3:::a/*"', 1),
        ("Resource: !Join ['', [!GetAtt Table.Arn, /index/*]]", 1),
        ('Principal: "*"\nResource: !GetAtt Table.Arn', 0),
    ],
)
def test_a_wildcard_without_a_reason_is_noticed(resource: str, complaints: int) -> None:
    assert len(wildcards.unexplained(f"Effect: Allow\n{resource}\n")) == complaints
