"""What reads a run: each message with a fix is followed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from advice.follow import Advice, check, table
from advice.follow import run as command

pytestmark = pytest.mark.slow

TRAIN = "train --config bare.yaml --max-epochs 0"
PLUGIN = """\
from grnpyg.models.encoders.lookup import LookupEncoder


class Mine(LookupEncoder):
    \"\"\"A plug-in.\"\"\"
"""
OPTION = r"`(?P<fix>--[^`]+)`"
MEANT = r"did you mean '(?P<fix>[\w-]+)'"


@table(
    Advice("eval {run}s", "no such run directory.*`grnpyg train`", "eval {run}"),
    Advice("eval runs", r"name one of them: (?P<fix>\S+)", "eval {fix}"),
    Advice("predict runs --top 3", r"name one of them: (?P<fix>\S+)", "predict {fix} --top 3"),
    Advice("prune runs --ratio 0.5", r"name one of them: (?P<fix>\S+)", "prune {fix} --ratio 0.5"),
    Advice("compare runs {run}", r"name one of them: (?P<fix>\S+)", "compare {fix} {run} --resamples 20"),
    Advice("eval {run} --split tset", MEANT, "eval {run} --split {fix} --resamples 0"),
    Advice("eval {run} --negatives unifrom", MEANT, "eval {run} --negatives {fix} --resamples 0"),
    Advice("eval {run} --seed 3", "drawn with seed (?P<fix>\\d+)", "eval {run} --seed {fix} --resamples 0"),
    Advice("eval {run} --prior 0.1", "add (?P<fix>--calibrate temperature)"),
    Advice(
        "eval {run} --calibrate temperature --prior 1.5", "a share between 0 and 1", "{command} --prior 0.1"
    ),
    Advice("eval {run} --calibrate temprature", MEANT, "eval {run} --calibrate {fix} --resamples 0"),
    Advice("predict {run} --fdr 2", "such as (?P<fix>0.1)", "predict {run} --prior {fix} --top 3"),
    Advice("predict {run} -o edges.xlsx", r"Use (?P<suffix>\.csv) or", "predict {run} -o edges{suffix}"),
    Advice(
        "predict {run} -o new/edges.tsv", "Make it first", "{command}", edit=lambda _: Path("new").mkdir()
    ),
    Advice(
        "predict {run} -o out.tsv",
        "Name a file",
        "predict {run} -o out.tsv/edges.tsv",
        files={"out.tsv/x": ""},
    ),
    Advice("prune {run} --ratio 60", r"(?P<fix>0\.\d) removes", "prune {run} --ratio {fix}"),
    Advice("prune {run}", "either (?P<fix>--ratio) or", "prune {run} {fix} 0.5"),
    Advice("prune {run} --ratio 0.5 -o x.tsv", "leave it out", "prune {run} --ratio 0.5"),
    Advice(
        "prune {run} --ratio 0.5 --finetune-lr 0.1", "Give finetune_epochs", "{command} --finetune-epochs 1"
    ),
    Advice(
        "prune {run} --ratio 0.5 --importance magnitud", MEANT, "prune {run} --ratio 0.5 --importance {fix}"
    ),
    Advice("prune {run} --ratio 0.5 --split tset", MEANT, "prune {run} --ratio 0.5 --split {fix}"),
    Advice(
        "prune {run} --ratio 0.5 --finetune-epochs 1 --optimizer carried",
        "or choose another --optimizer",
        "{command} --optimizer fresh",
    ),
    Advice(
        "effective-rank {run} --pairs 1",
        "greater than or equal to (?P<fix>2)",
        "effective-rank {run} --pairs {fix}",
    ),
    Advice("effective-rank {run} --split tset", MEANT, "effective-rank {run} --split {fix}"),
)
def test_the_advice_gets_on(advice: Advice, run: Path, place: Path) -> None:
    check(advice, run=run)


DAMAGE = {
    "manifest.json": "{}",
    "config.yaml": "",
    "model.safetensors": "x",
    "split.safetensors": "",
    "metrics.parquet": "x",
    "graph.safetensors": "x",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_run_is_trained_again_as_it_says(run: Path, place: Path, name: str) -> None:
    assert (run / name).exists()
    (run / name).write_text(DAMAGE[name])
    refused = command(f"eval {run} --resamples 0")
    assert refused.code == 2
    assert "Train again with --overwrite" in refused.err
    again = command("train --config small.yaml --overwrite")
    assert again.code == 0, again.err
    assert command(f"eval {run} --resamples 0").code == 0


def test_an_input_that_changed_and_an_optimiser_that_was_not_kept(run: Path, place: Path) -> None:
    for option, says in (("--keep-optimizer", "without --keep-optimizer"), ("", "input files have changed")):
        if not option:
            with Path("labels.tsv").open("a") as file:
                file.write("TFC\tG79\n")
        refused = command(f"train --config small.yaml {option}")
        assert refused.code == 2
        assert says in refused.err
        assert "Add --overwrite" in refused.err
        assert command(f"train --config small.yaml {option} --overwrite").code == 0
    refused = command(f"prune {run} --ratio 0.5 --finetune-epochs 1 --optimizer carried")
    assert "Make it with --keep-optimizer" in refused.err
    assert command("train --config small.yaml --keep-optimizer --overwrite").code == 0
    assert command(f"prune {run} --ratio 0.5 --finetune-epochs 1 --optimizer carried").code == 0


def test_runs_with_other_pairs_are_compared_after_what_it_says(run: Path, place: Path) -> None:
    def made(options: str) -> str:
        return command(f"train --config small.yaml --max-epochs 0 {options}").out.split()[-1]

    other = made("--set split_seed=9 --seed 9")
    refused = command(f"compare {run} {other} --resamples 20")
    assert (refused.code, "share no evaluation pairs" in refused.err) == (2, True), refused.err
    assert "the same data, split, split_seed" in refused.err
    same = made("--set split_seed=42 --seed 9")
    assert command(f"compare {run} {same} --resamples 20").code == 0


def test_a_baseline_has_no_weights(place: Path) -> None:
    run = command("train --config bare.yaml --baseline svd").out.split()[-1]
    refused = command(f"effective-rank {run}")
    assert (refused.code, "Use the run of a trained model" in refused.err) == (2, True), refused.err
    refused = command(f"eval {run} --calibrate temperature --resamples 0")
    assert (refused.code, "Use isotonic" in refused.err) == (2, True), refused.err
    assert command(f"eval {run} --calibrate isotonic --resamples 0").code == 0


def test_a_plug_in_of_somebody_else(place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    Path("mine.py").write_text(PLUGIN)
    missing = command(f"{TRAIN} --encoder mein:Mine")
    assert (missing.code, "folder that holds mein.py" in missing.err) == (2, True), missing.err
    bare = command(f"{TRAIN} --encoder mine:Main")
    assert bare.code == 2
    run = command(f"{TRAIN} --encoder mine:Mine").out.split()[-1]
    shutil.rmtree(tmp_path / "settings")
    refused = command(f"eval {run} --resamples 0")
    named = re.search(r"add (--trust-plugins)", refused.err)
    assert named, refused.err
    assert command(f"eval {run} --resamples 0 {named[1]}").code == 0


def test_a_link_that_is_not_followed_is_removed_as_it_says(place: Path) -> None:
    Path("elsewhere").mkdir()
    Path("runs").mkdir()
    Path("runs/.partial").symlink_to(Path("elsewhere").resolve())
    refused = command(f"{TRAIN} --runs runs")
    named = re.search(r"error: (\S+): is a symbolic link, and is not followed\. Remove it", refused.err)
    assert named, refused.err
    Path(named[1]).unlink()
    assert command(f"{TRAIN} --runs runs").code == 0


def test_a_path_too_long_is_one_short_line(place: Path) -> None:
    refused = command(f"eval runs/{'x' * 5000} --resamples 0")
    assert refused.code == 2
    assert len(refused.err) < 600
    assert len(refused.err.splitlines()) == 1
