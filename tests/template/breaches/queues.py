"""How the rules of queues are broken."""

from tests.template.breaches.breaking import Breach, properties
from tests.template.rules import queues

BREACHES: tuple[Breach, ...] = (
    (
        queues.queue_failures_are_kept,
        lambda s: properties(s, "SettleTabQueueMapping").pop("FunctionResponseTypes"),
        "SettleTabQueueMapping repeats a whole batch for one failure",
    ),
    (
        queues.queue_failures_are_kept,
        lambda s: properties(s, "SettleQueue").pop("RedrivePolicy"),
        "the queue of SettleTabQueueMapping has no dead-letter queue",
    ),
    (
        queues.queue_failures_are_kept,
        lambda s: properties(s, "SettleTabFunction").update(Timeout=56),
        "the queue of SettleTabQueueMapping shows a message again while it is worked on",
    ),
    (
        queues.queues_are_encrypted,
        lambda s: properties(s, "SettleQueue").pop("SqsManagedSseEnabled"),
        "SettleQueue is not encrypted",
    ),
)
