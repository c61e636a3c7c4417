"""A command that fails, what it says, and the command that a reader of it would type next."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli.command import Result, grnpyg

CHECK = "data check --config bare.yaml"
TRAIN = "train --config bare.yaml --max-epochs 0"


@dataclass(frozen=True)
class Advice:
    """One message with a fix, and how it is followed.

    Args:
        command: as typed, without `grnpyg`; refused, or with a warning.
        says: a regular expression for the message, case ignored; a reader copies its named groups.
        follow: the next command; `{command}` is the first one, `{name}` a group of `says`.
        files: path -> content, written before.
        edit: what the reader changes in files, with the match.
        then: what the followed command says where the way goes on with another message; else it succeeds.
    """

    command: str
    says: str
    follow: str = "{command} {fix}"
    files: dict[str, str] | None = None
    edit: Callable[[re.Match[str]], object] | None = None
    then: str = ""

    @property
    def name(self) -> str:
        """For the list of tests."""
        words = self.command.replace(TRAIN, "train").replace(CHECK, "check")
        return re.sub(r"[^\w.=-]+", " ", words).strip()[:70]


def run(command: str) -> Result:
    """Run a command line inside this process."""
    result = grnpyg(*shlex.split(command))
    assert "Traceback" not in result.err, f"grnpyg {command}\n{result.err}"
    return result


def check(advice: Advice, **given: object) -> None:
    """Run the command, read the message, follow it, and see that it gets on.

    `given` fills places such as `{run}` in the commands.
    """
    for path, content in (advice.files or {}).items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(content)
    command = fill(advice.command, given)
    first = run(command)
    lines = [line for line in first.err.splitlines() if line.startswith(("error: ", "warning: "))]
    assert lines, f"grnpyg {command}\nsays nothing\n{first.err}"
    found = [match for line in lines if (match := re.search(advice.says, line, re.IGNORECASE))]
    assert found, f"grnpyg {command}\n{lines}\nis not {advice.says!r}"
    if lines[-1].startswith("error: "):
        assert (first.code, first.out) == (2, ""), f"grnpyg {command}\n{first.err}"
    if advice.edit is not None:
        advice.edit(found[0])
    copied = {name: text.strip().rstrip(".") for name, text in found[0].groupdict().items() if text}
    followed = fill(advice.follow, {"command": command, **copied, **given})
    second = run(followed)
    shown = f"grnpyg {command}\n{found[0].string}\ngrnpyg {followed}\n{second.err}"
    if advice.then:
        assert re.search(advice.then, second.err), shown
    else:
        assert second.code == 0, shown
    assert found[0].group() not in second.err, f"the same again: {shown}"


def fill(template: str, values: dict[str, object]) -> str:
    """A template with `{name}` replaced; other braces stay."""
    return re.sub(r"\{(\w+)\}", lambda place: str(values.get(place[1], place[0])), template)


def table(*rows: Advice) -> pytest.MarkDecorator:
    """A parametrization over rows."""
    return pytest.mark.parametrize("advice", rows, ids=lambda advice: advice.name)


def swap(path: str, old: str, new: str) -> Callable[[re.Match[str]], object]:
    """An edit of a file."""

    def change(_: re.Match[str]) -> None:
        text = Path(path).read_text()
        assert old in text
        Path(path).write_text(text.replace(old, new))

    return change
