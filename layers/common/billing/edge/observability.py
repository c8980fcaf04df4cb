"""Logs, traces and metrics of this container, by Powertools; its variables name the service.

Nothing here writes a body, a header or a secret: the handlers log what they name, and no more.
"""

from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()

# Only calls to AWS are traced; patching every library that the tracer knows slows a cold start.
tracer = Tracer(patch_modules=["botocore"])


def count(counts: Mapping[str, int]) -> None:
    """Publish how often each thing happened.

    A zero is not published: it would cost as much as any other figure, each hour of a quiet month.
    """
    happened = {name: times for name, times in counts.items() if times}
    for name, times in happened.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=times)
    if happened:
        metrics.flush_metrics()
