"""Printing: results on stdout (a table, or one JSON object), everything else on stderr."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from grnpyg.runs import Run

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

LONGEST_CELL = 100  # characters of a word in a table


def say(line: str) -> None:
    """A line for the user, on stderr."""
    typer.echo(line, err=True)


def print_json(content: dict[str, Any]) -> None:
    """One JSON object on stdout; nan becomes null."""
    from grnpyg.core import json_text

    typer.echo(json_text(content))


def print_table(
    headings: list[str],
    rows: list[list[str]],
    *,
    title: str | None = None,
    words: bool = False,
    file_width: int | None = None,
) -> None:
    """A table on stdout; the columns after the first hold numbers, or words.

    `file_width` is its largest width if stdout is not a terminal, by default 80 characters.
    """
    from rich.console import Console
    from rich.table import Table

    from grnpyg.core import clean

    table = Table(title=title, title_justify="left")
    for position, heading in enumerate(headings):
        table.add_column(heading, justify="right" if position and not words else "left", no_wrap=not position)
    for row in rows:
        table.add_row(*(clean(cell, LONGEST_CELL) for cell in row))
    console = Console(markup=False)
    if file_width is not None and not console.is_terminal:
        console.width = file_width
    console.print(table)


def say_stand_in(run: Run) -> None:
    """Say that a run scores with a baseline in the place of its model, if it does."""
    name = run.manifest.handed_out
    if name is not None:
        say(
            f"note: {run.path} scores with the baseline {name}, which beats its model on the validation pairs"
        )


def number(value: float | None, digits: int = 4) -> str:
    """A metric for a table; a dash if there is none."""
    if value is None or math.isnan(value):
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.{digits}f}"
