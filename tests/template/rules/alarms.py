"""Whatever goes wrong, somebody is told."""

from collections.abc import Iterator
from typing import Any

from tests.template.deployed import Rule, Template, logical_id_in

IN_QUEUE = "ApproximateNumberOfMessagesVisible"


# The increase of what waits in a queue, also where the queue's metric begins with it, or is late.
ARRIVED = "DIFF(FILL(FILL(waiting, REPEAT), 0))"


WORKFLOW_ENDS_BADLY = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}


def error_alarms(template: Template) -> list[str]:
    """Every function has an alarm on its errors, for deployments that ask for it.

    Without its own, the one function that was left out looks well while the others are watched.
    """
    watched = {
        logical_id_in(dimension["Value"])
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/Lambda", "Errors")
        for dimension in alarm["Dimensions"]
    }
    return [
        f"{name} has no alarm on its errors"
        for name, _ in template.properties_of_type("AWS::Lambda::Function")
        if name not in watched
    ]


def faults_reach_an_alarm(template: Template) -> list[str]:
    """A fault of any function shows in an alarm that every deployment has.

    Behind the API as an answer 5xx, of the authorizer too; of a schedule and of the queue as a
    message in a dead-letter queue; in the workflow as an execution that failed.
    """
    watched = {
        (metric["MetricName"], logical_id_in(dimension["Value"]))
        for _, resource in template.of_type("AWS::CloudWatch::Alarm")
        if "Condition" not in resource
        for metric in metrics_of(resource["Properties"])
        for dimension in metric.get("Dimensions", [])
    }
    return [
        f"no alarm of every deployment tells of faults of {name}"
        for name, places in _where_faults_show(template).items()
        if not places & watched
    ]


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the metrics that an alarm reads, its own one or those of its expression."""
    if "Metrics" not in alarm:
        return [alarm]
    return [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]


def _where_faults_show(template: Template) -> dict[str, set[tuple[str, str | None]]]:
    """Tell for each function by which metrics, each of a queue, a workflow or the API."""
    shown: dict[str, set[tuple[str, str | None]]] = {
        name: set() for name, _ in template.properties_of_type("AWS::Lambda::Function")
    }
    apis = [name for name, _ in template.of_type("AWS::ApiGatewayV2::Api")]
    for name in {"AuthorizerFunction", *(route.function for route in template.routes())}:
        shown[name] |= {("5xx", api) for api in apis}
    for _, config in template.properties_of_type("AWS::Lambda::EventInvokeConfig"):
        kept = logical_id_in(
            config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        )
        shown[logical_id_in(config["FunctionName"]) or ""].add((IN_QUEUE, kept))
    queues = dict(template.properties_of_type("AWS::SQS::Queue"))
    for _, mapping in template.properties_of_type("AWS::Lambda::EventSourceMapping"):
        queue = queues[logical_id_in(mapping["EventSourceArn"]) or ""]
        dead = logical_id_in(queue.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        shown[logical_id_in(mapping["FunctionName"]) or ""].add((IN_QUEUE, dead))
    for name, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        for called in machine["DefinitionSubstitutions"].values():
            if (function := logical_id_in(called)) in shown:
                shown[function].add(("ExecutionsFailed", name))
    return shown


def alarms_reach_someone(template: Template) -> list[str]:
    """Every alarm is sent to the topic of the stack; one that tells no one is as good as none."""
    return [
        f"{name} tells no one"
        for name, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if {"Ref": "AlarmTopic"} not in alarm.get("AlarmActions", [])
    ]


def billing_run_alarm(template: Template) -> list[str]:
    """Silence of the billing run raises an alarm: no data is not good news.

    A run that never starts counts no error, and usage would go unbilled for days.
    """
    watching = [
        alarm
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "Invocations"
        and alarm["ComparisonOperator"] == "LessThanThreshold"
        and logical_id_in(alarm["Dimensions"][0]["Value"]) == "RunBillingFunction"
    ]
    if not watching:
        return ["no alarm watches whether the billing run starts"]
    return [
        "a billing run that never starts raises no alarm"
        for alarm in watching
        if alarm.get("TreatMissingData") != "breaching"
    ]


def dead_letter_alarms(template: Template) -> list[str]:
    """Every queue that failures end in has an alarm on each message that comes.

    SQS forgets after two weeks what nobody came to look at. An alarm on what lies there would sound
    once, and hide every failure until the queue is purged.
    """
    watched = {
        logical_id_in(dimension["Value"])
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if _tells_of_arrivals(alarm)
        for metric in metrics_of(alarm)
        if metric["MetricName"] == IN_QUEUE
        for dimension in metric["Dimensions"]
    }
    return [
        f"{queue} fills up unnoticed"
        for queue in sorted({q for q in _dead_letter_queues(template) if q} - watched)
    ]


def _tells_of_arrivals(alarm: dict[str, Any]) -> bool:
    """Tell whether an alarm is on an increase, and on one that is told up to 15 minutes late."""
    shown = [each for each in alarm.get("Metrics", []) if each.get("ReturnData", True)]
    return (
        [each.get("Expression") for each in shown] == [ARRIVED]
        and (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        and (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 15)
        and alarm["TreatMissingData"] == "notBreaching"
    )


def _dead_letter_queues(template: Template) -> Iterator[str | None]:
    for _, queue in template.properties_of_type("AWS::SQS::Queue"):
        if "RedrivePolicy" in queue:
            yield logical_id_in(queue["RedrivePolicy"]["deadLetterTargetArn"])
    for _, schedule in template.properties_of_type("AWS::Scheduler::Schedule"):
        yield logical_id_in(schedule["Target"].get("DeadLetterConfig", {}).get("Arn"))
    for _, config in template.properties_of_type("AWS::Lambda::EventInvokeConfig"):
        yield logical_id_in(
            config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        )


def unbilled_files_alarm(template: Template) -> list[str]:
    """A log file with lines that are not billed raises an alarm, by the metric that is written.

    Otherwise whoever put it there takes them for billed.
    """
    watched = [
        alarm
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("UsageBilling", "LogFilesUnbilled")
        and alarm["Dimensions"] == [{"Name": "service", "Value": "usage-billing"}]
        and alarm["Threshold"] == 0
    ]
    return [] if watched else ["lines of a log file that are not billed tell no one"]


def workflow_alarms(template: Template) -> list[str]:
    """A workflow that ends otherwise than it should raises an alarm, whichever way it is.

    Its customer's record stays unpaid, and would be tried again each minute with nobody the wiser.
    """
    watched = {
        (logical_id_in(alarm["Dimensions"][0]["Value"]), alarm["MetricName"])
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if alarm.get("Namespace") == "AWS/States" and alarm["Threshold"] == 0
    }
    return [
        f"{name} has no alarm on {metric}"
        for name, _ in template.properties_of_type("AWS::StepFunctions::StateMachine")
        for metric in sorted(WORKFLOW_ENDS_BADLY)
        if (name, metric) not in watched
    ]


RULES: tuple[Rule, ...] = (
    error_alarms,
    faults_reach_an_alarm,
    alarms_reach_someone,
    billing_run_alarm,
    dead_letter_alarms,
    unbilled_files_alarm,
    workflow_alarms,
)
