"""`train --run-dir PATH --resume=auto`: what a workflow manager calls, and calls again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from cli.command import contents, grnpyg, refused

from grnpyg.core.files import sha256
from grnpyg.runs import FILES, Run

TRAIN = ("train", "--config", "small.yaml", "--run-dir", "out/mine", "--json")
MINE = Path("out/mine")


def train(*options: str) -> dict[str, Any]:
    content: dict[str, Any] = grnpyg(*TRAIN, *options).json
    return content


def weights() -> str:
    return sha256(MINE / "model.safetensors")


@pytest.fixture
def stopped(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that was told to end after its first epoch."""
    from grnpyg.training.callbacks import Checkpoint

    epoch = Checkpoint.on_train_epoch_end

    def told(self: Checkpoint, trainer: Any, module: Any) -> None:
        self.request.asked = True
        epoch(self, trainer, module)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "on_train_epoch_end", told)
        result = grnpyg(*TRAIN)
    assert (result.code, result.out) == (1, "")
    assert "stopped by SIGTERM" in result.err
    assert not MINE.exists()


def test_the_run_is_exactly_there(work: Path) -> None:
    """The run that --runs would name by its hash; a second call of it hands it back."""
    said = train()
    assert (said["run"], said["reused"]) == (str(MINE), False)
    assert {path.name for path in Path("out").iterdir()} == {"mine"}
    assert not Path("runs").exists()
    named = grnpyg("train", "--config", "small.yaml", "--json").json
    assert named["config_hash"] == said["config_hash"] == Path(named["run"]).name
    assert sha256(Path(named["run"]) / "model.safetensors") == weights()
    before = contents(Path("out"))
    for options in ((), ("--resume=auto",)):
        assert train(*options)["reused"] is True
    assert contents(Path("out")) == before
    assert grnpyg("eval", MINE, "--json").code == 0


def test_what_was_stopped_goes_on(stopped: None) -> None:
    refused(*TRAIN, says=("interrupted run", "--resume"))
    assert train("--resume=auto")["status"] == "complete"
    bits = weights()
    shutil.rmtree("out")
    train()
    assert weights() == bits
    assert not Path("out/.partial").exists()


def test_nothing_or_an_empty_folder_is_a_start(work: Path) -> None:
    """Snakemake makes the folders of what a rule writes."""
    MINE.mkdir(parents=True)
    result = grnpyg(*TRAIN, "--resume=auto")
    assert result.json["reused"] is False
    assert "missing or changed" not in result.err


@pytest.mark.parametrize("gone", ["manifest.json", "model.safetensors"])
def test_a_damaged_run_is_made_again(work: Path, gone: str) -> None:
    """A workflow manager removes what a rule wrote before it calls the rule again."""
    train()
    bits = weights()
    (MINE / gone).unlink()
    result = grnpyg(*TRAIN, "--resume=auto")
    assert result.json["reused"] is False
    assert "made again" in result.err
    assert weights() == bits


def test_an_interrupted_run_without_its_checkpoint_is_trained_again(work: Path) -> None:
    train()
    run = Run.load(MINE)
    run.manifest.model_copy(update={"status": "interrupted"}).write(MINE)
    assert train("--resume=auto")["status"] == "complete"


def test_nothing_else_is_ever_replaced(work: Path) -> None:
    """A folder of the user's, named by mistake."""
    MINE.mkdir(parents=True)
    (MINE / "thesis.tex").write_text("important")
    for options in ((), ("--resume=auto",), ("--overwrite",)):
        refused(*TRAIN, *options, says=("out/mine", "something that is no run"))
    (MINE / "thesis.tex").unlink()
    train()
    other = ("--set", "seed=9")
    for options in ((), ("--resume=auto",)):
        refused(*TRAIN, *other, *options, says=("the run of another config", "--overwrite"))
    assert train(*other, "--overwrite")["reused"] is False
    assert Run.load(MINE).config.seed == 9
    assert set(FILES) < {path.name for path in MINE.iterdir()}


def test_bad_places_and_options_are_refused(work: Path) -> None:
    Path("out").mkdir()
    MINE.write_text("a file")
    refused(*TRAIN, says=("something that is no run",))
    refused(*TRAIN, "--resume=auto", "--overwrite", says=("--resume", "--overwrite"))
    refused(*TRAIN, "--resume=soon", says=("--resume",))
    MINE.unlink()
    Path("elsewhere").mkdir()
    MINE.symlink_to(Path("elsewhere").absolute())
    refused(*TRAIN, says=("symbolic link",))
    assert list(Path("elsewhere").iterdir()) == []
