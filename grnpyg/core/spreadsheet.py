"""Words in tables for people: none of them is computed when a spreadsheet opens the file."""

from __future__ import annotations

import re

import pandas as pd

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def shielded(value: object) -> object:
    """A word that begins as a formula does gets an apostrophe before it; so does one with an apostrophe.

    Numbers, also those in text, stay what they are. `bare` is the inverse.

    Example:
        >>> [shielded(word) for word in ("=cmd", "-0.3", "'x", "TP53", -0.3)]
        ["'=cmd", '-0.3', "''x", 'TP53', -0.3]
    """
    if not isinstance(value, str) or not value.startswith(BEGINNINGS) or NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def bare(word: str) -> str:
    """The word that `shielded` made this of; every other word is returned as it is.

    Example:
        >>> [bare(word) for word in ("'=cmd", "''x", "'x", "TP53")]
        ['=cmd', "'x", "'x", 'TP53']
    """
    return word[1:] if word.startswith("'") and word[1:].startswith(BEGINNINGS) else word


def shielded_table(table: pd.DataFrame) -> pd.DataFrame:
    """A copy of a table with its words and the names of its columns `shielded`."""
    words = {column: table[column].map(shielded) for column in table.select_dtypes([object, "string"])}
    return table.assign(**words).rename(columns=shielded)  # type: ignore[arg-type]
