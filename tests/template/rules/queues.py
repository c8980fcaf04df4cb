"""A message that cannot be dealt with is neither lost nor holds up the others."""

from tests.template.deployed import Rule, Template, logical_id_in


def queue_failures_are_kept(template: Template) -> list[str]:
    """A function that reads a queue reports single failures and gives up into a second queue.

    Otherwise one bad tab has nine others settled again and again, or is lost, or worked on twice.
    """
    complaints = []
    queues = dict(template.properties_of_type("AWS::SQS::Queue"))
    functions = dict(template.properties_of_type("AWS::Lambda::Function"))
    for name, mapping in template.properties_of_type("AWS::Lambda::EventSourceMapping"):
        queue = queues[logical_id_in(mapping["EventSourceArn"]) or ""]
        function = functions[logical_id_in(mapping["FunctionName"]) or ""]
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            complaints.append(f"{name} repeats a whole batch for one failure")
        if "deadLetterTargetArn" not in queue.get("RedrivePolicy", {}):
            complaints.append(f"the queue of {name} has no dead-letter queue")
        if queue.get("VisibilityTimeout", 30) < 6 * function["Timeout"]:
            complaints.append(f"the queue of {name} shows a message again while it is worked on")
    return complaints


def queues_are_encrypted(template: Template) -> list[str]:
    """Every queue is encrypted at rest: its messages name customers."""
    return [
        f"{name} is not encrypted"
        for name, queue in template.properties_of_type("AWS::SQS::Queue")
        if queue.get("SqsManagedSseEnabled") is not True
    ]


RULES: tuple[Rule, ...] = (
    queue_failures_are_kept,
    queues_are_encrypted,
)
