"""bf16 is chosen where the processor has instructions for it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from grnpyg.core.precision import chosen, has_bf16


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 avx512_vnni", True),
        ("flags\t\t: fpu amx_tile amx_bf16", True),
        ("Features\t: fp asimd bf16 i8mm", True),
        ("flags\t\t: fpu avx2 avx512f avx512_vnni", False),
        ("model name\t: a processor called bf16", False),
        ("", False),
    ],
)
def test_instructions_are_read_from_the_flags(tmp_path: Path, line: str, there: bool) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\n{line}\n")
    assert has_bf16(file) is there


def test_a_system_that_does_not_say_has_none(tmp_path: Path) -> None:
    assert has_bf16(tmp_path / "missing") is False


@pytest.mark.parametrize("there", [True, False])
def test_auto_takes_what_the_processor_has(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    monkeypatch.setattr("grnpyg.core.precision.has_bf16", lambda: there)
    assert chosen("auto") == ("bf16" if there else "fp32")
    assert (chosen("fp32"), chosen("bf16")) == ("fp32", "bf16")
