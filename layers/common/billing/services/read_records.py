"""Read billing records: one, all, or those of a customer."""

from billing.domain.errors import RecordNotFoundError
from billing.domain.records import BillingRecord, RecordId, RecordStatus
from billing.services.accounts import read_account
from billing.services.paging import Page, cursor_at, position_of
from billing.storage.stores import Stores


def get_record(record_id: str, *, stores: Stores) -> BillingRecord:
    """Read a record; raises RecordNotFoundError, also for text that is no record's id."""
    try:
        parsed = RecordId.parse(record_id)
    except ValueError:
        raise RecordNotFoundError(record_id) from None
    record = stores.records.get(parsed)
    if record is None:
        raise RecordNotFoundError(record_id)
    return record


def list_records(
    *, limit: int, cursor: str | None, stores: Stores, status: RecordStatus | None = None
) -> Page[BillingRecord]:
    """List the records of all customers, newest first; with a status, one of `LISTED_STATUSES`,
    those of it.
    """
    before = position_of(cursor)
    if status is None:
        records, position = stores.records.newest_first(limit=limit, before=before)
    else:
        records, position = stores.records.newest_first_of_status(
            status, limit=limit, before=before
        )
    return Page(records, cursor_at(position))


def list_records_of(
    customer_id: str, *, limit: int, cursor: str | None, stores: Stores
) -> Page[BillingRecord]:
    """List a customer's records, newest first; raises CustomerNotFoundError."""
    read_account(customer_id, stores)
    records, position = stores.records.newest_first_of_customer(
        customer_id, limit=limit, before=position_of(cursor)
    )
    return Page(records, cursor_at(position))
