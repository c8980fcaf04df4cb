"""Who may do what, listed here a second time: a change of it is made on purpose."""

from tests.template.deployed import Rule, Template
from tests.template.rules.policies import compare, grants_of

# Charging reads a customer with their wallet and changes both and the record; what it rests on
# without changing it is checked.
_CHARGE = {"GetItem", "BatchGetItem", "UpdateItem", "ConditionCheckItem"}


# Settling makes a record; recording usage makes a tab.
_SETTLE = {*_CHARGE, "PutItem"}


# A visit also looks for tabs that were held, and for what is unpaid.
_RUN = {
    "AccountsTable": {*_SETTLE, "Query"},
    "AccountsTable/index/dirty": {"Query"},
    "AccountsTable/index/outstanding": {"Query"},
    "LedgerTable": {"PutItem"},
}


_CREDIT = {
    "AccountsTable": _CHARGE,
    "AccountsTable/index/outstanding": {"Query"},
    "LedgerTable": {"PutItem", "GetItem"},
}


# Closing days reads wallets, records and entries, and adds to days and reports.
_CLOSE = {
    "AccountsTable": {"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "Query"},
    "LedgerTable": {"Query"},
}


# Every DynamoDB action that any function may take; a change here is a change of who may do what.
GRANTS: dict[str, dict[str, set[str]]] = {
    "AuthorizerFunction": {"AccountsTable": {"GetItem"}},
    "UsageFunction": {
        "AccountsTable": _SETTLE,
        "UsageTable": {"PutItem", "GetItem", "UpdateItem"},
    },
    "CreditFunction": _CREDIT,
    "WalletsFunction": _CREDIT,
    "BalanceFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "Query"},
        "LedgerTable": {"GetItem", "Query"},
        "UsageTable/index/by-time": {"Query"},
    },
    "ProductsFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "Query"}
    },
    "UsersFunction": {
        "AccountsTable": {*_CHARGE, "PutItem", "DeleteItem", "Query"},
        "AccountsTable/index/by-customer": {"Query"},
        "AccountsTable/index/listing": {"Query"},
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem"},
    },
    "RecordsFunction": {
        "AccountsTable": _SETTLE,
        "AccountsTable/index/by-customer": {"Query"},
        "AccountsTable/index/dirty": {"Query"},
        "AccountsTable/index/listing": {"Query"},
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem", "GetItem"},
        "UsageTable/index/by-time": {"Query"},
    },
    "StatementsFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "Query"},
        "LedgerTable": {"Query"},
    },
    "ExecutionsFunction": {"AccountsTable": {"GetItem", "BatchGetItem"}},
    # Closing days reads the ledger.
    "JobsFunction": {**_RUN, "LedgerTable": {"PutItem", "Query"}},
    "LogsFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "UpdateItem", "Query"},
        "AccountsTable/index/listing": {"Query"},
        "UsageTable/index/by-log": {"Query"},
        "UsageTable/index/by-time": {"Query"},
    },
    "IngestLogsFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem", "PutItem", "UpdateItem"},
        "AccountsTable/index/dirty": {"Query"},
    },
    "ReadLogFileFunction": {"AccountsTable": _SETTLE, "UsageTable": {"PutItem", "GetItem"}},
    "RunBillingFunction": _RUN,
    "AttemptChargeFunction": {
        "AccountsTable": _CHARGE,
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem"},
    },
    "GiveUpDunningFunction": {"AccountsTable": _CHARGE, "LedgerTable": {"PutItem"}},
    "SettleTabFunction": {
        "AccountsTable": {*_SETTLE, "Query"},
        "AccountsTable/index/outstanding": {"Query"},
        "LedgerTable": {"PutItem"},
    },
    "RunClosingFunction": {**_CLOSE, "AccountsTable/index/dirty": {"Query"}},
    "CloseDaysFunction": _CLOSE,
    "StatusFunction": {
        "AccountsTable": {"GetItem", "BatchGetItem"},
        "AccountsTable/index/dirty": {"Query"},
        "AccountsTable/index/listing": {"Query"},
        "AccountsTable/index/outstanding": {"Query"},
    },
    "SystemFunction": {},
    "ConsoleFunction": {},
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
        "DunningWorkflow/executions": {
            "DescribeExecution",
            "DescribeStateMachineForExecution",
            "GetExecutionHistory",
        },
    },
    "JobsFunction": _STARTS,
    "RecordsFunction": _STARTS,
    "RunBillingFunction": _STARTS,
    "SettleTabFunction": _STARTS,
    "UsersFunction": _STARTS,
    "WalletsFunction": _STARTS,
}


_FINDS_LOGS = {"LogsBucket": {"ListBucket"}}


# Every S3 action that any function may take: files are read, and put for a caller.
BUCKET_GRANTS: dict[str, dict[str, set[str]]] = {
    "IngestLogsFunction": _FINDS_LOGS,
    "JobsFunction": _FINDS_LOGS,
    "LogsFunction": {"LogsBucket/incoming": {"PutObject"}},
    "ReadLogFileFunction": {**_FINDS_LOGS, "LogsBucket/incoming": {"GetObject"}},
}


_HANDS_OUT = {"LogFileQueue": {"SendMessage", "GetQueueAttributes"}}
# It takes messages, and sends what it leaves undone.
_HANDS_ON = {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage"}


# Every SQS action that any function may take.
QUEUE_GRANTS: dict[str, dict[str, set[str]]] = {
    "IngestLogsFunction": _HANDS_OUT,
    "JobsFunction": _HANDS_OUT,
    "LogsFunction": {"LogFileQueue": {"SendMessage"}},
    "ReadLogFileFunction": {"LogFileQueue": {*_HANDS_ON, "ChangeMessageVisibility"}},
    "RunBillingFunction": {"SettleQueue": {"SendMessage", "GetQueueAttributes"}},
    "SettleTabFunction": {"SettleQueue": _HANDS_ON},
    "RunClosingFunction": {"ClosingQueue": {"SendMessage", "GetQueueAttributes"}},
    "CloseDaysFunction": {"ClosingQueue": _HANDS_ON},
    # It counts what lies in each.
    "StatusFunction": {
        f"{name}Queue": {"GetQueueAttributes"}
        for name in (
            "Settle",
            "Closing",
            "LogFile",
            "SettleDeadLetter",
            "RunBillingDeadLetter",
            "ClosingDeadLetter",
            "IngestLogsDeadLetter",
        )
    },
}


def dynamodb_grants(template: Template) -> list[str]:
    """Every function may do with the tables what is listed for it, exactly.

    One action less is a request that fails; one more is what a hole in that function could do.
    """
    granted: dict[str, dict[str, set[str]]] = {
        name: {} for name, _ in template.properties_of_type("AWS::Lambda::Function")
    }
    granted |= grants_of(template, "dynamodb")
    return [
        complaint
        for name in sorted(granted.keys() | GRANTS.keys())
        for complaint in compare(granted.get(name), GRANTS.get(name), name)
    ]


def bucket_grants(template: Template) -> list[str]:
    """Every function may do with the log files what is listed for it, exactly.

    They are other people's: nothing here may ever change or remove one.
    """
    granted = grants_of(template, "s3")
    return [
        complaint
        for name in sorted(granted.keys() | BUCKET_GRANTS.keys())
        for complaint in compare(granted.get(name), BUCKET_GRANTS.get(name), name)
    ]


def queue_grants(template: Template) -> list[str]:
    """Every function may do with the queues what is listed for it, exactly.

    Whoever may send could have work done that nobody found.
    """
    granted = {
        name: own
        for name, queues in grants_of(template, "sqs").items()
        if (own := {q: may for q, verbs in queues.items() if (may := verbs - _given_by_sam(q))})
    }
    return [
        complaint
        for name in sorted(granted.keys() | QUEUE_GRANTS.keys())
        for complaint in compare(granted.get(name), QUEUE_GRANTS.get(name), name)
    ]


def _given_by_sam(queue: str) -> set[str]:
    """Where failed invocations and schedules end, SAM lets them send."""
    return {"SendMessage"} if queue.endswith("DeadLetterQueue") else set()


def workflow_grants(template: Template) -> list[str]:
    """Every function may do with the workflow what is listed for it, exactly.

    Whoever may start it could have a customer suspended.
    """
    granted = grants_of(template, "states")
    return [
        complaint
        for name in sorted(granted.keys() | WORKFLOW_GRANTS.keys())
        for complaint in compare(granted.get(name), WORKFLOW_GRANTS.get(name), name)
    ]


RULES: tuple[Rule, ...] = (
    dynamodb_grants,
    bucket_grants,
    queue_grants,
    workflow_grants,
)
