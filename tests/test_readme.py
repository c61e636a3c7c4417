"""The README's commands run, and its code is the code that they use."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"


def _encoder() -> str:
    """The README's own encoder."""
    (block,) = [block for block in _blocks("python") if "class MyEncoder" in block]
    return block


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.slow
def test_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every `bash` block, typed in one folder that holds the encoder and the study of the other blocks."""
    from grnpyg_cli.main import main

    (tmp_path / "my_encoder.py").write_text(_encoder())
    (study,) = _blocks("yaml")
    (tmp_path / "study.yaml").write_text(study)
    monkeypatch.chdir(tmp_path)
    commands = [line for block in _blocks("bash") for line in block.splitlines() if line.strip()]
    assert len(commands) >= 7
    runs = []
    for command in commands:
        monkeypatch.setattr(sys, "argv", shlex.split(command))
        assert sys.argv[0] == "grnpyg"
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0, command
        runs += re.findall(r"^run: (\S+)$", capsys.readouterr().out, re.MULTILINE)
    assert len(runs) == 2
    # the commands that the README shows with RUN in the place of a run's directory
    for template in ("grnpyg eval RUN --split test", "grnpyg predict RUN --new --top 1000 -o edges.tsv"):
        assert template in README.read_text()
        monkeypatch.setattr(sys, "argv", shlex.split(template.replace("RUN", runs[-1])))
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
    assert len((tmp_path / "edges.tsv").read_text().splitlines()) == 1001
    for template in (
        "grnpyg prune RUN --ratio 0.6",
        "grnpyg effective-rank RUN -o spectrum.tsv",
    ):
        assert template in README.read_text()
        monkeypatch.setattr(sys, "argv", shlex.split(template.replace("RUN", runs[0])))
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0


@pytest.mark.slow
def test_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The block of Python runs as it is, and ends with a run that the command line reads."""
    from grnpyg_cli.main import main

    (block,) = [block for block in _blocks("python") if "import grnpyg as gp" in block]
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(block, str(README), "exec"), names)
    assert len(names["edges"]) == 1000  # type: ignore[arg-type]
    assert "degree_matched" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["grnpyg", "predict", "runs/mine", "--top", "10"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0


def test_encoder_passes_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder that the README tells people to start from is a good one."""
    from grnpyg.testing import check_encoder

    (tmp_path / "my_encoder.py").write_text(_encoder())
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    check_encoder("my_encoder:MyEncoder")


def test_make_targets_exist() -> None:
    """The two set-up commands are targets of the Makefile."""
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README.read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
