"""The site: `make docs` builds it from README.md, docs/, and the READMEs of the benchmarks.

Pages are Markdown that a forge shows as it is. Two of them are filled when the site is built: the reference
of the command line from the Typer app, that of Python from the names of the package.
"""

from __future__ import annotations

import inspect
import re
import types
from typing import Any

import typer
from typer.cli import get_docs_for_click

import grnpyg
from grnpyg_cli.main import app as command_line

project = "grnpyg"
author = "The grnpyg authors"
release = version = grnpyg.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/*/*.md",
    "benchmarks/README.md",
    "benchmarks/*/README.md",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "data/grnpyg_data/PROVENANCE*.md",
]
default_role = "code"
smartquotes = False  # --option stays --option
html_theme = "furo"
html_show_copyright = False
html_title = f"grnpyg {release}"
html_additional_pages = {"index": "start.html"}  # leads to docs/index.html
templates_path = ["templates"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
suppress_warnings = [
    "misc.highlighting_failure",  # Pygments knows neither Snakemake nor Nextflow
]


def commands() -> str:
    """Markdown of every command, as its `--help` says it, below a heading of the second level."""
    group = typer.main.get_command(command_line)
    context = typer.Context(group, info_name="grnpyg")
    text = get_docs_for_click(obj=group, ctx=context, name="grnpyg", indent=1)
    return re.sub(r"^Example: (grnpyg .+)$", r"Example: `\1`", text, flags=re.MULTILINE)


def names() -> str:
    """Markdown with a heading for each kind of name, and what autodoc makes of each name."""
    found: dict[str, list[str]] = {"Functions": [], "Classes": [], "Errors": [], "Modules": []}
    for name in sorted(set(grnpyg.__all__) - {"__version__"}, key=str.lower):
        value = getattr(grnpyg, name)
        if isinstance(value, types.ModuleType):
            found["Modules"].append(_module(name, value))
        elif inspect.isclass(value):
            kind = "Errors" if issubclass(value, Exception) else "Classes"
            found[kind].append(f".. autoclass:: grnpyg.{name}\n   :members:\n")
        elif callable(value):
            found["Functions"].append(f".. autofunction:: grnpyg.{name}\n")
        else:
            found["Modules"].append(f".. autodata:: grnpyg.{name}\n   :no-value:\n")
    return "\n".join(
        "\n".join([f"## {kind}\n", "```{eval-rst}", *blocks, "```\n"]) for kind, blocks in found.items()
    )


def _module(name: str, module: types.ModuleType) -> str:
    """The public functions and classes of a module, in short."""
    own = [key for key in getattr(module, "__all__", []) if callable(getattr(module, key))]
    rows = [f"   * ``gp.{name}.{key}``: {_first_line(getattr(module, key))}" for key in own]
    return f"``gp.{name}``: {_first_line(module)}\n\n" + "\n".join(rows) + "\n"


def _first_line(value: Any) -> str:
    return _bars((inspect.getdoc(value) or "").partition("\n")[0])


FILLED = {"docs/reference/commands": ("commands", commands), "docs/reference/python": ("names", names)}


def fill(_: Any, page: str, source: list[str]) -> None:
    """Put what is generated in the place of a page's marker."""
    if page in FILLED:
        marker, make = FILLED[page]
        source[0] = source[0].replace(f"<!-- {marker} -->", make())


def plain_bars(_app: Any, _what: str, _name: str, _value: Any, _options: Any, lines: list[str]) -> None:
    """Docstrings have no substitutions."""
    lines[:] = map(_bars, lines)


def _bars(line: str) -> str:
    """A bar before a word, as in |correlation|, is a bar."""
    return re.sub(r"\|(?=\w)", r"\\|", line)


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("source-read", fill)
    app.connect("autodoc-process-docstring", plain_bars)
