"""JSON of whatever a command or a page shows: every number in it is one that other readers take."""

from __future__ import annotations

import json
import math
from typing import Any


def json_text(content: Any, *, compact: bool = False) -> str:
    """One line of JSON; nan and infinity, which JSON has not, become null, and keys become words.

    Args:
        content: of mappings, lists, tuples, words and numbers.
        compact: without spaces.

    Example:
        >>> json_text({"auroc": float("nan"), 1: (2, 3)})
        '{"auroc": null, "1": [2, 3]}'
    """
    return json.dumps(_plain(content), separators=(",", ":") if compact else None, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
