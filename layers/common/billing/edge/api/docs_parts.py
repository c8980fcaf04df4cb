"""What the page that describes the API is made of, and how it looks: in light, dark, on a phone."""

import re
from collections.abc import Iterable
from html import escape

STYLE = """
:root {
  color-scheme: light dark;
  --back: #fff; --text: #1c2128; --soft: #57606a;
  --line: #d8dee4; --panel: #f6f8fa; --link: #0a58ca;
  --get: #0b5f8a; --post: #176b36; --patch: #7d4e00; --delete: #a11220;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1318; --text: #e3e8ee; --soft: #9da7b1; --line: #30363d; --panel: #181d24;
    --link: #7db4ff; --get: #6cc3f0; --post: #6fd08c; --patch: #e3b34f; --delete: #ff8f8f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  background: var(--back); color: var(--text); font: 1rem/1.55 system-ui, sans-serif;
  margin: 0 auto; max-width: 86rem; padding: 1rem;
}
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0; }
h2 {
  border-bottom: 2px solid var(--line); font-size: 1.45rem;
  margin: 3rem 0 .5rem; padding-bottom: .3rem;
}
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
article h3 { margin-top: 0; }
header p, .about { color: var(--soft); max-width: 48rem; }
nav details {
  border: 1px solid var(--line); border-radius: .5rem; max-height: 18rem; overflow-y: auto;
  padding: .5rem 1rem;
}
nav summary { font-weight: 600; }
nav ul { list-style: none; margin: .2rem 0 1rem; padding: 0; }
nav li { margin: .15rem 0; }
nav li a { display: block; font-size: .85rem; overflow-wrap: anywhere; text-decoration: none; }
nav li a:hover { text-decoration: underline; }
nav .group { font-size: .95rem; font-weight: 600; }
article {
  border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: 1rem;
}
.method { font: 700 .85rem/1 ui-monospace, monospace; }
.get { color: var(--get); } .post { color: var(--post); } .patch { color: var(--patch); }
.delete { color: var(--delete); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; width: 100%; }
caption {
  color: var(--soft); font-size: .85rem; font-weight: 600; padding: .3rem 0; text-align: left;
}
th, td {
  border-top: 1px solid var(--line); padding: .35rem .75rem .35rem 0;
  text-align: left; vertical-align: top;
}
th { color: var(--soft); font-size: .8rem; }
td { overflow-wrap: break-word; }
td a { overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
pre {
  background: var(--panel); border-radius: .4rem; font-size: .82rem; line-height: 1.45;
  margin: .3rem 0; max-height: 28rem; overflow: auto; padding: .75rem;
}
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; }
@media (min-width: 64rem) {
  body { display: grid; gap: 0 2.5rem; grid-template-columns: 17rem minmax(0, 1fr); }
  header { grid-column: 1 / -1; }
  nav {
    align-self: start; max-height: 100vh; overflow-y: auto; padding-top: 1rem;
    position: sticky; top: 0;
  }
  nav details { border: 0; max-height: none; padding: 0; }
}
@media (max-width: 30rem) {
  article { border-left: 0; border-radius: 0; border-right: 0; padding: 1rem 0; }
}
@media print { nav { display: none; } article { break-inside: avoid; } }
"""


def section(anchor: str, heading: str, content: str) -> str:
    """Write a part of the page with its heading."""
    return (
        f'<section aria-labelledby="{escape(anchor)}">\n'
        f'<h2 id="{escape(anchor)}">{escape(heading)}</h2>\n{content}</section>\n'
    )


def table(caption: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table, whose cells are HTML already."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n" for cells in rows
    )
    return (
        f'<div class="wide"><table>\n<caption>{escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def code(text: str) -> str:
    """Write what a machine reads."""
    return f"<code>{escape(text)}</code>"


def prose(text: str) -> str:
    """Write a sentence, with what stands in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def method_name(method: str) -> str:
    """Write the method of an operation."""
    return f'<span class="method {method.lower()}">{method}</span>'
