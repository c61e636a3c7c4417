"""What a report is made of: a page of sections, each with texts, tables, figures and interactive parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from grnpyg.report.figure import Figure

LONGEST_TABLE = 400  # rows of a plain table


@dataclass(frozen=True)
class Text:
    """Sentences; each is a paragraph, or a line of a list."""

    kind: ClassVar[str] = "text"
    lines: Sequence[str]
    listed: bool = False


@dataclass(frozen=True)
class Command:
    """A command of the shell."""

    kind: ClassVar[str] = "command"
    text: str


@dataclass(frozen=True)
class Table:
    """A plain table; numbers are written already.

    Attributes:
        caption: what it shows, with units.
        headings: of the columns.
        rows: the first cell of each names the row.
        words: of the columns, those that hold words; the others are set to the right.
    """

    kind: ClassVar[str] = "table"
    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[int] = frozenset({0})

    @property
    def left_out(self) -> int:
        """Rows that the page does not show."""
        return max(0, len(self.rows) - LONGEST_TABLE)

    @property
    def shown(self) -> Sequence[Sequence[str]]:
        """The rows that the page shows."""
        return self.rows[:LONGEST_TABLE]


@dataclass(frozen=True)
class Figures:
    """Figures beside each other."""

    kind: ClassVar[str] = "figures"
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Widget:
    """An interactive part, which the page's script fills: `edges` or `tf`."""

    kind: ClassVar[str] = "widget"
    name: str


Part = Text | Command | Table | Figures | Widget


@dataclass(frozen=True)
class Section:
    """A section with its anchor in the page."""

    anchor: str
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes:
        kind: `network`, `run` or `study`.
        title: of the page.
        answer: the sentences that come first.
        facts: a few numbers that come first, by name.
        sections: those that have data.
        data: for the script of the page; None: there is nothing interactive.
    """

    kind: str
    title: str
    answer: Sequence[str]
    facts: Mapping[str, str]
    sections: Sequence[Section]
    data: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def figures(self) -> list[Figure]:
        """All figures, in their order."""
        return [
            figure
            for section in self.sections
            for part in section.parts
            if isinstance(part, Figures)
            for figure in part.figures
        ]


def section(anchor: str, title: str, *parts: Part | None) -> list[Section]:
    """A section of the parts that are there, in a list; an empty list where there are none."""
    there = [
        part for part in parts if part is not None and not (isinstance(part, Figures) and not part.figures)
    ]
    return [Section(anchor, title, there)] if any(part.kind != "text" for part in there) else []
