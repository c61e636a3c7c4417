"""A figure of a report: drawn once for the page, and written at a journal's size with its numbers."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure as Canvas

from grnpyg.core.files import replacing
from grnpyg.core.tables import write_table
from grnpyg.report.pl.style import COLUMN, RC

FORMATS = ("svg", "pdf", "png")
DPI = 300
INK = "#010203"  # stands for the colour of the page's text, which is not known before it is opened
EMBEDDED: Any = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),
    "svg.fonttype": "none",
}
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class Figure:
    """A figure with its words and its numbers.

    Attributes:
        name: of its files, without suffix.
        title: a few words.
        caption: what is drawn, with units.
        draw: draws it on the argument `ax`.
        numbers: those that are drawn, one row a point.
        size: width and height in inches.
    """

    name: str
    title: str
    caption: str
    draw: Callable[..., Any]
    numbers: pd.DataFrame
    size: tuple[float, float] = (COLUMN, 2.8)

    def svg(self) -> str:
        """The figure as an `<svg>` element, whose text has the colour of the page around it."""
        buffer = io.StringIO()
        self._save(buffer, "svg", {**RC, **EMBEDDED, "svg.hashsalt": self.name})
        text = buffer.getvalue()
        text = text[text.index("<svg") :].replace(INK, "currentColor")
        text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{self.name}-", text)
        text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
        return re.sub(r"\n\s*", "\n", text)

    def write(self, folder: Path) -> list[Path]:
        """Write the figure as SVG, PDF and PNG (300 dots an inch), and its numbers as CSV.

        Args:
            folder: which exists.
        """
        files = self.files(folder)
        for file, kind in zip(files, FORMATS, strict=False):
            with replacing(file) as temporary:
                self._save(temporary, kind, {**RC, "svg.hashsalt": self.name, "pdf.fonttype": 42})
        write_table(self.numbers, files[-1], (".csv",))
        return files

    def files(self, folder: Path) -> list[Path]:
        """The files that `write` writes: one for each of `FORMATS`, then the numbers."""
        return [folder / f"{self.name}.{kind}" for kind in (*FORMATS, "csv")]

    def _save(self, target: Any, kind: str, settings: Any) -> None:
        with matplotlib.rc_context(settings), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")  # the browser has other fonts
            canvas = Canvas(self.size, layout="constrained")
            self.draw(ax=canvas.subplots())
            canvas.savefig(target, format=kind, dpi=DPI, metadata=METADATA[kind])
