"""What the tests add to moto is what DynamoDB Local does."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from billing.storage.writes import Update
from tests.support.books import Books
from tests.support.faithful import EXPRESSION_BYTES_MAX, OPERATORS_MAX, faults_of
from tests.support.faults import ANSWER_LOST, Faults, on
from tests.support.local_books import local_books
from tests.support.moto_books import moto_books

KEY = {"pk": "a", "sk": "a"}


@pytest.fixture(params=["moto", "local"])
def either(request: pytest.FixtureRequest, dynamodb_local_url: str) -> Iterator[Books]:
    """Give empty books on each in turn."""
    with moto_books() if request.param == "moto" else local_books(dynamodb_local_url) as books:
        yield books


# Which expressions are refused


def of_bytes(count: int) -> Mapping[str, Any]:
    """Give an update whose expression has so many bytes, with names of 255 characters."""
    names = {f"#{number:0253d}": f"a{number}" for number in range(15)}
    expression = "SET " + ", ".join(f"{name} = :v" for name in names)
    return {
        "UpdateExpression": expression + " " * (count - len(expression)),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }


def of_clauses(clause: str, count: int) -> Mapping[str, Any]:
    """Give an update whose condition repeats a clause so many times, with an `AND` between."""
    return {
        "UpdateExpression": "SET #n = :v",
        "ConditionExpression": " AND ".join([clause] * count),
        "ExpressionAttributeNames": {"#n": "n"},
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }


def of_sums(count: int) -> Mapping[str, Any]:
    """Give an update whose expression assigns so many sums."""
    names = {f"#{number:x}": f"a{number}" for number in range(count)}
    return {
        "UpdateExpression": "SET " + ",".join(f"{name}=:v+:v" for name in names),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":v": {"N": "1"}},
    }


def of_placeholders(condition: str = "", **more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an update with more placeholders than it needs, or with a condition too."""
    return {
        "UpdateExpression": "SET #n = :v",
        "ExpressionAttributeNames": {"#n": "n", **more.get("names", {})},
        "ExpressionAttributeValues": {":v": {"N": "1"}, **more.get("values", {})},
        **({"ConditionExpression": condition} if condition else {}),
    }


def is_refused(books: Books, request: Mapping[str, Any]) -> bool:
    """Tell whether DynamoDB Local refuses an update for what it says, and that moto will too."""
    key = {name: {"S": text} for name, text in KEY.items()}
    try:
        books.client.update_item(TableName=books.tables.accounts, Key=key, **request)
        refused = False
    except ClientError as error:
        refused = error.response["Error"]["Code"] == "ValidationException"
    assert refused == any(faults_of(request))
    return refused


def test_an_expression_of_4_kb_is_taken_and_one_byte_more_refused(books: Books) -> None:
    assert not is_refused(books, of_bytes(EXPRESSION_BYTES_MAX))
    assert is_refused(books, of_bytes(EXPRESSION_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("clause", "operators"),
    [
        ("#n=:v", 1),
        ("#n<:v", 1),
        ("#n BETWEEN :v AND :v", 1),
        ("#n IN (:v)", 1),
        ("NOT #n=:v", 2),
        ("size(#n)<>:v", 2),
    ],
)
def test_a_condition_of_300_operators_is_taken_and_one_of_more_refused(
    books: Books, clause: str, operators: int
) -> None:
    most = (OPERATORS_MAX + 1) // (operators + 1)
    assert not is_refused(books, of_clauses(clause, most))
    assert is_refused(books, of_clauses(clause, most + 1))


def test_an_update_of_300_sums_is_taken_and_one_more_refused(books: Books) -> None:
    """That each is assigned to something does not count."""
    assert not is_refused(books, of_sums(OPERATORS_MAX))
    assert is_refused(books, of_sums(OPERATORS_MAX + 1))


def test_placeholders_that_no_expression_uses_are_refused(books: Books) -> None:
    assert not is_refused(books, of_placeholders())
    assert is_refused(books, of_placeholders(names={"#idle": "idle"}))
    assert is_refused(books, of_placeholders(values={":idle": {"N": "1"}}))


def test_placeholders_that_nothing_defines_are_refused(books: Books) -> None:
    assert not is_refused(books, of_placeholders("#n <> :v"))
    assert is_refused(books, of_placeholders("#unknown = :v"))
    assert is_refused(books, of_placeholders("#n = :unknown"))


# How queries and transactions go on


def test_a_range_that_ends_before_it_begins_is_refused(either: Books) -> None:
    ledger = either.stores.ledger
    assert list(ledger.oldest_first("acme", first_seq=1, last_seq=1)) == []
    with pytest.raises(ClientError, match="ValidationException"):
        list(ledger.oldest_first("acme", first_seq=2, last_seq=1))


def test_a_full_page_names_its_last_row_even_where_nothing_follows(either: Books) -> None:
    either.customer("acme")
    own = either.stores.dynamo.query(
        either.tables.accounts, condition="#pk = :pk", values={":pk": "CUSTOMER#acme"}, limit=3
    )
    listed = either.stores.dynamo.query(
        either.tables.accounts,
        index="listing",
        condition="#listPk = :list",
        values={":list": "USERS"},
        limit=1,
    )

    assert len(own.items) == 3
    assert own.last_key == {name: own.items[-1][name] for name in ("pk", "sk")}
    names = ("pk", "sk", "listPk", "listSk")
    assert listed.last_key == {name: listed.items[-1][name] for name in names}


def counting(books: Books) -> Update:
    """Give the write that counts in a row."""
    return Update(
        books.tables.accounts,
        KEY,
        "SET #n = if_not_exists(#n, :zero) + :one",
        "attribute_not_exists(#stop)",
        {":zero": 0, ":one": 1},
    )


def counted(books: Books) -> object:
    """Read what was counted."""
    row = books.stores.dynamo.get(books.tables.accounts, KEY)
    return None if row is None else row["n"]


def test_a_transaction_whose_answer_was_lost_is_not_done_twice(either: Books) -> None:
    faults = Faults(either.client)
    with faults.planned(on("TransactWriteItems", ANSWER_LOST)):
        either.stores.dynamo.transact([counting(either)])

    assert [call.operation for call in faults.calls] == ["TransactWriteItems"] * 2
    assert counted(either) == 1


def test_a_token_that_comes_back_with_other_writes_is_refused(
    either: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.dynamo.uuid4", lambda: "the-same-token")
    either.stores.dynamo.transact([counting(either)])

    with pytest.raises(ClientError, match="IdempotentParameterMismatchException"):
        either.stores.dynamo.transact([counting(either)] * 2)
    assert counted(either) == 1
