"""What trainings leave: a run directory, a split, a checkpoint, a plan, stored rows, a journal."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from grnpyg.core.config_file import override, read_yaml
from grnpyg.data.graph import GENE, TF
from grnpyg.models.predictor import build_model
from grnpyg.resolve import make_config
from grnpyg.runs import Run
from grnpyg.studies import read_study
from grnpyg.studies.plan import write_plan
from grnpyg.studies.rows import study_rows, write_rows
from grnpyg.studies.search import read_tuning
from grnpyg.studies.search.journal import ModelTrials, opened
from grnpyg.training.fit import fit
from grnpyg.training.train import TrainOptions, train


def make_runs(folder: Path) -> None:
    """Train one tiny run and a study of four, and write down everything that else is read later."""
    tiny = read_yaml(folder / "tiny.yaml")
    run = train(make_config(tiny), TrainOptions(folder / "runs", keep_optimizer=True))
    run.path.rename(folder / "run")
    run = Run.load(folder / "run")
    _given_split(run, folder / "given")
    one_epoch = make_config(override(tiny, ["training.max_epochs=1"]))
    model = build_model(run.graph, *run.specs, run.config.seed, None)
    (folder / "checkpoint").mkdir()
    fit(model, run.split, run.evaluation, one_epoch, folder / "checkpoint")
    (folder / "origin.json").write_text(json.dumps({"inputs": dict(run.manifest.inputs), "device": "cpu"}))
    failed = {"study": "s", "trial": "t", "hash": "h", "error": "one line", "diverged": True, "traceback": ""}
    (folder / "failed.json").write_text(json.dumps(failed))
    (folder / "trusted.json").write_text(json.dumps({"0" * 64: "/home/me/mine.py"}))

    study = read_study(folder / "study.yaml")
    for trial in study.trials:
        train(trial.config, TrainOptions(folder / "runs"))
    write_plan(study, folder / "runs")
    rows = study_rows(study, folder / "runs")
    write_rows(rows, folder / "rows.csv")
    write_rows(rows, folder / "rows.parquet")

    tuning = read_tuning(folder / "tune.yaml")
    with opened(folder / "journal") as storage:
        for candidate in tuning.candidates:
            trials = ModelTrials(storage, tuning, candidate)
            trials.ask()
            trials.tell(1, 0.5)
            trials.ask()


def _given_split(run: Run, folder: Path) -> None:
    """The run's split as the three files of another program."""
    folder.mkdir()
    tfs, genes = run.graph[TF].name, run.graph[GENE].name
    for subset, name in (("train", "Train"), ("validation", "Validation"), ("test", "Test")):
        lines = [(tfs[t], genes[g], 1) for t, g in run.split.positives[subset].T.tolist()]
        if subset == "train":
            known = {(tf, gene) for p in run.split.positives.values() for tf, gene in p.T.tolist()}
            known |= {
                tuple(pair)
                for s in run.evaluation.values()
                for p in s.values()
                for pair in p.edge_label_index.T.tolist()
            }
            free = [(t, g) for t in range(len(tfs)) for g in range(len(genes)) if (t, g) not in known]
            negatives = [(t, g) for t, g in free if tfs[t] != genes[g]][: len(lines)]
        else:
            pairs = run.evaluation["uniform"][subset]
            negatives = [tuple(pair) for pair in pairs.edge_label_index[:, pairs.edge_label == 0].T.tolist()]
        lines += [(tfs[t], genes[g], 0) for t, g in negatives]
        table = pd.DataFrame(lines, columns=["TF", "Target", "Label"])
        table.to_csv(folder / f"{name}_set.csv", index=False)
