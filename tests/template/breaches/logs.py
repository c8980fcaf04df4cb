"""How the rules of logs are broken."""

from tests.template.breaches.breaking import Breach, api, properties
from tests.template.rules import logs

BREACHES: tuple[Breach, ...] = (
    (
        logs.log_groups,
        lambda s: properties(s, "UsageFunction").pop("LoggingConfig"),
        "UsageFunction has no log group of its own",
    ),
    (
        logs.log_groups,
        lambda s: properties(s, "UsageLogGroup").pop("RetentionInDays"),
        "UsageLogGroup keeps its logs for ever",
    ),
    (
        logs.workflow_logs,
        lambda s: properties(s, "DunningWorkflow").pop("Logging"),
        "DunningWorkflow logs no fault",
    ),
    (
        logs.workflow_logs,
        lambda s: properties(s, "DunningWorkflow")["Logging"].update(Level="OFF"),
        "DunningWorkflow logs no fault",
    ),
    (
        logs.workflow_logs,
        lambda s: properties(s, "DunningWorkflowLogGroup").pop("RetentionInDays"),
        "DunningWorkflowLogGroup keeps its logs for ever",
    ),
    (
        logs.workflow_logs,
        lambda s: properties(s, "DunningWorkflow").pop("Tracing"),
        "DunningWorkflow is not traced",
    ),
    (
        logs.access_log,
        lambda s: api(s).pop("AccessLogSettings"),
        "the access log is kept for ever, or nowhere",
    ),
    (
        logs.access_log,
        lambda s: api(s)["AccessLogSettings"].update(
            Format='{"key":"$context.request.header.Authorization"}'
        ),
        "the access log shows $context.request.header.Authorization",
    ),
)
