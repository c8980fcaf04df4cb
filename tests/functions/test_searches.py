"""Lists by status, and customers by what one knows of them."""

import pytest

from tests.support.cloud import Cloud


def ids(cloud: Cloud, path: str, **query: str) -> list[str]:
    """Name what stands on a page of a list."""
    answer = cloud.get(path, query, scopes="billing:read")
    assert answer.status == 200, answer.text
    return [item["id"] for item in answer.json["items"]]


def refusal(cloud: Cloud, path: str, **query: str) -> str:
    """Name the field that a request is refused for."""
    answer = cloud.get(path, query)
    assert answer.status == 400, answer.text
    field: str = answer.json["errors"][0]["field"]
    return field


def test_suspended_customers_are_listed_by_their_status(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "globex"})
    cloud.post("/users/{userId}/suspend", {}, userId="globex")

    assert ids(cloud, "/users", status="suspended") == ["globex"]

    cloud.post("/users/{userId}/activate", {}, userId="globex")
    assert ids(cloud, "/users", status="suspended") == []


def test_a_customer_is_found_by_address_and_by_the_beginning_of_their_id(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "acme-eu", "email": "Eu@Acme.example"})

    assert ids(cloud, "/users", email="eu@acme.example") == ["acme-eu"]
    assert ids(cloud, "/users", email="nobody@acme.example") == []
    assert ids(cloud, "/users", idPrefix="acme") == ["acme", "acme-eu"]
    assert ids(cloud, "/users", idPrefix="acme", limit="1") == ["acme"]
    assert ids(cloud, "/users", idPrefix="acme-") == ["acme-eu"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "active"}, "status"),
        ({"status": ""}, "status"),
        ({"status": "suspended", "email": "a@b.example"}, "status"),
        ({"email": "a@b.example", "idPrefix": "a"}, "status"),
        ({"email": "nowhere"}, "email"),
        ({"idPrefix": ""}, "idPrefix"),
        ({"idPrefix": "~"}, "idPrefix"),
        ({"idPrefix": "a" * 65}, "idPrefix"),
        ({"idPrefix": "a", "cursor": "forged"}, "cursor"),
        ({"status": "suspended", "cursor": "forged"}, "cursor"),
    ],
    ids=[
        "no-list", "empty", "two", "other-two", "no-address", "no-prefix", "no-id", "long",
        "cursor-of-prefix", "cursor-of-status",
    ],
)  # fmt: skip
def test_a_search_for_customers_that_cannot_be_is_refused(
    cloud: Cloud, query: dict[str, str], field: str
) -> None:
    assert refusal(cloud, "/users", **query) == field


def test_records_are_listed_by_their_status(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "globex"})
    owed = cloud.post("/billing", {"userId": "globex", "amountCents": 40}).json["id"]

    assert ids(cloud, "/billing", status="retrying") == [owed]
    assert ids(cloud, "/billing", status="failed") == []

    cloud.credit("globex", 40, "enough")
    assert ids(cloud, "/billing", status="retrying") == []
    assert owed in ids(cloud, "/billing")


@pytest.mark.parametrize("status", ["paid", "pending", "RETRYING", ""], ids=lambda it: it or "none")
def test_records_have_no_list_of_another_status(cloud: Cloud, status: str) -> None:
    assert refusal(cloud, "/billing", status=status) == "status"


def test_executions_are_listed_by_their_status(cloud: Cloud) -> None:
    cloud.post("/users", {"id": "globex"})
    owed = cloud.post("/billing", {"userId": "globex", "amountCents": 40}).json["id"]

    def listed(status: str) -> list[str]:
        page = cloud.get("/executions", {"status": status}).json
        return [item["recordId"] for item in page["items"]]

    assert owed in listed("running")
    assert owed not in listed("timed_out")
    assert refusal(cloud, "/executions", status="done") == "status"
