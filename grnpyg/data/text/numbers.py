"""The fields of a matrix as numbers; what is none is named with its line and column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, warn

MISSING = pa.array(["", "NA", "NaN", "nan", "N/A", "n/a", "#N/A", "NULL", "null", "None", "-nan"])
DECIMAL = r"^[-+]?\d+,\d+([eE][-+]?\d+)?$"  # 1,5
GROUPS = r"^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$"  # 1,234 or 1,234,567: perhaps groups of thousands
FIX = "keep one column of names, the first, and columns of numbers"


class Numbers:
    """Turn fields into float32, batch by batch, and remember what has to be said at the end.

    Args:
        where: the file, for messages.
        columns: names of the columns.
    """

    def __init__(self, where: object, columns: Sequence[str]) -> None:
        self.where, self.columns = where, columns
        self._lost, self._first_lost = 0, ""
        self._decimal, self._grouped, self._point = "", "", False

    def read(self, fields: pa.Array, rows: Sequence[tuple[int, str]]) -> NDArray[np.float32]:
        """Rows of numbers from fields, one after the other; `rows` are the lines' numbers and names.

        Raises:
            InputError: a field that is no number.
        """
        try:
            numbers = pc.cast(fields, pa.float32())
        except pa.ArrowInvalid:
            numbers = self._mended(fields, rows)
        self._point = self._point or bool(pc.any(pc.match_substring(fields, ".")).as_py())
        values: NDArray[np.float32] = numbers.to_numpy(zero_copy_only=False)
        lost = np.flatnonzero(~np.isfinite(values))
        if lost.size and not self._lost:
            self._first_lost = self._place(fields, int(lost[0]), rows)
        self._lost += lost.size
        return values.reshape(len(rows), len(self.columns))

    def _mended(self, fields: pa.Array, rows: Sequence[tuple[int, str]]) -> pa.Array:
        """Numbers of fields with spaces, quotation marks or decimal commas; null where one is missing."""
        bare = pc.utf8_trim(fields, ' "\t\r')
        bare = pc.if_else(pc.is_in(bare, MISSING), None, bare)
        with_comma = pc.fill_null(pc.match_substring(bare, ","), False)
        if pc.any(with_comma).as_py():
            decimal = pc.fill_null(pc.match_substring_regex(bare, DECIMAL), False)
            grouped = pc.fill_null(pc.match_substring_regex(bare, GROUPS), False)
            sure = pc.and_not(decimal, grouped)
            if not self._decimal and pc.any(sure).as_py():
                self._decimal = self._place(fields, pc.index(sure, True).as_py(), rows)
            if not self._grouped and pc.any(grouped).as_py():
                self._grouped = self._place(fields, pc.index(grouped, True).as_py(), rows)
            if pc.any(pc.and_not(grouped, decimal)).as_py():
                raise self._two_readings()
            bare = pc.if_else(decimal, pc.replace_substring(bare, ",", "."), bare)
        try:
            return pc.cast(bare, pa.float32())
        except pa.ArrowInvalid:
            bad = next((i for i, field in enumerate(bare.to_pylist()) if not _is_number(field)), 0)
            raise InputError(
                f"{self._place(fields, bad, rows)}, which is not a number", where=self.where, fix=FIX
            ) from None

    def _place(self, fields: pa.Array, index: int, rows: Sequence[tuple[int, str]]) -> str:
        row, column = divmod(index, len(self.columns))
        line, name = rows[row]
        value = fields[index].as_py().strip(' "\t\r')
        shown = repr(value if len(value) < 40 else f"{value[:30]}...")
        return f"line {line:,} (row {name[:40]!r}), column {self.columns[column][:40]!r} holds {shown}"

    def _two_readings(self) -> InputError:
        what = f"{self._grouped}: a decimal comma, or groups of thousands"
        fix = "write the numbers with a decimal point and without commas"
        return InputError(what, where=self.where, fix=fix)

    def finish(self) -> None:
        """Say what concerns the whole table.

        Raises:
            InputError: values that are missing or infinite, or commas that can be read in two ways.
        """
        if self._grouped and (self._point or not self._decimal):
            raise self._two_readings()
        if self._decimal and self._point:
            raise InputError(
                f"{self._decimal} with a decimal comma, and other numbers have a point",
                where=self.where,
                fix="write all numbers with a decimal point",
            )
        if self._decimal:
            warn(f"the numbers have a decimal comma: {self._decimal}", where=self.where)
        if self._lost:
            raise InputError(
                f"{self._lost:,} values are NaN or infinite, the first: {self._first_lost}",
                where=self.where,
                fix="fill or remove them (an empty field is NaN, a number above 3.4e38 infinite)",
            )


def _is_number(field: str | None) -> bool:
    return field is None or re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", field) is not None
