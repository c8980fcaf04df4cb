"""Where the console of AWS shows an execution."""

from urllib.parse import urlsplit

# By partition: the host of the console, and the domains at which its services answer. From the AWS
# General Reference, "AWS Management Console endpoints", and the guides to AWS GovCloud (US) and to
# Amazon Web Services in China. The isolated partitions publish neither.
_PARTITIONS = {
    "aws": ("console.aws.amazon.com", (".amazonaws.com", ".api.aws")),
    "aws-cn": ("console.amazonaws.cn", (".amazonaws.com.cn", ".api.amazonwebservices.com.cn")),
    "aws-us-gov": ("console.amazonaws-us-gov.com", (".amazonaws.com", ".api.aws")),
}


def execution_url(execution_arn: str, endpoint_url: str) -> str | None:
    """Return the address of an execution's page; None where it is not kept at AWS.

    An emulator writes the same ARNs as AWS does, so that only the endpoint tells them apart.
    """
    _, partition, _, region, _ = execution_arn.split(":", 4)
    host, domains = _PARTITIONS.get(partition, ("", ()))
    if not (urlsplit(endpoint_url).hostname or "").endswith(domains):
        return None
    return f"https://{host}/states/home?region={region}#/v2/executions/details/{execution_arn}"
