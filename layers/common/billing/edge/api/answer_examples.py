"""Examples of answers whose models have none, and which are not made of those of others.

They tell one story: a customer pays 50.00 in advance and uses 250 units at a quarter of a cent.
"""

from collections.abc import Mapping
from typing import Any

type Json = dict[str, Any]

_EVENT: Json = {
    "id": "req-2026-01-31-000017",
    "customerId": "acme",
    "productId": "api-calls",
    "units": 250,
    "unitPriceCents": "0.25",
    "occurredAt": "2026-01-31T09:00:00.000000Z",
    "createdAt": "2026-01-31T09:00:01.125000Z",
    "recordId": "acme~0~1",
    "billedAt": "2026-01-31T09:01:00.000000Z",
}
_NOT_BILLED_YET = {**_EVENT, "billedAt": None}
_PRICE: Json = {"model": "flat", "unitPriceCents": "0.25"}
_PRODUCT: Json = {
    "id": "api-calls",
    "name": "API calls",
    "unitDecimals": 0,
    "price": _PRICE,
    "unitPriceCents": "0.25",
    "prices": [
        {
            "version": 1,
            "price": _PRICE,
            "unitPriceCents": "0.25",
            "effectiveFrom": "2026-01-01T00:00:00.000000Z",
        }
    ],
    "archivedAt": None,
    "createdAt": "2025-12-20T12:00:00.000000Z",
}
_PART: Json = {
    "kind": "units",
    "units": 250,
    "quantity": 250,
    "priceCents": "0.25",
    "flatPriceCents": "0",
    "amountCents": "62.5",
    "upTo": None,
}
_LINE: Json = {
    "productId": "api-calls",
    "priceVersion": 1,
    "month": "2026-01",
    "units": 250,
    "amountCents": "62.5",
    "events": 1,
    "unitsBefore": None,
    "unitsAfter": None,
    "debitedBeforeCents": None,
}
_SHORT_RECORD: Json = {
    "id": "acme~0~1",
    "status": "paid",
    "amountCents": 62,
    "paidAt": "2026-01-31T09:01:00.000000Z",
}
_RECORD: Json = {
    **_SHORT_RECORD,
    "userId": "acme",
    "description": None,
    "lines": [_LINE],
    "createdAt": "2026-01-31T09:01:00.000000Z",
    "failedAt": None,
    "entryId": "acme~2",
    "attempts": [],
    "retryCount": 0,
    "retrySchedule": [],
    "nextAttemptAt": None,
    "voided": None,
    "refundedCents": 0,
    "refunds": [],
}
_ENTRY: Json = {
    "id": "acme~2",
    "seq": 2,
    "kind": "usage",
    "amountCents": -62,
    "balanceCents": 4938,
    "reference": "acme~0~1",
    "postedAt": "2026-01-31T09:01:00.000000Z",
    "previousHash": "75aa9e8ae056b2f21ab7b3c468dc2ddf8270427ddb992c780f2790208fd51ef2",
    "hash": "f380a74acc233c1e438b28c6e61063451c38a19abe9b38150e1b609b3ad03455",
}
_LOG_EVENT: Json = {
    **_EVENT,
    "logFileId": "2b1c9a0e6f7d4c358b9a0e6f7d4c358b",
    "logLine": 17,
}
_LOG_FILE: Json = {
    "id": "2b1c9a0e6f7d4c358b9a0e6f7d4c358b",
    "key": "incoming/2026-01-31.json",
    "bytes": 188,
    "etag": "5d41402abc4b2a76b9719d911017c592",
    "upload": 1,
    "state": "done",
    "reason": None,
    "position": 2,
    "lines": 2,
    "accepted": 1,
    "duplicate": 0,
    "conflict": 0,
    "rejected": 1,
    "foundAt": "2026-01-31T10:00:00.000000Z",
    "startedAt": "2026-01-31T10:00:00.125000Z",
    "finishedAt": "2026-01-31T10:00:00.500000Z",
}
_EXECUTION: Json = {
    "name": "acme__0__7__0",
    "status": "running",
    "startedAt": "2026-01-31T09:00:00.125000Z",
    "stoppedAt": None,
    "error": None,
}
_INPUT: Json = {"customerId": "acme", "recordId": "acme~0~7", "attempt": 1, "waitSeconds": 1}


def _page(*items: Json) -> Json:
    return {"items": list(items), "cursor": None}


ANSWER_EXAMPLES: Mapping[str, Json] = {
    "BilledEventAnswer": {
        **_EVENT,
        "record": _SHORT_RECORD,
        "entryId": "acme~2",
        "adjustments": [],
    },
    "CustomerAnswer": {
        "id": "acme",
        "name": "Acme Ltd",
        "email": "accounts@acme.example",
        "mode": "prepaid",
        "status": "active",
        "suspendedBy": None,
        "suspendedAt": None,
        "creditLimitCents": None,
        "retrySchedule": None,
        "createdAt": "2026-01-01T09:00:00.000000Z",
    },
    "ExecutionHistoryAnswer": {
        **_page(
            {
                "name": "WaitForAttempt",
                "type": "Wait",
                "enteredAt": "2026-01-31T09:00:00.250000Z",
                "leftAt": None,
                "input": _INPUT,
                "output": None,
                "error": None,
                "faults": 0,
            }
        ),
        "recordId": "acme~0~7",
        "execution": _EXECUTION,
        "executions": [_EXECUTION],
        "definition": {"StartAt": "WaitForAttempt", "States": {}},
        "awsConsoleUrl": None,
    },
    "LedgerAnswer": {**_page(_ENTRY), "balanceCents": 4938},
    "LogFileDetailAnswer": {
        **_LOG_FILE,
        "usage": _page(_LOG_EVENT),
        "problems": _page({"line": 2, "outcome": "rejected", "reason": "quantity: is missing"}),
    },
    "LogUsageAnswer": _LOG_EVENT,
    "PreviewAnswer": {
        "unitsBefore": 0,
        "amountBeforeCents": "0",
        "items": [{"units": 250, "amountCents": "62.5", "explanation": [_PART]}],
    },
    "ProcessAnswer": {"outcome": "already_paid", "balanceCents": 4938, "record": _RECORD},
    "ProductAnswer": _PRODUCT,
    "RecordDetailAnswer": {**_RECORD, "lines": [{**_LINE, "explanation": [_PART]}]},
    "RecordEventsAnswer": _page(_EVENT),
    "RecordListAnswer": _page(_RECORD),
    "ReportsAnswer": {
        "days": [
            {
                "date": "2026-01-31",
                "creditsCents": 0,
                "usageCents": -62,
                "chargesCents": 0,
                "refundsCents": 0,
            }
        ],
        **_page(
            {
                "date": "2026-01-31",
                "productId": "api-calls",
                "units": 250,
                "events": 1,
                "amountCents": "62.5",
            }
        ),
    },
    "UsageBatchAnswer": {
        "results": [
            {"status": "accepted", "event": _NOT_BILLED_YET},
            {
                "status": "rejected",
                "problem": {
                    "type": "urn:usage-billing:error:customer_not_found",
                    "title": "Customer not found",
                    "status": 404,
                    "detail": "Customer nobody not found",
                    "code": "customer_not_found",
                },
            },
        ]
    },
    "WalletAnswer": {
        "userId": "acme",
        "balanceCents": 4938,
        "balance": "49.38",
        "outstandingCents": 0,
        "outstandingRecords": 0,
        "floorCents": 0,
        "entries": 2,
    },
}
