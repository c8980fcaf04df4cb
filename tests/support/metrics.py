"""Metrics, as functions write them."""

import json


def metrics_in(logged: str) -> dict[str, float]:
    """Sum the metrics in what functions wrote, in CloudWatch's embedded format."""
    sums: dict[str, float] = {}
    for line in map(json.loads, logged.splitlines()):
        for group in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert (group["Namespace"], line["service"]) == ("UsageBilling", "usage-billing")
            for name in (metric["Name"] for metric in group["Metrics"]):
                value = line[name]
                total = sum(value) if isinstance(value, list) else value
                sums[name] = sums.get(name, 0) + total
    return sums
