"""What happened can be read afterwards, shows no key, and is not kept for ever."""

import json

from tests.template.deployed import Rule, Template, logical_id_in


def log_groups(template: Template) -> list[str]:
    """Every function writes to a log group of the template that forgets after some days.

    One that Lambda makes by itself outlives the stack, and is kept and paid for ever.
    """
    complaints = []
    groups = dict(template.properties_of_type("AWS::Logs::LogGroup"))
    for name, function in template.properties_of_type("AWS::Lambda::Function"):
        group = logical_id_in(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            complaints.append(f"{name} has no log group of its own")
        elif "RetentionInDays" not in groups[group]:
            complaints.append(f"{group} keeps its logs for ever")
    return complaints


def workflow_logs(template: Template) -> list[str]:
    """A workflow logs its faults, into a group that forgets after some days, and is traced.

    Without, the reason of a dunning that failed is gone with its history.
    """
    complaints = []
    groups = dict(template.properties_of_type("AWS::Logs::LogGroup"))
    for name, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        logging = machine.get("LoggingConfiguration", {"Destinations": []})
        kept = [
            logical_id_in(destination["CloudWatchLogsLogGroup"]["LogGroupArn"])
            for destination in logging["Destinations"]
        ]
        if not kept or logging.get("Level") not in {"ALL", "ERROR"}:
            complaints.append(f"{name} logs no fault")
        complaints += [
            f"{group} keeps its logs for ever"
            for group in kept
            if "RetentionInDays" not in groups.get(group or "", {})
        ]
        if machine.get("TracingConfiguration", {}).get("Enabled") is not True:
            complaints.append(f"{name} is not traced")
    return complaints


def access_log(template: Template) -> list[str]:
    """The API's access log is JSON, is forgotten after some days, and shows no key.

    A header or a query string in it would hand a caller's key to everybody who may read logs.
    """
    [(_, stage)] = template.properties_of_type("AWS::ApiGatewayV2::Stage")
    settings = stage.get("AccessLogSettings", {})
    group = logical_id_in(settings.get("DestinationArn"))
    complaints = []
    if "RetentionInDays" not in template.resources.get(group or "", {}).get("Properties", {}):
        complaints.append("the access log is kept for ever, or nowhere")
    shown = json.loads(settings.get("Format", "{}")).values()
    complaints += [
        f"the access log lacks {needed}"
        for needed in ("$context.requestId", "$context.status", "$context.routeKey")
        if needed not in shown
    ]
    complaints += [
        f"the access log shows {variable}"
        for variable in shown
        if "header" in variable.lower() or "querystring" in variable.lower()
    ]
    return complaints


RULES: tuple[Rule, ...] = (
    log_groups,
    workflow_logs,
    access_log,
)
