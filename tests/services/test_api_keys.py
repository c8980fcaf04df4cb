"""API keys: the secret is shown once, only its hash is kept, and a revoked key opens nothing."""

import hashlib
from dataclasses import replace

import pytest

from billing.domain.api_keys import ApiKey, Scope
from billing.domain.errors import ApiKeyNotFoundError, OwnApiKeyError
from billing.services.api_keys import (
    SECRET_PREFIX,
    create_api_key,
    find_api_key,
    list_api_keys,
    revoke_api_key,
)
from tests.support.books import Books
from tests.support.faults import ANSWER_LOST, Faults, meanwhile, on


def make_key(books: Books, *scopes: Scope, random: bytes = b"r" * 32) -> tuple[str, ApiKey]:
    """Make a key from known random bytes."""
    return create_api_key(
        key_id=books.new_id(),
        name="meter",
        scopes=scopes,
        random=random,
        stores=books.stores,
        clock=books.clock,
    )


def test_a_key_is_found_by_its_secret_with_its_scopes(books: Books) -> None:
    secret, made = make_key(books, Scope.USAGE_WRITE, Scope.BILLING_READ)

    found = find_api_key(secret, stores=books.stores)

    assert found == made
    assert found is not None
    assert found.scopes == {Scope.USAGE_WRITE, Scope.BILLING_READ}
    assert secret.startswith(SECRET_PREFIX)


def test_the_secret_is_stored_nowhere(books: Books) -> None:
    secret, made = make_key(books, Scope.ADMIN)

    stored = str(list(books.rows(books.tables.accounts)))

    assert secret not in stored
    assert secret.removeprefix(SECRET_PREFIX) not in stored
    assert made.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert made.secret_sha256 in stored


def test_a_secret_has_256_random_bits(books: Books) -> None:
    one, _ = make_key(books, random=bytes(32))
    other, _ = make_key(books, random=bytes(31) + b"\x01")

    assert one != other
    assert len(one.removeprefix(SECRET_PREFIX)) == 43


@pytest.mark.parametrize("secret", ["", "ub_", "ub_wrong", "x" * 5000, "ub_\N{SNOWMAN}"])
def test_any_other_secret_opens_nothing(books: Books, secret: str) -> None:
    make_key(books, Scope.ADMIN)

    assert find_api_key(secret, stores=books.stores) is None


def revoke(books: Books, key_id: str, *, by: str = "another") -> ApiKey:
    """Revoke a key, as another key asks for it."""
    return revoke_api_key(key_id, by=by, stores=books.stores, clock=books.clock)


@pytest.mark.on_dynamodb_local
def test_a_revoked_key_opens_nothing_and_keeps_the_time_of_the_first_revocation(
    books: Books,
) -> None:
    secret, made = make_key(books, Scope.ADMIN)
    revoked_at = books.clock()

    assert revoke(books, made.id) == replace(made, revoked_at=revoked_at)
    books.clock.advance(60)
    assert revoke(books, made.id).revoked_at == revoked_at

    assert find_api_key(secret, stores=books.stores) is None
    [listed] = list_api_keys(limit=10, cursor=None, stores=books.stores).items
    assert listed.revoked_at == revoked_at


@pytest.mark.on_dynamodb_local
def test_one_of_many_keys_is_revoked_and_no_other(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing.storage.api_keys._KEYS_PAGE_SIZE", 2)
    made = [make_key(books, random=bytes([number]) * 32)[1] for number in range(5)]

    revoke(books, made[3].id)

    listed = list_api_keys(limit=10, cursor=None, stores=books.stores).items
    assert {each.id for each in listed if each.revoked_at is not None} == {made[3].id}


def test_a_revocation_whose_answer_was_lost_is_still_ours(books: Books, faults: Faults) -> None:
    _, made = make_key(books, Scope.ADMIN)

    with faults.planned(on("UpdateItem", ANSWER_LOST)):
        assert revoke(books, made.id).revoked_at == books.clock()


def test_a_key_that_never_was_cannot_be_revoked(books: Books) -> None:
    make_key(books, Scope.ADMIN)

    with pytest.raises(ApiKeyNotFoundError):
        revoke(books, "unknown")
    assert books.counts()[books.tables.accounts] == 1


@pytest.mark.on_dynamodb_local
def test_a_key_that_is_removed_meanwhile_does_not_come_back(books: Books, faults: Faults) -> None:
    _, made = make_key(books, Scope.ADMIN)
    key = {"pk": {"S": f"APIKEY#{made.secret_sha256}"}, "sk": {"S": "APIKEY"}}

    def remove() -> None:
        books.client.delete_item(TableName=books.tables.accounts, Key=key)

    with faults.planned(on("UpdateItem", meanwhile(remove))), pytest.raises(ApiKeyNotFoundError):
        revoke(books, made.id)
    assert books.counts()[books.tables.accounts] == 0


def test_a_key_does_not_revoke_itself(books: Books) -> None:
    secret, made = make_key(books, Scope.ADMIN)

    with pytest.raises(OwnApiKeyError):
        revoke(books, made.id, by=made.id)
    assert find_api_key(secret, stores=books.stores) == made


def test_keys_are_listed_newest_first_and_apart_from_customers(books: Books) -> None:
    books.customer("acme")
    made = []
    for number in range(3):
        made.append(make_key(books, random=bytes([number]) * 32)[1])
        books.clock.advance(1)

    first = list_api_keys(limit=2, cursor=None, stores=books.stores)
    rest = list_api_keys(limit=2, cursor=first.cursor, stores=books.stores)

    assert [*first.items, *rest.items] == made[::-1]
    assert rest.cursor is None
