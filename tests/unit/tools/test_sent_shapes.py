"""What a story sends is told by its shape, and found where DynamoDB Local never hears it."""

from tests.support.expressions import SentShapes, shapes_of

READ = {"TableName": "usage-7", "KeyConditionExpression": "#pk = :pk", "Limit": 3}


def update(lines: int) -> dict[str, str]:
    """Give an update that repeats a step for each line."""
    steps = ", ".join(f"#units.#_{number} = :units{number}" for number in range(lines))
    return {"TableName": "accounts", "UpdateExpression": f"SET {steps}"}


def test_a_shape_is_the_same_for_any_table_name_and_any_number_of_lines() -> None:
    assert list(shapes_of("Query", READ)) == list(
        shapes_of("Query", {**READ, "TableName": "usage"})
    )
    few, many = ({"TransactItems": [{"Update": update(lines)}]} for lines in (2, 30))
    assert set(shapes_of("TransactWriteItems", few)) == set(shapes_of("TransactWriteItems", many))


def test_a_shape_is_the_same_whichever_attributes_are_merely_set_and_removed() -> None:
    texts = (
        "SET #a = :a, #b = :b REMOVE #c, #d",
        "SET #x = :x REMOVE #y",
        "SET #a = :a, #l = list_append(#l, :l) REMOVE #c",
        "SET #x = :x",
        "SET #x = :other",
        "SET #x = #x + :x",
    )
    shapes = [
        set(
            shapes_of("UpdateItem", {"TableName": "t", "ReturnValues": "X", "UpdateExpression": it})
        )
        for it in texts
    ]
    assert shapes[0] == shapes[1]
    assert len({tuple(each) for each in shapes}) == 5


def test_another_expression_index_or_option_is_another_shape() -> None:
    others = (
        {**READ, "KeyConditionExpression": "#pk = :pk AND #sk < :sk"},
        {**READ, "IndexName": "by-time"},
        {**READ, "ScanIndexForward": False},
    )
    shapes = {shape for request in (READ, *others) for shape in shapes_of("Query", request)}
    assert len(shapes) == 4


def test_what_tests_do_by_themselves_has_no_shape() -> None:
    assert list(shapes_of("Scan", {"TableName": "usage"})) == []
    assert list(shapes_of("PutItem", {"TableName": "usage"})) == []
    assert list(shapes_of("UpdateItem", update(1))) == []
    assert len(list(shapes_of("UpdateItem", {**update(1), "ReturnValues": "ALL_NEW"}))) == 1


def test_a_shape_that_only_stories_on_moto_send_is_told_with_one_of_them() -> None:
    known, new = ("Query", "usage", "taken"), ("GetItem", "usage", "taken")
    sent, of_another_worker = SentShapes(), SentShapes()
    sent.add("on moto", {known, new}, also_local=False)
    of_another_worker.add("on both", {known}, also_local=True)
    assert len(sent.judged_by_none()) == 2

    sent.merge(of_another_worker)

    assert sent.judged_by_none() == ["on moto: GetItem | usage | taken"]
