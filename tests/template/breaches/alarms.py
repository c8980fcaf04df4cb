"""How the rules of alarms are broken."""

from tests.template.breaches.breaking import Breach, detailed, properties, resource
from tests.template.rules import alarms

BREACHES: tuple[Breach, ...] = (
    (
        alarms.error_alarms,
        lambda s: detailed(s)["Resources"].pop("CreditErrorsAlarm"),
        "CreditFunction has no alarm on its errors",
    ),
    (
        alarms.error_alarms,
        lambda s: properties(detailed(s), "CreditErrorsAlarm").update(MetricName="Invocations"),
        "CreditFunction has no alarm on its errors",
    ),
    (
        alarms.error_alarms,
        lambda s: properties(s, "DetailedAlarmsStack")["Parameters"].update(
            CreditFunction={"Ref": "UsageFunction"}
        ),
        "CreditFunction has no alarm on its errors",
    ),
    (
        alarms.faults_reach_an_alarm,
        lambda s: s["Resources"].pop("ApiServerErrorsAlarm"),
        "no alarm of every deployment tells of faults of AuthorizerFunction",
    ),
    (
        alarms.faults_reach_an_alarm,
        lambda s: resource(s, "SettleDeadLetterQueueAlarm").update(Condition="HasDetailedAlarms"),
        "no alarm of every deployment tells of faults of SettleTabFunction",
    ),
    (
        alarms.faults_reach_an_alarm,
        lambda s: properties(s, "RunBillingFunction").pop("EventInvokeConfig"),
        "no alarm of every deployment tells of faults of RunBillingFunction",
    ),
    (
        alarms.faults_reach_an_alarm,
        lambda s: s["Resources"].pop("DunningWorkflowFailedAlarm"),
        "no alarm of every deployment tells of faults of AttemptChargeFunction",
    ),
    (
        alarms.alarms_reach_someone,
        lambda s: properties(s, "ApiServerErrorsAlarm").pop("AlarmActions"),
        "ApiServerErrorsAlarm tells no one",
    ),
    (
        alarms.alarms_reach_someone,
        lambda s: properties(detailed(s), "CreditErrorsAlarm").pop("AlarmActions"),
        "CreditErrorsAlarm tells no one",
    ),
    (
        alarms.billing_run_alarm,
        lambda s: s["Resources"].pop("BillingRunMissingAlarm"),
        "no alarm watches whether the billing run starts",
    ),
    (
        alarms.billing_run_alarm,
        lambda s: properties(s, "BillingRunMissingAlarm").update(TreatMissingData="missing"),
        "a billing run that never starts raises no alarm",
    ),
    (
        alarms.dead_letter_alarms,
        lambda s: s["Resources"].pop("SettleDeadLetterQueueAlarm"),
        "SettleDeadLetterQueue fills up unnoticed",
    ),
    (
        alarms.dead_letter_alarms,
        lambda s: s["Resources"].pop("RunBillingDeadLetterQueueAlarm"),
        "RunBillingDeadLetterQueue fills up unnoticed",
    ),
    (
        alarms.dead_letter_alarms,
        lambda s: properties(s, "IngestLogsDeadLetterQueueAlarm")["Metrics"][0].update(
            Expression="FILL(waiting, 0)"
        ),
        "IngestLogsDeadLetterQueue fills up unnoticed",
    ),
    (
        alarms.dead_letter_alarms,
        lambda s: properties(s, "SettleDeadLetterQueueAlarm").update(EvaluationPeriods=1),
        "SettleDeadLetterQueue fills up unnoticed",
    ),
    (
        alarms.dead_letter_alarms,
        lambda s: properties(s, "SettleDeadLetterQueueAlarm")["Metrics"][1]["MetricStat"][
            "Metric"
        ].update(MetricName="NumberOfMessagesSent"),
        "SettleDeadLetterQueue fills up unnoticed",
    ),
    (
        alarms.workflow_alarms,
        lambda s: s["Resources"].pop("DunningWorkflowTimedOutAlarm"),
        "DunningWorkflow has no alarm on ExecutionsTimedOut",
    ),
    (
        alarms.workflow_alarms,
        lambda s: properties(s, "DunningWorkflowFailedAlarm").update(Threshold=1),
        "DunningWorkflow has no alarm on ExecutionsFailed",
    ),
    (
        alarms.workflow_alarms,
        lambda s: detailed(s)["Resources"].pop("DunningWorkflowAbortedAlarm"),
        "DunningWorkflow has no alarm on ExecutionsAborted",
    ),
    (
        alarms.unbilled_files_alarm,
        lambda s: properties(s, "LogFilesUnbilledAlarm").update(Dimensions=[]),
        "lines of a log file that are not billed tell no one",
    ),
)
