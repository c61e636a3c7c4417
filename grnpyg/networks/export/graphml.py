"""GraphML with typed attributes, for networkx, igraph and Cytoscape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd

from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.sif import relations
from grnpyg.networks.keys import COLUMNS, TARGET, TF

ROWS = 10_000  # edges that are text in memory at a time
NOT_IN_XML = re.compile("[\ufffe\uffff]")
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
"""


@formats.register("graphml")
class GraphMl(Format):
    """A directed graph: TFs and genes with `name` and `is_tf`, edges with every column and `interaction`."""

    suffixes = (".graphml",)
    read_by = "networkx, igraph"
    every_column = True
    labels = False
    refuses = "characters that XML does not know"

    def holds(self, name: str) -> bool:
        """See `Format`."""
        return not NOT_IN_XML.search(name)

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        attributes = {name: _kind(table[name], name) for name in table.columns if name not in (TF, TARGET)}
        with file.open("w", encoding="utf-8", newline="\n") as lines:
            lines.write(HEAD)
            lines.writelines(_key("node", "name", "string") + _key("node", "is_tf", "boolean"))
            lines.writelines(_key("edge", name, kind) for name, kind in attributes.items())
            lines.write(_key("edge", "interaction", "string") + '<graph edgedefault="directed">\n')
            tfs = set(table[TF])
            for name in pd.unique(pd.concat([table[TF], table[TARGET]])):
                inner = _data("node", "name", escape(name)) + _data("node", "is_tf", str(name in tfs).lower())
                lines.write(f"<node id={quoteattr(name)}>{inner}</node>\n")
            for start in range(0, len(table), ROWS):
                lines.writelines(_edges(table.iloc[start : start + ROWS], attributes))
            lines.write("</graph>\n</graphml>\n")


def _kind(values: pd.Series, name: str) -> str:
    if name in COLUMNS:
        return COLUMNS[name].kind
    return "double" if pd.api.types.is_numeric_dtype(values) else "string"


def _key(part: str, name: str, kind: str) -> str:
    told = f"id={quoteattr(f'{part}_{name}')} for={quoteattr(part)} attr.name={quoteattr(name)}"
    return f"<key {told} attr.type={quoteattr(kind)}/>\n"


def _data(part: str, name: str, value: str) -> str:
    return f"<data key={quoteattr(f'{part}_{name}')}>{value}</data>"


def _edges(table: pd.DataFrame, attributes: dict[str, str]) -> Iterator[str]:
    """An element for each row; a value that is missing has none."""
    cells = [_values(table[name], name, kind) for name, kind in attributes.items()]
    cells.append([_data("edge", "interaction", word) for word in relations(table)])
    ends = {name: quoteattr(name) for name in {*table[TF], *table[TARGET]}}
    for tf, target, *inner in zip(table[TF], table[TARGET], *cells, strict=True):
        yield f"<edge source={ends[tf]} target={ends[target]}>{''.join(inner)}</edge>\n"


def _values(column: pd.Series, name: str, kind: str) -> list[str]:
    before, after = _data("edge", name, "\0").split("\0")
    there = column.notna().to_numpy()
    words: Iterable[str]
    if kind == "string":
        words = (escape(str(value)) for value in column)
    elif kind == "boolean":
        words = np.where(column.fillna(False).to_numpy(bool), "true", "false").tolist()
    elif kind == "int":
        words = map(str, column.fillna(0).astype("int64").tolist())
    else:
        words = map(repr, column.to_numpy(np.float64, na_value=np.nan).tolist())
    return [before + word + after if full else "" for word, full in zip(words, there, strict=True)]
