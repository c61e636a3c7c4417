"""From a page to one HTML file that needs nothing else: no request is made, and none is allowed."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from grnpyg.core.json_text import json_text
from grnpyg.core.version import __version__
from grnpyg.report.page import Page

LIBRARIES = ("dataTables.min.js", "cytoscape.min.js")  # of an interactive page
RESOURCES = files("grnpyg.report")


def render(page: Page) -> str:
    """The HTML of a page.

    Every word of the page is escaped. Scripts are allowed by their SHA-256 alone, so that one which got into
    the page in another way does not run.
    """
    scripts = [_resource("templates", "theme.js")]
    if page.data is not None:
        scripts += [_resource("assets", name) for name in LIBRARIES]
        scripts += [_resource("templates", name) for name in ("edges.js", "tf.js")]
    template = _environment().get_template("page.html.j2")
    return template.render(
        page=page,
        style=_resource("templates", "style.css"),
        scripts=scripts,
        policy=policy(scripts),
        data=None if page.data is None else as_json(page.data),
        libraries=[entry for entry in libraries() if page.data is not None],
        version=__version__,
    )


def policy(scripts: list[str]) -> str:
    """The Content-Security-Policy of a page with these scripts: nothing is loaded from anywhere."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def as_json(content: Any) -> str:
    """JSON that can stand in a `<script>`: no character in it ends the element; nan is null.

    >>> as_json({"gene": "</script>"})
    '{"gene":"\\\\u003c/script>"}'
    """
    return json_text(content, compact=True).replace("<", "\\u003c")


def libraries() -> list[dict[str, str]]:
    """The libraries that a page may carry: name, version, licence, SHA-256."""
    listed: list[dict[str, str]] = json.loads(_resource("assets", "assets.json"))
    return listed


@cache
def _resource(*names: str) -> str:
    return RESOURCES.joinpath(*names).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FunctionLoader(lambda name: _resource("templates", name))
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
