"""The run over the log files that the schedule and the job share."""

from billing.domain.deadline import Deadline
from billing.edge.aws.log_bucket import S3LogStorage
from billing.edge.composition import Container
from billing.services.ingest_logs import IngestReport, ingest_logs
from billing.storage.stores import Stores

# What a run began when its time ended, a batch and its account, is still written in this time.
LAST_BATCH_SECONDS = 2.0


def run_ingest(
    container: Container, storage: S3LogStorage, stores: Stores, *, deadline: Deadline
) -> IngestReport:
    """Read what is new in the bucket, as far as the time goes."""
    return ingest_logs(
        stores=stores,
        storage=storage,
        catalogue=container.catalogue,
        tab_numbers=container.tab_numbers,
        clock=container.clock,
        owner=container.new_id(),
        deadline=deadline.sooner(LAST_BATCH_SECONDS),
    )
