"""A run that could not start or failed leaves a trace."""

from tests.template.deployed import Rule, Template, logical_id_in


def scheduled_failures_are_kept(template: Template) -> list[str]:
    """A schedule that cannot start its function, and a run that fails, leave a message.

    Nobody waits for the answer of a schedule, so that its failures would leave no trace.
    """
    complaints = []
    on_failure = {
        logical_id_in(config["FunctionName"]): logical_id_in(
            config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        )
        for _, config in template.properties_of_type("AWS::Lambda::EventInvokeConfig")
    }
    for name, schedule in template.properties_of_type("AWS::Scheduler::Schedule"):
        target = schedule["Target"]
        function = logical_id_in(target["Arn"])
        if "DeadLetterConfig" not in target:
            complaints.append(f"{name} has no dead-letter queue")
        if "RetryPolicy" not in target:
            complaints.append(f"{name} does not say how often it retries")
        if on_failure.get(function) is None:
            complaints.append(f"{function} is invoked asynchronously and loses its failures")
    return complaints


RULES: tuple[Rule, ...] = (scheduled_failures_are_kept,)
