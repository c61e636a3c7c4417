"""What all figures share: colours, markers, sizes, and the Axes to draw on."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

import matplotlib
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from grnpyg.core.errors import InputError, examples
from grnpyg.metrics.gains import ALWAYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours of Okabe and Ito (2008), which colour-blind readers can tell apart, without black and yellow."""
KNOWN, NEW = "#999999", PALETTE[0]
MARKERS, DASHES = "osD^vPX", ("-", "--", "-.", ":")
CLOSED = dict(zip(ALWAYS, ("--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5))), strict=True))  # lines of degree
COLUMN, PAGE = 3.5, 7.2  # inches: one column and the whole width of a journal's page
RC: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "text.parse_math": False,  # a gene's name may hold a dollar sign
}


def styled(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Have a function draw with the settings `RC`."""

    @functools.wraps(draw)
    def wrapped(*given: Given.args, **named: Given.kwargs) -> Drawn:
        with matplotlib.rc_context(RC):
            return draw(*given, **named)

    return wrapped


class Look(NamedTuple):
    """How one series is drawn."""

    color: str
    marker: str
    dashes: Any


def axes_of(ax: Axes | None, width: float = COLUMN, height: float = 2.8) -> Axes:
    """The Axes that were given, or new ones of a figure of this size in inches."""
    if ax is not None:
        return ax
    from matplotlib import pyplot  # noqa: PLC0415 (a second to import)

    axes: Axes = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return axes


def ink(ax: Axes) -> str:
    """The colour of text and axes, which is readable on the figure's background."""
    return str(ax.xaxis.label.get_color())


def looks(names: Iterable[str], ax: Axes) -> dict[str, Look]:
    """A look for every name: the closed forms of degree in the colour of the text, all others in colour."""
    found = dict[str, Look]()
    for name in dict.fromkeys(map(str, names)):
        at = sum(other not in CLOSED for other in found)
        if name in CLOSED:
            found[name] = Look(ink(ax), MARKERS[list(CLOSED).index(name)], CLOSED[name])
        else:
            dashes = DASHES[at // len(PALETTE) % len(DASHES)]
            found[name] = Look(PALETTE[at % len(PALETTE)], MARKERS[at % len(MARKERS)], dashes)
    return found


def require(table: Any, columns: Iterable[str], what: str) -> pd.DataFrame:
    """A table with these columns, and at least one row.

    Raises:
        InputError: no table, a column that is missing, or no rows.
    """
    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame(list(table))
    if missing := [name for name in columns if name not in frame]:
        have = f"it has {examples(frame.columns, 8)}" if len(frame.columns) else "it is empty"
        raise InputError(f"the table has no column {missing[0]!r}", where=what, fix=have)
    if frame.empty:
        raise InputError("the table has no rows", where=what, fix="give at least one")
    return frame


def plain_ticks(*axes: Axis) -> None:
    """Label a logarithmic axis in plain digits; matplotlib's own labels are formulas (see `RC`)."""
    for axis in axes:
        low, high = axis.get_view_interval()
        if low > 0 and high / low < 20:  # hardly a power of ten to label
            axis.set_major_locator(MaxNLocator(4))
        axis.set_major_formatter(FuncFormatter(_plain))
        axis.set_minor_formatter(NullFormatter())


def _plain(value: float, _: object = None) -> str:
    """
    >>> _plain(1000), _plain(1e6), _plain(0.01), _plain(12_345_678)
    ('1,000', '1e6', '0.01', '12,345,678')
    """
    power = math.log10(value) if value >= 1e5 else 0.5
    if power == int(power):
        return f"1e{power:.0f}"
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def legend(ax: Axes, number: int, **options: Any) -> None:
    """A legend, beside the panel where it would hide the lines."""
    if number > 4:
        options = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), **options}
    if number > 1 or options:
        ax.legend(**options)
