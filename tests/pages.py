"""Pages of the documentation, read and run: files are written, commands and Python are run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.command import grnpyg
from places import REPOSITORY

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`([\w.-]+\.(?:py|yaml))`(?::|\.)?$")  # the last words before a block
SUBJECT = re.compile(r"`([\w.-]+\.yaml)` is ")  # the first words of the paragraph before it


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the file that the words before it name, if any."""

    language: str
    text: str
    file: str | None

    @property
    def commands(self) -> list[str]:
        """The lines that call grnpyg, without comments."""
        lines = (" ".join(shlex.split(line, comments=True)) for line in self._joined().splitlines())
        return [line for line in lines if line.startswith("grnpyg ")]

    def _joined(self) -> str:
        return re.sub(r"\\\n\s*", "", self.text) if self.language in ("", "bash", "sh") else ""


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page of the repository.

    A block is a file where the words before it end in the file's name, or the paragraph begins with it.
    """
    text = (REPOSITORY / page).read_text()
    found = []
    for fence in FENCE.finditer(text):
        before = text[: fence.start()].rstrip().rpartition("\n\n")[2]
        named = NAMED.search(before) or SUBJECT.match(before)
        found.append(Block(fence[1], fence[2], named[1] if named else None))
    return found


def run(page: str, cheaper: Mapping[str, str]) -> list[str]:
    """Do in the current folder what a page says, from its top to its end; returns the run directories.

    Blocks with a file's name are written, those of Python are run in one namespace, and so is each line of a
    `bash` block. RUN is the last run that was trained, OTHER the one before it. Blocks of other languages
    are only shown.

    Args:
        page: path in the repository.
        cheaper: words of the page -> words that make the same step short. Each has to stand in the page.
    """
    names: dict[str, object] = {}
    runs: list[str] = []
    unused = set(cheaper)
    for block in blocks(page):
        text = block.text
        for words, instead in cheaper.items():
            if words in text and (block.language in ("python", "bash") or block.file):
                text = text.replace(words, instead)
                unused.discard(words)
        if block.file is not None:
            Path(block.file).write_text(text)
        elif block.language == "python":
            exec(compile(text, page, "exec"), names)
        elif block.language == "bash":
            for line in text.splitlines():
                program, *words = shlex.split(line, comments=True)
                assert program == "grnpyg", line
                places = {"RUN": runs[-1:], "OTHER": runs[-2:-1]}
                words = [places[word][0] if word in places else word for word in words]
                result = grnpyg(*words)
                assert result.code == 0, f"{line}\n{result.err}"
                if words[0] == "train":
                    runs += re.findall(r"^run: (\S+)$", result.out, re.MULTILINE)
    assert not unused, f"{page} does not say {unused}"
    return runs
