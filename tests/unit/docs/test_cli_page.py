"""docs/cli.md is what the command says of itself."""

from tools.cli_page import PAGE, page


def test_the_page_is_the_one_that_the_command_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "the command has changed: run 'make cli-page'"
    )
