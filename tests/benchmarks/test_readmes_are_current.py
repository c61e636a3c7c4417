"""The stored rows give what the committed READMEs say, figure for figure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pytest

from grnpyg.studies.formats import fill_sections

REPOSITORY = Path(__file__).resolve().parents[2]
BENCHMARKS = REPOSITORY / "benchmarks"
Sections = dict[str, str]
SECTIONS: dict[str, tuple[str, Callable[[ModuleType, Path], Sections]]] = {
    "README.md": ("headline.py", lambda script, _: script.sections()),
    "docs/evidence.md": ("headline.py", lambda script, _: script.evidence()),
    "benchmarks/evidence/README.md": (
        "evidence/write.py",
        lambda script, drawn: script.sections(drawn / "monitor.svg"),
    ),
    "benchmarks/best/README.md": ("best/write.py", lambda script, _: script.sections()),
    "benchmarks/bench/README.md": ("bench/bench.py", lambda script, _: script.sections()),
    "benchmarks/beeline/README.md": ("beeline/write.py", lambda script, _: script.sections()),
    "benchmarks/speed/README.md": ("speed/write.py", lambda script, _: script.sections()),
    "benchmarks/resilience/README.md": ("resilience/write.py", lambda script, _: script.sections()),
    "benchmarks/fuzz/README.md": ("fuzz/changed_files.py", lambda script, _: script.sections()),
    "benchmarks/compress/README.md": ("compress/write.py", lambda script, _: script.sections()),
    "benchmarks/signs/README.md": ("signs/signs.py", lambda script, _: script.sections()),
    "benchmarks/heads/README.md": ("heads/write.py", lambda script, _: script.sections()),
    "benchmarks/later/README.md": ("later/write.py", lambda script, _: script.sections()),
    "docs/probabilities.md": ("later/probabilities.py", lambda script, _: script.sections()),
    "benchmarks/paper/README.md": (
        "paper/write.py",
        lambda script, drawn: script.sections(BENCHMARKS / "results", drawn),
    ),
}
pytestmark = pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="needs the benchmarks of the repository")


@pytest.fixture(scope="module", params=SECTIONS)
def readme(
    request: pytest.FixtureRequest,
    script: Callable[[Path], AbstractContextManager[ModuleType]],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Sections]:
    """A README as it is, and its sections made anew from the stored rows."""
    path, sections = SECTIONS[request.param]
    with script(BENCHMARKS / path) as module:
        return (REPOSITORY / request.param).read_text(), sections(module, tmp_path_factory.mktemp("drawn"))


def differences(text: str, sections: Mapping[str, str]) -> list[str]:
    """Lines between the markers that the stored rows don't give (-), and those that they give instead (+)."""
    lines = (text.splitlines(), fill_sections(text, sections).splitlines())
    return list(difflib.unified_diff(*lines, "README", "stored rows", lineterm="", n=0))


def test_every_section_is_what_the_stored_rows_give(readme: tuple[str, Sections]) -> None:
    text, sections = readme
    found = differences(text, sections)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
def test_another_digit_is_seen_in_every_section(readme: tuple[str, Sections], place: int) -> None:
    text, sections = readme
    text = fill_sections(text, sections)
    assert not differences(text, sections)
    digits = {name: list(re.finditer(r"\d", section)) for name, section in sections.items()}
    assert any(digits.values())
    for name, found in digits.items():
        if not found:  # not run
            continue
        start, end = found[place].span()
        digit = str((int(found[place][0]) + 1) % 10)
        other = sections[name][:start] + digit + sections[name][end:]
        seen = differences(fill_sections(text, sections | {name: other}), sections)
        assert [line[0] for line in seen] == ["-", "+", "@", "-", "+"], name  # two headings, where, two lines
