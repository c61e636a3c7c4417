"""Store what the runs of the paper's studies say, as rows that README.md is written from.

    python benchmarks/paper/collect.py --runs runs

Writes `benchmarks/results/paper_*.csv`. Rows of cells whose runs are not there stay as they are stored, so
that several machines can add to one table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import ranks
import stored
from safetensors.torch import load_file
from scipy.special import expit
from sklearn.metrics import precision_recall_curve, roc_curve

from grnpyg.core import sha256
from grnpyg.data import load_graph
from grnpyg.metrics import DEGREE, accuracy, auroc, average_precision, ranking_metrics
from grnpyg.models.baselines import baselines
from grnpyg.runs import Manifest, read_epochs, read_predictions
from grnpyg.splits import LabelledPairs, LinkSplit
from grnpyg.studies import (
    Store,
    Study,
    Trial,
    orphans,
    read_study,
    resolve_widths,
    store_rows,
    study_rows,
    with_gains,
)

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
POINTS = 200  # of a curve
CURVES = ("as_coded", "as_described", "clean")
ENSEMBLES = ("as_coded", "as_described")


def main(runs: Path) -> None:
    """Write every table of rows."""
    files = sorted((HERE / "studies").glob("*.yaml"))
    studies = {path.stem: resolve_widths(read_study(path)) for path in files}
    RESULTS.mkdir(exist_ok=True)
    for name, study in studies.items():
        path = RESULTS / f"paper_{name}.csv"
        rows = with_present_degree(study, study_rows(study, runs), runs)
        print(store_rows(study, rows, path), file=sys.stderr)
    current = stored.hashes()
    curves = [row for name in CURVES for row in _epochs(name, studies[name], runs)]
    _add(pd.DataFrame(curves), RESULTS / "paper_curves.csv", ["study", "cell", "seed"], current)
    points = [row for name in CURVES for row in _roc(name, studies[name], runs)]
    _add(pd.DataFrame(points), RESULTS / "paper_roc.csv", ["study", "cell"], current, prefer=_first_seed)
    ensembles = [row for name in ENSEMBLES for row in _ensembles(name, studies[name], runs)]
    _add(
        pd.DataFrame(ensembles), RESULTS / "paper_ensembles.csv", ["study", "cell"], current, prefer=_members
    )
    path = RESULTS / "paper_effective_rank.csv"
    known = set(pd.read_csv(path, dtype=str)["config_hash"]) if path.exists() else set()
    lines, spectra = ranks.measured(studies, runs, known)
    _add(pd.DataFrame(lines), path, ranks.KEY, current)
    if spectra:
        _add(pd.concat(spectra), RESULTS / "paper_spectra.csv", ranks.KEY, current)


def with_present_degree(study: Study, rows: pd.DataFrame, runs: Path) -> pd.DataFrame:
    """The row `degree_product` scored again: earlier runs counted no quarter of an edge for each node.

    It depends on the split alone, so no model is needed; every row of a table then means the same.
    """
    known: dict[str, dict[str, float]] = {}
    store = Store(runs)
    for cell in study.trials:
        own = rows["config_hash"] == cell.hash
        if not own.any():
            continue
        digest = sha256(store.path(cell) / "split.safetensors")
        if digest not in known:
            known[digest] = _degree_metrics(store.path(cell))
        for metric in known[digest].keys() & set(rows.columns):  # earlier runs had fewer
            value = known[digest][metric]
            rows.loc[own & (rows["row"] == DEGREE), metric] = value
    return with_gains(study, rows)


def _degree_metrics(run: Path) -> dict[str, float]:
    tensors = load_file(run / "split.safetensors")
    train = tensors["positives/train"]
    split = LinkSplit(load_graph(run / "graph.safetensors"), {"train": train}, {}, 0, train[:, :0])
    test, label = (tensors[f"evaluation/uniform/test/{name}"] for name in ("index", "label"))
    baseline = baselines.build(DEGREE)
    baseline.fit(split, LabelledPairs(test, label))
    return ranking_metrics(label.numpy(), baseline.score(test))


def _add(
    new: pd.DataFrame,
    path: Path,
    key: list[str],
    current: frozenset[str],
    prefer: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> None:
    """Rewrite a file of curves or ensembles; what is stored stays.

    Of two that stand for the same place the new one is taken; with `prefer`, the one of which it says more.
    Rows of trials that are others by now stand at the end, and are counted in a warning.
    """
    gone = new[:0]
    if path.exists():
        whole = pd.read_csv(path, dtype={"config_hash": str, "removed": str})
        is_current = stored.is_current(whole, current)
        before, gone = whole[is_current], whole[~is_current]
        if prefer is not None and len(new):
            best = prefer(before).groupby([before[name] for name in key]).max()
            there = best.reindex(pd.MultiIndex.from_frame(new[key])).to_numpy()
            new = new[~(prefer(new).to_numpy() < there)]  # nothing there: nan, never more
        if len(new):
            known = pd.MultiIndex.from_frame(new[key])
            before = before[~pd.MultiIndex.from_frame(before[key]).isin(known)]
        new = pd.concat([new, before], ignore_index=True)
    if warning := orphans(gone, key, path.name):
        print(warning, file=sys.stderr)
    if len(new) or len(gone):
        table = pd.concat([new.sort_values(key, kind="stable") if len(new) else new, gone])
        table.to_csv(path, index=False, float_format="%.6g")


def _members(ensembles: pd.DataFrame) -> pd.Series:
    """The larger ensemble is the better one."""
    return ensembles["seeds"]


def _first_seed(curves: pd.DataFrame) -> pd.Series:
    """The curve of a cell is that of its first seed, the smallest number."""
    return -curves["seed"]


def _done(study: Study, runs: Path) -> Iterator[tuple[Trial, Path]]:
    store = Store(runs)
    for cell in study.trials:
        if store.manifest(cell) is not None:
            yield cell, store.path(cell)


def _label(cell: Trial) -> str:
    """The cell without its seed: `ratio=1 model=dual`."""
    return " ".join(f"{axis}={level}" for axis, level in cell.levels.items() if axis != "seed")


def _epochs(name: str, study: Study, runs: Path) -> Iterator[dict[str, Any]]:
    for cell, path in _done(study, runs):
        for epoch in read_epochs(path, Manifest.load(path)).to_dict("records"):
            about = {"study": name, "cell": _label(cell), "seed": cell.config.seed, "config_hash": cell.hash}
            wanted = ("epoch", "loss", "val_auroc", "val_ap", "val_accuracy")
            yield about | {key: epoch[key] for key in wanted}


def _test(path: Path) -> pd.DataFrame:
    table = read_predictions(path, Manifest.load(path))
    return table[(table["subset"] == "test") & (table["setting"] == "uniform")]


def _roc(name: str, study: Study, runs: Path) -> Iterator[dict[str, Any]]:
    """Points of the curves of the first seed."""
    first = {}
    for cell, path in _done(study, runs):
        first.setdefault(_label(cell), (cell, path))
    for label, (cell, path) in first.items():
        test = _test(path)
        fpr, tpr, _ = roc_curve(test["label"], test["logit"])
        precision, recall, _ = precision_recall_curve(test["label"], test["logit"])
        for kind, x, y in (("roc", fpr, tpr), ("pr", recall[::-1], precision[::-1])):
            for at in np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(int)):
                about = {"study": name, "cell": label, "seed": cell.config.seed, "row": "model"}
                yield about | {"kind": kind, "x": float(x[at]), "y": float(y[at]), "config_hash": cell.hash}


def _ensembles(name: str, study: Study, runs: Path) -> Iterator[dict[str, Any]]:
    """The mean of the float32 probabilities of all seeds, as the published ensembles are made."""
    members: dict[str, list[Path]] = {}
    for cell, path in _done(study, runs):
        members.setdefault(_label(cell), []).append(path)
    for label, paths in members.items():
        tests = [_test(path) for path in paths]
        if len(paths) < 2:
            continue
        for test in tests[1:]:
            if (
                not test[["TF", "target"]]
                .reset_index(drop=True)
                .equals(tests[0][["TF", "target"]].reset_index(drop=True))
            ):
                raise SystemExit(f"{name} {label}: the seeds have other test pairs")
        truth = tests[0]["label"].to_numpy()
        mean = np.mean([expit(test["logit"].to_numpy(np.float32)) for test in tests], axis=0)
        yield {
            "study": name,
            "cell": label,
            "seeds": len(paths),
            "auroc": auroc(truth, mean),
            "ap": average_precision(truth, mean),
            "accuracy": accuracy(truth, mean - 0.5),
            "config_hash": " ".join(path.name for path in paths),
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    main(parser.parse_args().runs)
