"""What the template must hold to: each rule returns one complaint for every breach, none if all is
well. Rules take a template, so that the tests can show each of them a broken one."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from billing.edge.aws.log_bucket import PREFIX
from tests.template import wildcards
from tests.template.deployed import Template, as_list, logical_id_in
from tools.sam_template import ROOT

type Rule = Callable[[Template], list[str]]

# SAM gives every function both. They write logs and traces, neither of which has an ARN that is
# known before the function exists.
MANAGED_POLICIES = {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}

HTTP_API_TIMEOUT_SECONDS = 30
LEDGER_ALLOWS = {"dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"}
LEDGER_DENIES = {
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
}

_SETTLE = {"GetItem", "BatchGetItem", "PutItem", "UpdateItem"}
# Charging reads a customer with their wallet and writes both, the record and the entry.
_CHARGE = {"GetItem", "BatchGetItem", "PutItem"}
_RUN = {
    "AccountsTable": _SETTLE,
    "AccountsTable/index/dirty": {"Query"},
    "AccountsTable/index/outstanding": {"Query"},
    "LedgerTable": {"PutItem"},
}
_CREDIT = {
    "AccountsTable": _CHARGE,
    "AccountsTable/index/outstanding": {"Query"},
    "LedgerTable": {"PutItem", "GetItem"},
}
# Recording usage makes tabs and counts on them, and puts events.
_RECORD = {*_SETTLE, "ConditionCheckItem"}
# Every DynamoDB action that any function may take; a change here is a change of who may do what.
GRANTS: dict[str, dict[str, set[str]]] = {
    "AuthorizerFunction": {"AccountsTable": {"GetItem"}},
    "UsageFunction": {
        "AccountsTable": _RECORD,
        "UsageTable": {"PutItem", "GetItem"},
    },
    "CreditFunction": _CREDIT,
    "WalletsFunction": _CREDIT,
    "BalanceFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "Query"},
        "LedgerTable": {"GetItem", "Query"},
        "UsageTable/index/by-time": {"Query"},
    },
    "ProductsFunction": {"AccountsTable": {"GetItem", "PutItem", "UpdateItem", "Query"}},
    "UsersFunction": {
        "AccountsTable": {*_CHARGE, "DeleteItem", "Query"},
        "AccountsTable/index/listing": {"Query"},
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem"},
    },
    "RecordsFunction": {
        "AccountsTable": _CHARGE,
        "AccountsTable/index/by-customer": {"Query"},
        "AccountsTable/index/listing": {"Query"},
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem"},
        "UsageTable/index/by-time": {"Query"},
    },
    "ExecutionsFunction": {"AccountsTable": {"GetItem", "BatchGetItem"}},
    "JobsFunction": {**_RUN, "AccountsTable": _RECORD, "UsageTable": {"PutItem"}},
    "LogsFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "Query"},
        "AccountsTable/index/listing": {"Query"},
        "UsageTable/index/by-log": {"Query"},
        "UsageTable/index/by-time": {"Query"},
    },
    "IngestLogsFunction": {"AccountsTable": _RECORD, "UsageTable": {"PutItem"}},
    "RunBillingFunction": _RUN,
    "AttemptChargeFunction": {
        "AccountsTable": _CHARGE,
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem"},
    },
    "GiveUpDunningFunction": {"AccountsTable": _CHARGE},
    "SettleTabFunction": {"AccountsTable": _SETTLE, "LedgerTable": {"PutItem"}},
    "SystemFunction": {},
}

_STARTS = {
    "DunningWorkflow": {"StartExecution"},
    "DunningWorkflow/executions": {"DescribeExecution"},
}
# Every Step Functions action that any function may take: whoever charges may begin a dunning.
WORKFLOW_GRANTS: dict[str, dict[str, set[str]]] = {
    "AttemptChargeFunction": _STARTS,
    "CreditFunction": _STARTS,
    "ExecutionsFunction": {
        "DunningWorkflow": {"ListExecutions"},
        "DunningWorkflow/executions": {"DescribeExecution"},
    },
    "JobsFunction": _STARTS,
    "RecordsFunction": _STARTS,
    "RunBillingFunction": _STARTS,
    "SettleTabFunction": _STARTS,
    "UsersFunction": _STARTS,
    "WalletsFunction": _STARTS,
}

_READS_LOGS = {"LogsBucket": {"ListBucket"}, "LogsBucket/incoming": {"GetObject"}}
# Every S3 action that any function may take: files are read, and never changed.
BUCKET_GRANTS: dict[str, dict[str, set[str]]] = {
    "IngestLogsFunction": _READS_LOGS,
    "JobsFunction": _READS_LOGS,
}

# Sending logs from a workflow takes these, none of which AWS lets one narrow to a resource.
LOG_DELIVERY = {
    f"logs:{verb}"
    for verb in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
}
IN_QUEUE = "ApproximateNumberOfMessagesVisible"
WORKFLOW_ENDS_BADLY = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}

STATES_ARN = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"


def log_groups(template: Template) -> list[str]:
    """Every function writes to a log group of the template that forgets after some days."""
    complaints = []
    groups = dict(template.properties_of_type("AWS::Logs::LogGroup"))
    for name, function in template.properties_of_type("AWS::Lambda::Function"):
        group = logical_id_in(function.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            complaints.append(f"{name} has no log group of its own")
        elif "RetentionInDays" not in groups[group]:
            complaints.append(f"{group} keeps its logs for ever")
    return complaints


def error_alarms(template: Template) -> list[str]:
    """Every function has an alarm on its errors, for deployments that ask for it."""
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
        (alarm["MetricName"], logical_id_in(dimension["Value"]))
        for _, resource in template.of_type("AWS::CloudWatch::Alarm")
        if "Condition" not in resource
        for alarm in [resource["Properties"]]
        for dimension in alarm.get("Dimensions", [])
    }
    return [
        f"no alarm of every deployment tells of faults of {name}"
        for name, places in _where_faults_show(template).items()
        if not places & watched
    ]


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
    """Every alarm is sent to the topic of the stack."""
    return [
        f"{name} tells no one"
        for name, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if {"Ref": "AlarmTopic"} not in alarm.get("AlarmActions", [])
    ]


def billing_run_alarm(template: Template) -> list[str]:
    """Silence of the billing run raises an alarm: no data is not good news."""
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


def scheduled_failures_are_kept(template: Template) -> list[str]:
    """A schedule that cannot start its function, and a run that fails, leave a message."""
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


def queue_failures_are_kept(template: Template) -> list[str]:
    """A function that reads a queue reports single failures and gives up into a second queue."""
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


def dead_letter_alarms(template: Template) -> list[str]:
    """Every queue that failures end in has an alarm on the first message."""
    watched = {
        logical_id_in(dimension["Value"])
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == IN_QUEUE and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    return [
        f"{queue} fills up unnoticed"
        for queue in sorted({q for q in _dead_letter_queues(template) if q} - watched)
    ]


def queues_are_encrypted(template: Template) -> list[str]:
    """Every queue is encrypted at rest."""
    return [
        f"{name} is not encrypted"
        for name, queue in template.properties_of_type("AWS::SQS::Queue")
        if queue.get("SqsManagedSseEnabled") is not True
    ]


def _allowed(template: Template) -> Iterator[tuple[str, str, Any]]:
    """Yield (role, action, resource) of everything that a role's own policies allow."""
    for role, properties in template.properties_of_type("AWS::IAM::Role"):
        for policy in properties.get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                if statement["Effect"] != "Allow":
                    continue
                for action in as_list(statement.get("Action", "NotAction")):
                    for resource in as_list(statement.get("Resource", "NotResource")):
                        yield role, action, resource


def _resource_name(template: Template, resource: object) -> str | None:
    """Return `Logical` or `Logical/index/name` for an exact ARN of this template, else None."""
    match resource:
        case {"Fn::GetAtt": [str(name), "Arn"]} if name in template.resources:
            return name
        case {"Fn::Sub": str(text)} if text.startswith(STATES_ARN):
            return _workflow_name(template, text.removeprefix(f"{STATES_ARN}:"))
        case {"Fn::Sub": str(text)} if text == f"${{LogsBucket.Arn}}/{PREFIX}*":
            return "LogsBucket/incoming"
        case {"Fn::Sub": str(text)}:
            named = re.fullmatch(r"\$\{(\w+)\.Arn\}/index/([\w-]+)", text)
            if named is None:
                return None
            table, index = named.groups()
            indexes = template.resources.get(table, {}).get("Properties", {})
            known = {i["IndexName"] for i in indexes.get("GlobalSecondaryIndexes", [])}
            return f"{table}/index/{index}" if index in known else None
        case _:
            return None


def _workflow_name(template: Template, text: str) -> str | None:
    """Return the logical id of a workflow whose name is spelled out, or `<id>/executions`."""
    kind, _, rest = text.partition(":")
    for logical_id, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        name = machine.get("StateMachineName", {}).get("Fn::Sub")
        if (kind, rest) == ("stateMachine", name):
            return logical_id
        if (kind, rest) == ("execution", f"{name}:*"):
            return f"{logical_id}/executions"
    return None


def single_actions(template: Template) -> list[str]:
    """A role names each action; no wildcard, and no "everything but"."""
    return [
        f"{role} allows {action}"
        for role, action, _ in _allowed(template)
        if not re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action)
    ]


def exact_resources(template: Template) -> list[str]:
    """A role names each resource, and each is one of this template's own."""
    return [
        f"{role} allows {action} on {resource}"
        for role, action, resource in _allowed(template)
        if _resource_name(template, resource) is None
        and not (role in _workflow_roles(template) and action in LOG_DELIVERY)
    ]


def wildcards_are_written(template: Template) -> list[str]:
    """No role has a wildcard that the template does not show: SAM adds none of its own."""
    shown = set(wildcards.written(template.source))
    return [
        f"{role} has the wildcard {wildcard}"
        for role, properties in template.properties_of_type("AWS::IAM::Role")
        for wildcard in wildcards.written(properties)
        if wildcard not in shown
    ]


def _workflow_roles(template: Template) -> set[str | None]:
    return {
        logical_id_in(machine["RoleArn"])
        for _, machine in template.properties_of_type("AWS::StepFunctions::StateMachine")
    }


def managed_policies(template: Template) -> list[str]:
    """AWS's own policies are wide, so only the two that write logs and traces are attached."""
    return [
        f"{role} has the managed policy {arn}"
        for role, properties in template.properties_of_type("AWS::IAM::Role")
        for arn in properties.get("ManagedPolicyArns", [])
        if str(arn).rsplit("/", maxsplit=1)[-1] not in MANAGED_POLICIES
    ]


def own_roles(template: Template) -> list[str]:
    """Every function has a role that no other function has."""
    roles = [
        logical_id_in(function["Role"])
        for _, function in template.properties_of_type("AWS::Lambda::Function")
    ]
    return [f"{role} is shared" for role in sorted({str(r) for r in roles if roles.count(r) > 1})]


def _granted(template: Template, service: str) -> dict[str, dict[str, set[str]]]:
    """Collect what each role, by the resource that it belongs to, may do with a service."""
    granted: dict[str, dict[str, set[str]]] = {}
    for role, action, resource in _allowed(template):
        name, _, verb = action.partition(":")
        if name == service:
            resource_name = _resource_name(template, resource) or str(resource)
            of_role = granted.setdefault(role.removesuffix("Role"), {})
            of_role.setdefault(resource_name, set()).add(verb)
    return granted


def _compare(granted: object, listed: object, name: str) -> list[str]:
    return [] if granted == listed else [f"{name} is granted {granted}, listed is {listed}"]


def dynamodb_grants(template: Template) -> list[str]:
    """Every function may do with the tables what is listed for it, exactly."""
    granted: dict[str, dict[str, set[str]]] = {
        name: {} for name, _ in template.properties_of_type("AWS::Lambda::Function")
    }
    granted |= _granted(template, "dynamodb")
    return [
        complaint
        for name in sorted(granted.keys() | GRANTS.keys())
        for complaint in _compare(granted.get(name), GRANTS.get(name), name)
    ]


def bucket_grants(template: Template) -> list[str]:
    """Every function may do with the log files what is listed for it, exactly."""
    granted = _granted(template, "s3")
    return [
        complaint
        for name in sorted(granted.keys() | BUCKET_GRANTS.keys())
        for complaint in _compare(granted.get(name), BUCKET_GRANTS.get(name), name)
    ]


def buckets_are_private(template: Template) -> list[str]:
    """Every bucket is encrypted, versioned and kept, and nobody reads it in public or in clear."""
    complaints = []
    guarded = {
        logical_id_in(policy["Bucket"])
        for _, policy in template.properties_of_type("AWS::S3::BucketPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"], statement["Action"])
        == ("Deny", "*", "s3:*")
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    }
    for name, bucket in template.of_type("AWS::S3::Bucket"):
        properties = bucket["Properties"]
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        holds = {
            "is not encrypted": "BucketEncryption" in properties,
            "is not closed to the public": [*blocked.values()] == [True] * 4,
            "lets others own what is in it": properties.get("OwnershipControls")
            == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "forgets what was there": properties.get("VersioningConfiguration")
            == {"Status": "Enabled"},
            "is deleted with the stack": bucket.get("DeletionPolicy")
            == bucket.get("UpdateReplacePolicy")
            == "Retain",
            "may be read in clear": name in guarded,
        }
        complaints += [f"{name} {complaint}" for complaint, held in holds.items() if not held]
    return complaints


def failed_files_alarm(template: Template) -> list[str]:
    """A log file that cannot be read raises an alarm, by the metric that the functions write."""
    watched = [
        alarm
        for _, alarm in template.properties_of_type("AWS::CloudWatch::Alarm")
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("UsageBilling", "LogFilesFailed")
        and alarm["Dimensions"] == [{"Name": "service", "Value": "usage-billing"}]
        and alarm["Threshold"] == 0
    ]
    return [] if watched else ["a log file that cannot be read tells no one"]


def workflow_grants(template: Template) -> list[str]:
    """Every function may do with the workflow what is listed for it, exactly."""
    granted = _granted(template, "states")
    return [
        complaint
        for name in sorted(granted.keys() | WORKFLOW_GRANTS.keys())
        for complaint in _compare(granted.get(name), WORKFLOW_GRANTS.get(name), name)
    ]


def workflow_calls(template: Template) -> list[str]:
    """A workflow may call the functions that its definition is given, exactly."""
    complaints = []
    callable_by = _granted(template, "lambda")
    for name, machine in template.properties_of_type("AWS::StepFunctions::StateMachine"):
        substitutions = machine.get("DefinitionSubstitutions", {}).values()
        given = {logical_id_in(value) for value in substitutions if "Fn::GetAtt" in value}
        complaints += _compare(callable_by.get(name, {}).keys(), given, name)
    return complaints


def workflow_logs(template: Template) -> list[str]:
    """A workflow logs its faults, into a group that forgets after some days, and is traced."""
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


def workflow_alarms(template: Template) -> list[str]:
    """A workflow that ends otherwise than it should raises an alarm, whichever way it is."""
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


def ledger_is_append_only(template: Template) -> list[str]:
    """Nobody may change or remove an entry, whatever any other policy comes to allow."""
    complaints = [
        f"{role} allows {action} on the ledger"
        for role, action, resource in _allowed(template)
        if (_resource_name(template, resource) or "").startswith("LedgerTable")
        and action not in LEDGER_ALLOWS
    ]
    ledger = template.resources["LedgerTable"]["Properties"]
    policy = ledger.get("ResourcePolicy", {}).get("PolicyDocument", {"Statement": []})
    denied: set[str] = set()
    for statement in policy["Statement"]:
        # A condition would leave some caller, or some moment, that the Deny does not reach.
        if (
            statement["Effect"] == "Deny"
            and statement["Principal"] == "*"
            and statement["Resource"] == "*"
            and "Condition" not in statement
        ):
            denied.update(as_list(statement["Action"]))
    complaints += [f"the ledger does not deny {a}" for a in sorted(LEDGER_DENIES - denied)]
    return complaints


def tables_are_kept(template: Template) -> list[str]:
    """Every table can be restored, outlives the stack, and is encrypted and paid by use."""
    complaints = []
    for name, table in template.of_type("AWS::DynamoDB::Table"):
        properties = table["Properties"]
        recovery = properties.get("PointInTimeRecoverySpecification", {})
        kept = {
            "point in time recovery": recovery.get("PointInTimeRecoveryEnabled") is True,
            "deletion protection": properties.get("DeletionProtectionEnabled") is True,
            "Retain on delete": table.get("DeletionPolicy") == "Retain",
            "Retain on replace": table.get("UpdateReplacePolicy") == "Retain",
            "encryption": properties.get("SSESpecification", {}).get("SSEEnabled") is True,
            "payment by use": properties.get("BillingMode") == "PAY_PER_REQUEST",
            "a generated name": "TableName" not in properties,
        }
        complaints += [f"{name} lacks {what}" for what, holds in kept.items() if not holds]
    return complaints


def folders(template: Template) -> list[str]:
    """Every function is a folder of one file, and its logical id is the folder's name."""
    complaints = []
    on_disk = {
        path.name for path in (ROOT / "functions").iterdir() if (path / "handler.py").exists()
    }
    in_template = set()
    for name, function in template.functions():
        folder = str(function["CodeUri"]).removeprefix("functions/")
        in_template.add(folder)
        expected = "".join(part.capitalize() for part in folder.split("_")) + "Function"
        if name != expected:
            complaints.append(f"{name} runs functions/{folder}, so it should be {expected}")
    complaints += [f"functions/{folder} is not on disk" for folder in sorted(in_template - on_disk)]
    complaints += [
        f"functions/{folder} is in no template" for folder in sorted(on_disk - in_template)
    ]
    return complaints


def globals_name_no_resource(template: Template) -> list[str]:
    """A resource's name in Globals would reach functions that have no business with it."""
    variables = template.source["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    return [
        f"Globals gives every function {name}"
        for name, value in variables.items()
        if logical_id_in(value) in template.source["Resources"]
    ]


def timeouts(template: Template) -> list[str]:
    """A function behind the HTTP API gives up before the API does, so that it can say so."""
    behind = {route.function for route in template.routes()}
    return [
        f"{name} works on after its caller was answered 503"
        for name, function in template.properties_of_type("AWS::Lambda::Function")
        if name in behind and function["Timeout"] >= HTTP_API_TIMEOUT_SECONDS
    ]


def authorizer(template: Template) -> list[str]:
    """The API asks the authorizer about the key that a request brings, and no one else."""
    return [
        f"the API asks {caller} about {asked}"
        for _, api in template.properties_of_type("AWS::ApiGatewayV2::Api")
        for scheme in api["Body"]["components"]["securitySchemes"].values()
        for settings in [scheme["x-amazon-apigateway-authorizer"]]
        for caller in [logical_id_in(settings["authorizerUri"]["Fn::Sub"][1]["__FunctionArn__"])]
        for asked in [settings.get("identitySource")]
        if (caller and template.function_behind(caller), asked)
        != ("AuthorizerFunction", ["$request.header.Authorization"])
    ]


def one_architecture(template: Template) -> list[str]:
    """Every function and the layer are of the processor that the deployment chose."""
    chosen = [{"Ref": "Architecture"}]
    functions = template.properties_of_type("AWS::Lambda::Function")
    layers = template.properties_of_type("AWS::Lambda::LayerVersion")
    given = {name: function.get("Architectures") for name, function in functions}
    # The layer's logical id ends in a hash of its content.
    given |= {layer["LayerName"]: layer.get("CompatibleArchitectures") for _, layer in layers}
    return [f"{name} is for {found}" for name, found in given.items() if found != chosen]


def access_log(template: Template) -> list[str]:
    """The API's access log is JSON, is forgotten after some days, and shows no key."""
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


def default_throttle(template: Template) -> list[str]:
    """The API lets through only so much."""
    [(_, stage)] = template.properties_of_type("AWS::ApiGatewayV2::Stage")
    limits = stage.get("DefaultRouteSettings", {})
    return [
        f"the API has no {limit}"
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
        if limit not in limits
    ]


RULES: tuple[Rule, ...] = (
    log_groups,
    error_alarms,
    faults_reach_an_alarm,
    alarms_reach_someone,
    billing_run_alarm,
    scheduled_failures_are_kept,
    queue_failures_are_kept,
    dead_letter_alarms,
    queues_are_encrypted,
    single_actions,
    exact_resources,
    wildcards_are_written,
    managed_policies,
    own_roles,
    dynamodb_grants,
    bucket_grants,
    buckets_are_private,
    failed_files_alarm,
    workflow_grants,
    workflow_calls,
    workflow_logs,
    workflow_alarms,
    ledger_is_append_only,
    tables_are_kept,
    folders,
    globals_name_no_resource,
    timeouts,
    authorizer,
    one_architecture,
    access_log,
    default_throttle,
)
