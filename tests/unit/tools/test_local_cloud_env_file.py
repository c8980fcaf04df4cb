"""The file that tells other programs where the local cloud is."""

import stat
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tools.local_cloud import env_file

NAMES = st.from_regex(r"[A-Z][A-Z_]{0,20}", fullmatch=True)
# A variable holds one line of text; a zero byte cannot stand in an environment at all.
VALUES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_rendered_is_read_back(variables: dict[str, str]) -> None:
    assert env_file.parse(env_file.render(variables)) == variables


def test_a_shell_that_sources_it_exports_the_values_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "env"
    env_file.write(path, {"BILLING_URL": "http://x/$HOME `date` 'q'", "BILLING_API_KEY": "a b"})
    script = f". {path} && printenv BILLING_URL BILLING_API_KEY"
    printed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert printed.stdout == "http://x/$HOME `date` 'q'\na b\n"


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "env"
    env_file.write(path, {"BILLING_API_KEY": "secret"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writing_it_again_replaces_it_and_closes_it_to_others(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("export OLD=1\n")
    path.chmod(0o644)
    env_file.write(path, {"NEW": "2"})
    assert env_file.read(path) == {"NEW": "2"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_not_there_has_no_variables(tmp_path: Path) -> None:
    assert env_file.read(tmp_path / "env") == {}
