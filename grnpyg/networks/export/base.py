"""Base class of the files that a network is written to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pandas as pd

from grnpyg.core.errors import InputError, examples
from grnpyg.core.files import check_output, replacing
from grnpyg.core.registry import Registry
from grnpyg.networks.export.checked import checked
from grnpyg.networks.keys import TARGET, TF


class Format(ABC):
    """Base of all formats; the keyword-only parameters of a subclass are its options.

    Class attributes:
        suffixes: of the files that it writes.
        by_suffix: it is the one that a file with its suffix gets when no format is named.
        read_by: clients that read the file as it is; each is one of the tests.
        labels: `--labels` reads the file.
        every_column: it keeps all columns of the table.
        refuses: what a name must not have, for the message; "" if every name of the table can be written.
        by_parts: `fill_parts` writes a part at a time, so that memory does not grow with the network.
    """

    suffixes: ClassVar[tuple[str, ...]]
    by_suffix: ClassVar[bool] = True
    read_by: ClassVar[str]
    labels: ClassVar[bool] = True
    every_column: ClassVar[bool] = False
    refuses: ClassVar[str] = ""
    by_parts: ClassVar[bool] = False

    def write(self, table: pd.DataFrame, path: Path) -> None:
        """Write a network, whole or not at all.

        Args:
            table: `TF`, `target` and any other column of `grnpyg.networks.keys.OWN`; best first.
            path: its suffix is one of `suffixes`.

        Raises:
            InputError: the table is no network, a name cannot be written, or the place cannot.
        """
        check_output(path, self.suffixes)
        table = checked(table)
        names = pd.unique(pd.concat([table[TF], table[TARGET]], ignore_index=True))
        if bad := sorted(name for name in names if not self.holds(name)):
            raise InputError(
                f"{len(bad):,} names have {self.refuses}, which this format cannot hold: {examples(bad)}",
                where=path,
                fix="rename them, or write another format, such as .tsv or .parquet",
            )
        with replacing(path) as file:
            self.fill(table, file, path.suffix)

    def write_parts(self, parts: Iterator[pd.DataFrame], path: Path) -> None:
        """`write` of a network that comes in parts, best first; each pair is in one of them.

        Raises:
            InputError: see `write`.
        """
        if not self.by_parts:
            self.write(pd.concat(list(parts), ignore_index=True), path)
            return
        check_output(path, self.suffixes)
        with replacing(path) as file:
            self.fill_parts(map(checked, parts), file, path.suffix)

    def fill_parts(self, parts: Iterator[pd.DataFrame], file: Path, suffix: str) -> None:
        """`fill` of a table that comes in parts; here they are gathered."""
        gathered = list(parts)
        self.fill(gathered[0] if len(gathered) == 1 else pd.concat(gathered, ignore_index=True), file, suffix)

    def holds(self, name: str) -> bool:
        """Whether the format can hold this name."""
        return True

    @abstractmethod
    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """Write a checked table into a file that takes the place of one with this suffix."""


formats: Registry[Format] = Registry("format", Format)
