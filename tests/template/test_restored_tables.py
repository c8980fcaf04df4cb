"""Restored tables are imported as they are; the template then adds what a restore leaves out."""

import json
from pathlib import Path

from ops.restored_tables import NOT_RESTORED, TABLES, import_template, main
from tools.sam_template import read_source


def test_every_table_of_the_template_is_imported() -> None:
    resources = read_source()["Resources"]
    tables = {n for n, r in resources.items() if r["Type"] == "AWS::DynamoDB::Table"}

    assert tables == set(TABLES)
    assert set(import_template(read_source())["Resources"]) == tables


def test_nothing_differs_but_what_a_restore_leaves_out() -> None:
    """What is the same in both templates CloudFormation leaves alone, whatever the table has."""
    source = read_source()
    for name, imported in import_template(source)["Resources"].items():
        whole = source["Resources"][name]
        missing = whole["Properties"].keys() - imported["Properties"].keys()
        assert missing == set(NOT_RESTORED) & whole["Properties"].keys()
        assert whole["Properties"].items() >= imported["Properties"].items()
        assert imported["DeletionPolicy"] == "Retain"


def test_the_ledger_gets_its_policy_back() -> None:
    assert "ResourcePolicy" in read_source()["Resources"]["LedgerTable"]["Properties"]
    assert "ResourcePolicy" in NOT_RESTORED


def test_an_import_template_stands_alone() -> None:
    """No reference: the parameters and resources that it could name are not there yet."""
    text = json.dumps(import_template(read_source()))

    assert "Ref" not in text
    assert "Fn::" not in text


def test_the_files_name_each_table(tmp_path: Path) -> None:
    assert main(["a", "l", "u"], tmp_path) == 0

    resources = json.loads((tmp_path / "resources.json").read_text(encoding="utf-8"))
    assert {r["LogicalResourceId"]: r["ResourceIdentifier"]["TableName"] for r in resources} == {
        "AccountsTable": "a",
        "LedgerTable": "l",
        "UsageTable": "u",
    }
    template = json.loads((tmp_path / "template.json").read_text(encoding="utf-8"))
    assert set(template["Resources"]) == set(TABLES)


def test_too_few_names_are_refused(tmp_path: Path) -> None:
    assert main(["a", "", "u"], tmp_path) == 2
    assert list(tmp_path.iterdir()) == []
