"""Characters that no name can have: they break lines, terminals and files."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grnpyg.core.errors import InputError

NO_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_characters(names: Iterable[str], where: object) -> None:
    r"""Check names for control characters, line ends and halves of surrogate pairs.

    Example:
        >>> check_characters(["TP53", "\u03b2-catenin"], "labels.tsv")

    Raises:
        InputError: a name has one; all such names are counted.
    """
    bad = sorted({name for name in names if NO_NAME.search(name)})
    if not bad:
        return
    found = NO_NAME.search(bad[0])
    code = ord(found[0]) if found else 0
    kind = "half of a character" if 0xD800 <= code < 0xE000 else "a control character"
    raise InputError(
        f"{len(bad):,} names hold {kind} (U+{code:04X}), the first is {bad[0][:60]!a}",
        where=where,
        fix="correct the names",
    )
