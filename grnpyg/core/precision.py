"""The precision of scoring, and what the processor has for it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Precision = Literal["fp32", "bf16"]
CPUINFO = Path("/proc/cpuinfo")


def has_bf16(cpuinfo: Path = CPUINFO) -> bool:
    """Whether the processor multiplies matrices in bf16 by instructions of its own.

    Without them bf16 is computed through float32, and is several times slower than float32 itself. False
    where the system has no such file and so does not say.

    Args:
        cpuinfo: the file in which Linux describes the processor.
    """
    if not cpuinfo.is_file():
        return False
    names = ("flags", "Features")  # of x86, of ARM
    said = (line.partition(":") for line in cpuinfo.read_text().splitlines())
    found = {word for key, _, text in said if key.strip() in names for word in text.split()}
    return not found.isdisjoint({"avx512_bf16", "amx_bf16", "bf16"})


def chosen(precision: Literal["auto", "fp32", "bf16"]) -> Precision:
    """The precision that is meant: for `auto` bf16 where the processor is fast at it, else fp32.

    Example:
        >>> chosen("fp32")
        'fp32'
    """
    if precision == "auto":
        return "bf16" if has_bf16() else "fp32"
    return precision
