"""How much memory a process has needed."""

from __future__ import annotations

import sys
from pathlib import Path

MB = 2**20


def peak_memory_mb() -> float:
    """Peak resident memory of this process so far, in MB (2^20 bytes), libraries included.

    From VmHWM where there is one: `ru_maxrss` of a process on Linux begins with that of the process which
    started it.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / MB
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MB
