"""What the console's function serves: few small files, kept for ever, and nothing foreign."""

import json
import re
from pathlib import Path

import pytest

from tests.support.lambdas import ROOT
from tests.unit.console.site import CONSOLE, STATIC, UPLOADS_ORIGIN, console, serve

FIRST_PAINT_BYTES_MAX = 60_000
ALL_BYTES_MAX = 110_000
FIRST_PAINT_REQUESTS_MAX = 8
# What the overview asks of the API beside the files until its figures are drawn: whose key it is,
# how the system is, and what was charged by day. What stands below is asked for afterwards.
API_REQUESTS = 3


def first_files() -> list[str]:
    """Name the files that the page loads by itself."""
    return re.findall(r'(?:href|src)="(console/[^"]+)"', serve("/console").text)


def test_the_first_paint_is_small() -> None:
    sizes = [
        serve("/console").wire_bytes,
        *(serve(f"/{name}").wire_bytes for name in first_files()),
    ]

    assert len(sizes) + API_REQUESTS <= FIRST_PAINT_REQUESTS_MAX
    assert len(sizes) == 5
    assert sum(sizes) <= FIRST_PAINT_BYTES_MAX


def test_all_of_it_together_is_small() -> None:
    paths = ["/console", *(f"/console/{name}" for name in console().FILES if "html" not in name)]

    assert len(paths) == 7
    assert sum(serve(path).wire_bytes for path in paths) <= ALL_BYTES_MAX


def test_every_file_that_the_page_names_is_served_and_kept_for_ever() -> None:
    named = re.findall(r'"(console/[^"]+)"', serve("/console").text)

    assert len(named) == 6
    for name in named:
        served = serve(f"/{name}")
        assert served.status == 200
        assert re.fullmatch(r"console/\w+\.[0-9a-f]{16}\.\w+", name)
        assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_page_itself_is_asked_for_each_time() -> None:
    assert serve("/console").headers["Cache-Control"] == "no-cache"


def test_who_takes_no_gzip_gets_none() -> None:
    packed, plain = serve("/console"), serve("/console", encoding="identity")

    assert plain.text == packed.text
    assert "Content-Encoding" not in plain.headers


def test_every_answer_says_that_nothing_comes_from_elsewhere() -> None:
    for path in ("/console", f"/{first_files()[0]}", "/console/none.js"):
        policy = serve(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert re.findall(r"[^;]*http[^;]*", policy) == [f" connect-src 'self' {UPLOADS_ORIGIN}"]


def test_on_the_local_cloud_files_go_where_every_client_goes() -> None:
    local = console(AWS_ENDPOINT_URL="http://127.0.0.1:4566")

    policy = local.CONTENT_SECURITY_POLICY
    assert "connect-src 'self' http://127.0.0.1:4566;" in policy
    assert UPLOADS_ORIGIN not in policy


def test_nothing_is_inline_in_the_page() -> None:
    page = serve("/console").text

    assert re.findall(r"<script[^>]*>[^<]", page) == []
    assert re.findall(r"\s(?:on\w+|style)=", page) == []


@pytest.mark.parametrize(
    "name", ["handler.py", "../handler.py", "none.js", ""], ids=["source", "above", "old", "empty"]
)
def test_any_other_file_is_a_problem_like_every_other(name: str) -> None:
    served = serve(f"/console/{name}")

    assert served.status == 404
    assert served.headers["Content-Type"] == "application/problem+json"
    assert json.loads(served.text)["code"] == "route_not_found"


def test_no_module_makes_html_of_text() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js")}

    assert len(texts) > 20
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerously|eval"
    )
    assert [name for name, text in texts.items() if forbidden.search(text)] == []


def test_every_count_that_a_job_answers_has_its_words() -> None:
    described = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    schemas = described["components"]["schemas"]
    answers = ("JobAnswer", "RetriesAnswer", "LogsAnswer", "ClosingAnswer")
    names = {name for answer in answers for name in schemas[answer]["properties"]}

    told = (STATIC / "js" / "pages" / "counts.js").read_text(encoding="utf-8")
    assert "remaining" in names
    assert names <= set(re.findall(r"^  (\w+): \[", told, re.MULTILINE))


def test_every_module_is_about_one_thing_and_reached_from_the_first() -> None:
    modules = {path.resolve() for path in (STATIC / "js").rglob("*.js")}

    assert {path for path, _ in console().modules_of(STATIC / "js" / "main.js")} == modules
    assert [path.name for path in modules if path.read_text().count("\n") > 250] == []


def write(directory: Path, **modules: str) -> Path:
    """Write modules and return the first."""
    paths = [directory / f"{name}.js" for name in modules]
    for path, text in zip(paths, modules.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths[0]


def test_modules_are_put_together_behind_what_they_import(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        main='import { add as sum } from "./adding.js";\nsum(1, 2);\n',
        adding="const secret = 0;\nexport function add(a, b) {\n  return a + b + secret;\n}\n",
    )

    assert console().bundle(entry) == (
        '"use strict";\n'
        "const $adding = (() => {\nconst secret = 0;\n"
        "function add(a, b) {\n  return a + b + secret;\n}\nreturn { add };\n})();\n"
        "const $main = (() => {\nconst { add: sum } = $adding;\nsum(1, 2);\nreturn {  };\n})();"
    )


def test_comments_stay_at_home_and_nothing_else_does(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        main="/**\n * What it is.\n * @returns {number}\n */\n"
        'const one = "https://one"; // Said beside it.\n'
        "  // Said on its own.\n"
        "const two = 4 /* not 3 */ / 2;\n",
    )

    assert console().bundle(entry) == (
        '"use strict";\n'
        'const $main = (() => {\nconst one = "https://one"; // Said beside it.\n'
        "const two = 4 /* not 3 */ / 2;\nreturn {  };\n})();"
    )


def test_no_text_of_a_page_looks_like_a_comment() -> None:
    for path in STATIC.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        for comment in console().COMMENT.finditer(text):
            before = console().COMMENT.sub("", text[: comment.start()])
            assert before.count("`") % 2 == 0, f"{path.name}: {comment[0]}"


@pytest.mark.parametrize(
    "text",
    [
        'import all from "./other.js";\n',
        'import "./other.js";\n',
        "export default 1;\n",
        'export * from "./other.js";\n',
        "export let changing = 1;\n",
    ],
    ids=["default import", "bare import", "default export", "passed on", "that changes"],
)
def test_what_cannot_be_put_together_is_refused(tmp_path: Path, text: str) -> None:
    entry = write(tmp_path, main=text, other="export const one = 1;\n")

    with pytest.raises(console().UnbundledError):
        console().bundle(entry)


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        main='import { a } from "./other.js";\nexport const b = a;\n',
        other='import { b } from "./main.js";\nexport const a = b;\n',
    )

    with pytest.raises(console().UnbundledError):
        console().bundle(entry)


def test_the_function_holds_what_it_serves_and_no_more() -> None:
    assert {path.name for path in CONSOLE.iterdir()} - {"__pycache__"} == {
        "handler.py",
        "static",
        "vendor",
    }
