"""What tests of billing functions begin with."""

from billing.domain.runs import Job
from billing.edge.composition import utc_now
from tests.support.cloud import Cloud

USAGE = {"customerId": "acme", "productId": "api-calls", "units": 3}


def hold_lease(cloud: Cloud) -> None:
    """Let another run be at work."""
    stores = cloud.books.stores
    taken = stores.leases.take(Job.BILLING, "another", now=utc_now(), seconds=86_400)
    assert taken is not None


def owe(cloud: Cloud, *customer_ids: str) -> None:
    """Let prepaid customers without funds owe 100 cents each, so that their dunning runs."""
    for customer_id in customer_ids:
        assert cloud.post("/users", {"id": customer_id}).status == 201
        charged = cloud.post("/billing", {"userId": customer_id, "amountCents": 100})
        assert charged.json["status"] == "retrying"
