"""The template holds to every rule, and every rule complains about a template that breaks it."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_layer_provider import SamLayerProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from tests.support.naming import in_words
from tests.template import agreement, rules, wildcards
from tests.template.deployed import Template, deploy
from tools.sam_template import ROOT, TEMPLATE, read_source

type Source = dict[str, Any]
type Breakage = Callable[[Source], object]

ALL_RULES = rules.RULES + agreement.AGREEMENTS


def _resource(source: Source, name: str) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return source["Resources"][name]


def _properties(source: Source, name: str) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return _resource(source, name)["Properties"]


def _statements(source: Source, name: str) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return _properties(source, name)["Policies"][0]["Statement"]


def _schedule(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return _properties(source, "RunBillingFunction")["Events"]["BillingSchedule"]["Properties"]


def _ledger_deny(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return _properties(source, "LedgerTable")["ResourcePolicy"]["PolicyDocument"]["Statement"][0]


def _api(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return _properties(source, "Api")


def _authorizer(source: Source) -> Any:  # noqa: ANN401  YAML has no narrower type.
    return _api(source)["Auth"]["Authorizers"]["ApiKey"]


def _share_a_role(source: Source) -> None:
    for name in ("UsersFunction", "ProductsFunction"):
        _properties(source, name)["Role"] = {"Fn::GetAtt": ["CreditFunctionRole", "Arn"]}


# One line a breach: the rule, what is done to the template, and what the rule must then say.
BREACHES: tuple[tuple[rules.Rule, Breakage, str], ...] = (
    (
        rules.log_groups,
        lambda s: _properties(s, "UsageFunction").pop("LoggingConfig"),
        "UsageFunction has no log group of its own",
    ),
    (
        rules.log_groups,
        lambda s: _properties(s, "UsageLogGroup").pop("RetentionInDays"),
        "UsageLogGroup keeps its logs for ever",
    ),
    (
        rules.error_alarms,
        lambda s: s["Resources"].pop("CreditErrorsAlarm"),
        "CreditFunction has no alarm on its errors",
    ),
    (
        rules.error_alarms,
        lambda s: _properties(s, "CreditErrorsAlarm").update(MetricName="Invocations"),
        "CreditFunction has no alarm on its errors",
    ),
    (
        rules.faults_reach_an_alarm,
        lambda s: s["Resources"].pop("ApiServerErrorsAlarm"),
        "no alarm of every deployment tells of faults of AuthorizerFunction",
    ),
    (
        rules.faults_reach_an_alarm,
        lambda s: _resource(s, "SettleDeadLetterQueueAlarm").update(Condition="HasDetailedAlarms"),
        "no alarm of every deployment tells of faults of SettleTabFunction",
    ),
    (
        rules.faults_reach_an_alarm,
        lambda s: _properties(s, "RunBillingFunction").pop("EventInvokeConfig"),
        "no alarm of every deployment tells of faults of RunBillingFunction",
    ),
    (
        rules.faults_reach_an_alarm,
        lambda s: s["Resources"].pop("DunningWorkflowFailedAlarm"),
        "no alarm of every deployment tells of faults of AttemptChargeFunction",
    ),
    (
        rules.alarms_reach_someone,
        lambda s: _properties(s, "ApiServerErrorsAlarm").pop("AlarmActions"),
        "ApiServerErrorsAlarm tells no one",
    ),
    (
        rules.billing_run_alarm,
        lambda s: s["Resources"].pop("BillingRunMissingAlarm"),
        "no alarm watches whether the billing run starts",
    ),
    (
        rules.billing_run_alarm,
        lambda s: _properties(s, "BillingRunMissingAlarm").update(TreatMissingData="missing"),
        "a billing run that never starts raises no alarm",
    ),
    (
        rules.scheduled_failures_are_kept,
        lambda s: _schedule(s).pop("DeadLetterConfig"),
        "RunBillingFunctionBillingSchedule has no dead-letter queue",
    ),
    (
        rules.scheduled_failures_are_kept,
        lambda s: _schedule(s).pop("RetryPolicy"),
        "RunBillingFunctionBillingSchedule does not say how often it retries",
    ),
    (
        rules.scheduled_failures_are_kept,
        lambda s: _properties(s, "RunBillingFunction").pop("EventInvokeConfig"),
        "RunBillingFunction is invoked asynchronously and loses its failures",
    ),
    (
        rules.queue_failures_are_kept,
        lambda s: _properties(s, "SettleTabQueueMapping").pop("FunctionResponseTypes"),
        "SettleTabQueueMapping repeats a whole batch for one failure",
    ),
    (
        rules.queue_failures_are_kept,
        lambda s: _properties(s, "SettleQueue").pop("RedrivePolicy"),
        "the queue of SettleTabQueueMapping has no dead-letter queue",
    ),
    (
        rules.queue_failures_are_kept,
        lambda s: _properties(s, "SettleTabFunction").update(Timeout=56),
        "the queue of SettleTabQueueMapping shows a message again while it is worked on",
    ),
    (
        rules.dead_letter_alarms,
        lambda s: s["Resources"].pop("SettleDeadLetterQueueAlarm"),
        "SettleDeadLetterQueue fills up unnoticed",
    ),
    (
        rules.dead_letter_alarms,
        lambda s: s["Resources"].pop("RunBillingDeadLetterQueueAlarm"),
        "RunBillingDeadLetterQueue fills up unnoticed",
    ),
    (
        rules.queues_are_encrypted,
        lambda s: _properties(s, "SettleQueue").pop("SqsManagedSseEnabled"),
        "SettleQueue is not encrypted",
    ),
    (
        rules.single_actions,
        lambda s: _statements(s, "UsageFunction")[0].update(Action="dynamodb:*"),
        "UsageFunctionRole allows dynamodb:*",
    ),
    (
        rules.single_actions,
        lambda s: _statements(s, "UsageFunction")[0].pop("Action"),
        "UsageFunctionRole allows NotAction",
    ),
    (
        rules.exact_resources,
        lambda s: _statements(s, "AuthorizerFunction")[0].update(Resource="*"),
        "AuthorizerFunctionRole allows dynamodb:GetItem on *",
    ),
    (
        rules.exact_resources,
        lambda s: _statements(s, "UsersFunction")[1].update(
            Resource={"Fn::Sub": "${AccountsTable.Arn}/index/*"}
        ),
        "UsersFunctionRole allows dynamodb:Query on {'Fn::Sub': '${AccountsTable.Arn}/index/*'}",
    ),
    (
        rules.exact_resources,
        lambda s: _statements(s, "UsersFunction")[1].update(
            Resource={"Fn::Sub": "${AccountsTable.Arn}/index/lisitng"}
        ),
        "UsersFunctionRole allows dynamodb:Query on {'Fn::Sub': '${AccountsTable.Arn}/index/lis",
    ),
    (
        rules.wildcards_are_written,
        lambda s: _properties(s, "UsersFunction")["Policies"].append(
            {"DynamoDBReadPolicy": {"TableName": {"Ref": "AccountsTable"}}}
        ),
        "UsersFunctionRole has the wildcard arn:${AWS::Partition}:dynamodb:",
    ),
    (
        rules.managed_policies,
        lambda s: _properties(s, "UsersFunction")["Policies"].append(
            "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
        ),
        "UsersFunctionRole has the managed policy arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
    ),
    (rules.own_roles, _share_a_role, "CreditFunctionRole is shared"),
    (
        rules.dynamodb_grants,
        lambda s: _statements(s, "SettleTabFunction")[0]["Action"].append("dynamodb:DeleteItem"),
        "SettleTabFunction is granted",
    ),
    (
        rules.dynamodb_grants,
        lambda s: _statements(s, "SettleTabFunction")[0]["Action"].remove("dynamodb:UpdateItem"),
        "SettleTabFunction is granted",
    ),
    (
        rules.exact_resources,
        lambda s: _statements(s, "CreditFunction")[3].update(Resource="*"),
        "CreditFunctionRole allows states:StartExecution on *",
    ),
    (
        rules.exact_resources,
        lambda s: _statements(s, "DunningWorkflow")[0].update(Resource="*"),
        "DunningWorkflowRole allows lambda:InvokeFunction on *",
    ),
    (
        rules.exact_resources,
        lambda s: _properties(s, "DunningWorkflow").update(Name={"Fn::Sub": "dunning"}),
        "CreditFunctionRole allows states:StartExecution on {'Fn::Sub': 'arn:",
    ),
    (
        rules.workflow_grants,
        lambda s: _statements(s, "ExecutionsFunction")[1]["Action"].append("states:StartExecution"),
        "ExecutionsFunction is granted",
    ),
    (
        rules.workflow_grants,
        lambda s: _statements(s, "SettleTabFunction").pop(),
        "SettleTabFunction is granted",
    ),
    (
        rules.workflow_calls,
        lambda s: _statements(s, "DunningWorkflow")[0]["Resource"].pop(),
        "DunningWorkflow is granted",
    ),
    (
        rules.workflow_logs,
        lambda s: _properties(s, "DunningWorkflow").pop("Logging"),
        "DunningWorkflow logs no fault",
    ),
    (
        rules.workflow_logs,
        lambda s: _properties(s, "DunningWorkflow")["Logging"].update(Level="OFF"),
        "DunningWorkflow logs no fault",
    ),
    (
        rules.workflow_logs,
        lambda s: _properties(s, "DunningWorkflowLogGroup").pop("RetentionInDays"),
        "DunningWorkflowLogGroup keeps its logs for ever",
    ),
    (
        rules.workflow_logs,
        lambda s: _properties(s, "DunningWorkflow").pop("Tracing"),
        "DunningWorkflow is not traced",
    ),
    (
        rules.workflow_alarms,
        lambda s: s["Resources"].pop("DunningWorkflowTimedOutAlarm"),
        "DunningWorkflow has no alarm on ExecutionsTimedOut",
    ),
    (
        rules.workflow_alarms,
        lambda s: _properties(s, "DunningWorkflowFailedAlarm").update(Threshold=1),
        "DunningWorkflow has no alarm on ExecutionsFailed",
    ),
    (
        rules.bucket_grants,
        lambda s: _statements(s, "IngestLogsFunction")[3]["Action"].append("s3:DeleteObject"),
        "IngestLogsFunction is granted",
    ),
    (
        rules.exact_resources,
        lambda s: _statements(s, "IngestLogsFunction")[3].update(
            Resource={"Fn::Sub": "${LogsBucket.Arn}/*"}
        ),
        "IngestLogsFunctionRole allows s3:GetObject on",
    ),
    (
        rules.buckets_are_private,
        lambda s: _properties(s, "LogsBucket").pop("BucketEncryption"),
        "LogsBucket is not encrypted",
    ),
    (
        rules.buckets_are_private,
        lambda s: _properties(s, "LogsBucket")["PublicAccessBlockConfiguration"].update(
            BlockPublicPolicy=False
        ),
        "LogsBucket is not closed to the public",
    ),
    (
        rules.buckets_are_private,
        lambda s: _properties(s, "LogsBucket").pop("VersioningConfiguration"),
        "LogsBucket forgets what was there",
    ),
    (
        rules.buckets_are_private,
        lambda s: _resource(s, "LogsBucket").pop("DeletionPolicy"),
        "LogsBucket is deleted with the stack",
    ),
    (
        rules.buckets_are_private,
        lambda s: s["Resources"].pop("LogsBucketPolicy"),
        "LogsBucket may be read in clear",
    ),
    (
        rules.failed_files_alarm,
        lambda s: _properties(s, "LogFilesFailedAlarm").update(Dimensions=[]),
        "a log file that cannot be read tells no one",
    ),
    (
        rules.ledger_is_append_only,
        lambda s: _properties(s, "LedgerTable").pop("ResourcePolicy"),
        "the ledger does not deny dynamodb:DeleteItem",
    ),
    (
        rules.ledger_is_append_only,
        lambda s: _ledger_deny(s)["Action"].remove("dynamodb:PartiQLUpdate"),
        "the ledger does not deny dynamodb:PartiQLUpdate",
    ),
    (
        rules.ledger_is_append_only,
        lambda s: _ledger_deny(s).update(Effect="Allow"),
        "the ledger does not deny dynamodb:UpdateItem",
    ),
    (
        rules.ledger_is_append_only,
        lambda s: _ledger_deny(s).update(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        "the ledger does not deny dynamodb:UpdateItem",
    ),
    (
        rules.ledger_is_append_only,
        lambda s: _statements(s, "CreditFunction")[2]["Action"].append("dynamodb:UpdateItem"),
        "CreditFunctionRole allows dynamodb:UpdateItem on the ledger",
    ),
    (
        rules.tables_are_kept,
        lambda s: _properties(s, "UsageTable").pop("PointInTimeRecoverySpecification"),
        "UsageTable lacks point in time recovery",
    ),
    (
        rules.tables_are_kept,
        lambda s: _properties(s, "LedgerTable").update(DeletionProtectionEnabled=False),
        "LedgerTable lacks deletion protection",
    ),
    (
        rules.tables_are_kept,
        lambda s: _resource(s, "AccountsTable").update(DeletionPolicy="Delete"),
        "AccountsTable lacks Retain on delete",
    ),
    (
        rules.tables_are_kept,
        lambda s: _resource(s, "AccountsTable").pop("UpdateReplacePolicy"),
        "AccountsTable lacks Retain on replace",
    ),
    (
        rules.folders,
        lambda s: _properties(s, "CreditFunction").update(CodeUri="functions/credits"),
        "functions/credits is not on disk",
    ),
    (
        rules.folders,
        lambda s: _properties(s, "CreditFunction").update(CodeUri="functions/usage"),
        "CreditFunction runs functions/usage, so it should be UsageFunction",
    ),
    (
        rules.folders,
        lambda s: s["Resources"].pop("CreditFunction"),
        "functions/credit is in no template",
    ),
    (
        rules.globals_name_no_resource,
        lambda s: s["Globals"]["Function"]["Environment"]["Variables"].update(
            LEDGER_TABLE={"Ref": "LedgerTable"}
        ),
        "Globals gives every function LEDGER_TABLE",
    ),
    (
        rules.timeouts,
        lambda s: _properties(s, "BalanceFunction").update(Timeout=30),
        "BalanceFunction works on after its caller was answered 503",
    ),
    (
        rules.authorizer,
        lambda s: _authorizer(s)["Identity"].update(Headers=["X-Key"]),
        "the API asks AuthorizerFunction about ['$request.header.X-Key']",
    ),
    (
        rules.authorizer,
        lambda s: _authorizer(s).update(FunctionArn={"Fn::GetAtt": ["SystemFunction", "Arn"]}),
        "the API asks SystemFunction about",
    ),
    (
        rules.one_architecture,
        lambda s: _properties(s, "UsageFunction").update(Architectures=["x86_64"]),
        "UsageFunction is for ['x86_64']",
    ),
    (
        rules.one_architecture,
        lambda s: _properties(s, "CommonLayer").pop("CompatibleArchitectures"),
        "CommonLayer is for None",
    ),
    (
        rules.access_log,
        lambda s: _api(s).pop("AccessLogSettings"),
        "the access log is kept for ever, or nowhere",
    ),
    (
        rules.access_log,
        lambda s: _api(s)["AccessLogSettings"].update(
            Format='{"key":"$context.request.header.Authorization"}'
        ),
        "the access log shows $context.request.header.Authorization",
    ),
    (
        rules.default_throttle,
        lambda s: _api(s).pop("DefaultRouteSettings"),
        "the API has no ThrottlingRateLimit",
    ),
    (
        agreement.environment,
        lambda s: _properties(s, "UsageFunction")["Environment"]["Variables"].pop("USAGE_TABLE"),
        "UsageFunction is not given USAGE_TABLE",
    ),
    (
        agreement.environment,
        lambda s: _properties(s, "UsageFunction")["Environment"]["Variables"].update(DEBUG="1"),
        "UsageFunction has no use for DEBUG",
    ),
    (
        agreement.workflow_arn,
        lambda s: _properties(s, "DunningWorkflow").update(Name={"Fn::Sub": "dunning"}),
        "UsageFunction is told that the workflow is",
    ),
    (
        agreement.workflow_definition,
        lambda s: _properties(s, "DunningWorkflow")["DefinitionSubstitutions"].pop("Partition"),
        "DunningWorkflow is not given Partition",
    ),
    (
        agreement.workflow_definition,
        lambda s: _properties(s, "DunningWorkflow")["DefinitionSubstitutions"].update(Table="t"),
        "DunningWorkflow has no use for Table",
    ),
    (
        agreement.routes,
        lambda s: _properties(s, "CreditFunction")["Events"].clear(),
        "only the code has ('POST', '/billing/credit', 'credit', ('ApiKey',))",
    ),
    (
        agreement.routes,
        lambda s: _properties(s, "CreditFunction")["Events"]["PostCredit"]["Properties"].update(
            Auth={"Authorizer": "NONE"}
        ),
        "only the template has ('POST', '/billing/credit', 'credit', ('NONE',))",
    ),
    (
        agreement.default_route,
        lambda s: _properties(s, "SystemFunction")["Events"].pop("Default"),
        "the default route is []",
    ),
)


@pytest.fixture(scope="module")
def template() -> Template:
    return deploy(read_source())


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.__name__)
def test_the_template_holds_to(rule: rules.Rule, template: Template) -> None:
    assert rule(template) == []


@pytest.mark.parametrize(
    ("rule", "breakage", "complaint"),
    BREACHES,
    ids=[f"{rule.__name__}-{in_words(complaint)}" for rule, _, complaint in BREACHES],
)
def test_a_breach_is_noticed(rule: rules.Rule, breakage: Breakage, complaint: str) -> None:
    source = read_source()
    breakage(source)

    complaints = rule(deploy(source))

    assert any(said.startswith(complaint) for said in complaints), complaints


def test_every_rule_has_been_seen_to_complain() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(ALL_RULES)


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


def test_a_function_folder_holds_its_handler_or_a_workflow_and_nothing_else() -> None:
    held = {
        str(path.relative_to(ROOT / "functions"))
        for path in (ROOT / "functions").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }

    folders = [
        str(f["CodeUri"]).removeprefix("functions/") for _, f in deploy(read_source()).functions()
    ]
    assert held == {f"{folder}/handler.py" for folder in folders} | {"workflows/dunning.asl.json"}


def test_every_parameter_of_a_deployment_exists_in_the_template() -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    parameters = read_source()["Parameters"]

    overridden = {
        environment: dict(
            override.split("=", maxsplit=1)
            for override in settings[environment]["deploy"]["parameters"]["parameter_overrides"]
        )
        for environment in ("default", "production")
    }

    for values in overridden.values():
        for name, value in values.items():
            allowed = parameters[name]["AllowedValues"]
            assert value in map(str, allowed), name
    assert parameters["Architecture"]["Default"] == "x86_64"


# Those of sam itself, whose version the lock file pins.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("step", ["build", "deploy"])
def test_production_is_arm64_throughout(step: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    overrides = settings["production"][step]["parameters"]["parameter_overrides"]

    # What sam reads when it builds, by the parameters that it is given then.
    stacks, _ = SamLocalStackProvider.get_stacks(
        str(TEMPLATE), parameter_overrides=dict(each.split("=", maxsplit=1) for each in overrides)
    )

    built_for = {f.name: f.architectures for f in SamFunctionProvider(stacks).get_all()}
    built_for |= {
        layer.name: [layer.build_architecture] for layer in SamLayerProvider(stacks).get_all()
    }
    names = {"CommonLayer", *(name for name, _ in deploy(read_source()).functions())}
    assert built_for == {name: ["arm64"] for name in names}
