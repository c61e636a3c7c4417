"""Which processor this is: results of floating point are equal to the bit on one kind, not on two."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

WORDS = ("model name", "flags", "CPU part", "Features")  # of x86 and of ARM


@cache
def processor() -> str:
    """The kind of processor and its instructions, as the system describes them.

    Example:
        >>> processor() == processor()
        True
    """
    found = [platform.machine(), platform.processor()]
    described = Path("/proc/cpuinfo")
    if described.is_file():
        first = described.read_text(errors="replace").split("\n\n")[0]
        found += [line for line in first.splitlines() if line.startswith(WORDS)]
    return "\n".join(found)
