"""Metrics, as functions write them."""

import json


def metrics_in(logged: str) -> dict[str, float]:
    """Read the metrics out of what a function wrote, in CloudWatch's embedded format."""
    metrics: dict[str, float] = {}
    for line in map(json.loads, logged.splitlines()):
        for group in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert group["Namespace"] == "UsageBilling"
            metrics |= {metric["Name"]: line[metric["Name"]][0] for metric in group["Metrics"]}
    return metrics
