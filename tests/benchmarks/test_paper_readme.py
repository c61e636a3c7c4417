"""The paper's README: verdicts, gaps and bytes from made-up rows; published numbers from their files."""

from __future__ import annotations

import itertools
import json
import math
import re
import shlex
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from places import SHARED, needs

from grnpyg.resolve import config_hash
from grnpyg.studies import Study, read_study
from grnpyg.studies.rows import write_rows

Script = Callable[[Path], AbstractContextManager[ModuleType]]
REPOSITORY = Path(__file__).resolve().parents[2]
PAPER = REPOSITORY / "benchmarks" / "paper"
PUBLISHED = SHARED / "paper" / "published"
LISTS = {"auroc": "seed_aurocs", "ap": "seed_auprcs", "accuracy": "seed_accuracies", "f1": "seed_f1s"}
SINGLE = {"auroc": "auroc", "ap": "auprc", "accuracy": "accuracy"}
ENSEMBLE = {"auroc": "ensemble_auroc", "ap": "ensemble_auprc", "accuracy": "ensemble_accuracy"}
CLASSIFIERS = {
    "expression_logistic": "Logistic Regression",
    "expression_random_forest": "Random Forest (n=200)",
    "expression_gradient_boosting": "Gradient Boosted Trees (n=200)",
}
pytestmark = pytest.mark.skipif(not PAPER.is_dir(), reason="needs the benchmarks of the repository")
SEEDS = ("42", "123", "456", "789", "1337")
DONE: dict[
    tuple[str, str], tuple[float, Sequence[str]]
] = {  # AUROC by probability, and the seeds that are done
    ("1", "dual"): (0.81, SEEDS),  # published .7941 within .02
    ("1", "cross"): (0.92, SEEDS),  # published .9025 within .01
    ("5", "dual"): (0.70, SEEDS[:3]),
    ("50", "dual"): (0.31, SEEDS[:2]),  # at most .60
}


@pytest.fixture(scope="module")
def write(script: Script) -> Iterator[ModuleType]:
    """The script that fills the README."""
    with script(PAPER / "write.py") as module:
        yield module


@pytest.fixture(scope="module")
def study() -> Study:
    return read_study(PAPER / "studies" / "as_coded.yaml")


@pytest.fixture(scope="module")
def results(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rows of `DONE`, their curves and one ensemble."""
    tmp_path = tmp_path_factory.mktemp("results")
    write_rows(rows(study), tmp_path / "paper_as_coded.csv")
    cells = [("as_coded", f"ratio={ratio} model={model}", 42) for ratio, model in DONE]
    curves = [
        [*cell, epoch, 1 / epoch, 0.8 if epoch % 2 else math.nan] for cell in cells for epoch in (1, 2, 3)
    ]
    columns = ["study", "cell", "seed", "epoch", "loss", "val_auroc"]
    known = {"config_hash": study.trials[0].hash}
    pd.DataFrame(curves, columns=columns).assign(**known).to_csv(tmp_path / "paper_curves.csv", index=False)
    points = [[*cell, "model", kind, x, x] for cell in cells for kind in ("roc", "pr") for x in (0, 0.5, 1)]
    columns = ["study", "cell", "seed", "row", "kind", "x", "y"]
    pd.DataFrame(points, columns=columns).assign(**known).to_csv(tmp_path / "paper_roc.csv", index=False)
    ensembles = {"study": "as_coded", "cell": "ratio=1 model=dual", "seeds": 5, "auroc": 0.88, "ap": 0.9}
    pd.DataFrame([ensembles | known | {"accuracy": 0.82}]).to_csv(
        tmp_path / "paper_ensembles.csv", index=False
    )
    return tmp_path


@pytest.fixture(scope="module")
def found(write: ModuleType, results: Path) -> dict[str, list[str]]:
    """What stands between the markers."""
    blocks: dict[str, list[str]] = write.blocks(results, {})
    return blocks


def rows(study: Study, additive: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Rows as `study export` writes them: a model at the wanted AUROC, and its baselines."""
    records = []
    for cell in study.trials:
        at = (cell.levels["ratio"], cell.levels["model"])
        auroc, seeds = DONE.get(at, (0.0, ()))
        if cell.levels["seed"] not in seeds:
            continue
        step = 0.001 * (seeds.index(cell.levels["seed"]) - (len(seeds) - 1) / 2)
        of_model = dict.fromkeys(("auroc_probability", "ap_probability", "accuracy", "f1"), auroc + step)
        of_model |= {"auroc": auroc + step + 0.05, "ap": auroc + step + 0.05}
        of_model |= {"distinct_scores": 7000.0, "distinct_probabilities": 12.0}
        level = (additive or {}).get(at[1], 0.9)
        metrics = {"model": of_model, "model_best": {name: value + 0.01 for name, value in of_model.items()}}
        metrics |= {name: {"auroc": 0.7, "ap": 0.6} for name in ("degree_product", "tf_degree")}
        metrics |= {"additive": {"auroc": level, "ap": level}, "namespace_match": {"auroc": 0.78, "ap": 0.7}}
        for row, values in metrics.items():
            place = {"study": study.name, **cell.levels, "part": "test", "regime": "uniform", "row": row}
            of_run: dict[str, Any] = {"parameters": None, "best_epoch": None, "epochs": None, "seconds": None}
            if row.startswith("model"):
                of_run = {"parameters": 5579776, "best_epoch": 1, "epochs": 60, "seconds": 100.0}
            about = {"config_hash": cell.hash, "run_seed": cell.config.seed, "leaks": "held-out-in-training"}
            records.append(place | values | of_run | about | {"threads": 1, "torch": "2.0"})
    table = pd.DataFrame(records)
    first = ["study", *study.axes, "part", "regime", "row", *of_model]
    return table[[*first, *(name for name in table if name not in first)]]


def lines(text: Sequence[str], *parts: str) -> list[list[str]]:
    """The table lines that hold all parts, cut into cells."""
    found = [line for block in text for line in block.splitlines() if all(part in line for part in parts)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found if line.startswith("|")]


def test_verdicts(found: dict[str, list[str]]) -> None:
    (dual,) = lines(found["balanced as coded"], "ratio=1 model=dual |", "| AUROC |")
    assert dual[1] == "model, last epoch †"
    assert dual[3:10] == [
        "0.7941 ± 0.0096 (5)",
        "0.8100 ± 0.0016",
        "5",
        "+0.0159",
        "±0.0200 (target)",
        "inside",
        "0.8600",
    ]
    (cross,) = lines(found["balanced as coded"], "ratio=1 model=cross |", "| AUROC |")
    assert cross[6:9] == ["+0.0175", "±0.0100 (target)", "outside"]
    (distinct,) = lines(found["balanced as coded"], "ratio=1 model=dual |", "distinct scores")
    assert distinct[3:9] == ["16 (1)", "12 ± 0", "5", "-4", "≤ 99 (target)", "inside"]
    (most,) = lines(found["imbalance as coded"], "ratio=50 model=dual |", "| AUROC |")
    assert most[5:9] == ["2", "-0.1900", "≤ 0.6000 (target)", "inside"]
    (gap, _) = lines(found["balanced as coded"], "ratio=1 model=cross - dual")
    assert gap[2] == "+0.1100 [+0.1100, +0.1100]"
    assert gap[-2:] == ["+0.1084", "inside"]
    (ensemble,) = lines(found["ensembles as coded"], "ratio=1 model=dual |", "| AUROC |")
    assert ensemble[4:] == ["0.8800", "5", "+0.0022", "±0.0200 (ours)", "inside", "0.8100"]


def test_every_score_has_the_baselines_in_its_table(found: dict[str, list[str]]) -> None:
    for ratio, name in (("1", "balanced"), ("5", "imbalance"), ("50", "imbalance"), ("1", "ensembles")):
        for row in ("degree_product", "tf_degree", "additive", "namespace_match"):
            assert len(lines(found[f"{name} as coded"], f"| ratio={ratio} |", f"| {row} † |")) == 1


def test_baselines_that_differ_between_cells_are_not_merged(
    write: ModuleType, study: Study, tmp_path: Path
) -> None:
    write_rows(rows(study, {"cross": 0.8}), tmp_path / "paper_as_coded.csv")
    blocks = write.blocks(tmp_path, {})["balanced as coded"]
    values = {line[0]: line[4] for line in lines(blocks, "| additive † |")}
    assert values == {
        "ratio=1 model=dual": "0.9000 ± 0.0000, 0.9000 ± 0.0000",
        "ratio=1 model=cross": "0.8000 ± 0.0000, 0.8000 ± 0.0000",
    }


def test_what_was_not_run_is_said(found: dict[str, list[str]]) -> None:
    (line,) = lines(found["imbalance as coded"], "ratio=10 model=dual |", "| AUROC |")
    assert line[4:9] == ["-", "0 of 5", "-", "±0.1484 (target)", "not run"]
    (missing,) = found["missing"]
    assert "ratio=5 model=dual: seed 789, 1337 not run" in missing
    assert "ratio=10 model=dual: not run" in missing
    assert "ratio=50 model=dual: 2 of the study's 5 seeds planned" in missing
    assert "`paper_clean.csv`" in missing
    assert "paper_as_coded.csv" not in missing
    assert found["clean"][0] == "Not run."
    assert "imbalance ratio=10 model=dual AUROC" in found["summary"][0]


def test_two_writes_give_the_same_bytes(write: ModuleType, results: Path, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text((PAPER / "README.md").read_text())
    seen = []
    for _ in range(2):
        write.write(results, readme)
        files = [readme, *sorted((tmp_path / "figures").iterdir())]
        seen.append({file.name: file.read_bytes() for file in files})
    assert seen[0] == seen[1]
    assert set(seen[0]) == {"README.md", "curves_as_coded.svg", "roc_as_coded.svg"}
    assert all(f"figures/{name}" in readme.read_text() for name in seen[0] if name.endswith(".svg"))


def test_commands_train_the_cells(write: ModuleType) -> None:
    """The command of a row gives the config of each of its cells, to the hash."""
    from grnpyg_cli.options import ExperimentOptions

    seen = 0
    for path in sorted((PAPER / "studies").glob("*.yaml")):
        study = read_study(path)
        commands = {cell.group: "" for cell in study.trials}
        for cell in study.trials:
            levels = {axis: level for axis, level in cell.levels.items() if axis not in study.over}
            command = commands[cell.group] = commands[cell.group] or write.command(study, levels)
            if not command.startswith("for seed"):
                assert study.match is not None
                continue
            seeds, train = re.fullmatch(r"for seed in (.+); do (.+); done", command).groups()
            words = shlex.split(train)
            assert words[:2] == ["grnpyg", "train"]
            recipe = words[3] if words[2] == "--recipe" else None
            config = REPOSITORY / words[3] if words[2] == "--config" else None
            assert (recipe is None) != (config is None)
            sets = [word for before, word in itertools.pairwise(words) if before == "--set"]
            assert str(cell.config.seed) in seeds.split()
            made = ExperimentOptions(config, recipe, assignments=sets, seed=cell.config.seed).make({})
            assert config_hash(made) == cell.hash, command
            seen += 1
    assert seen > 100


@needs("paper/published")
def test_published_numbers_equal_the_published_files() -> None:
    table = pd.read_csv(PAPER / "published.csv", keep_default_na=False, dtype=str)
    from_file = table[table["source"] != "paper table"]
    for line in from_file.to_dict("records"):
        values = published_values(line)
        assert float(line["value"]) == pytest.approx(statistics.fmean(values), abs=1e-6), line
        if line["sd"]:
            assert float(line["sd"]) == pytest.approx(statistics.stdev(values), abs=1e-6), line
            assert int(line["n"]) == len(values)
    assert {file.name for file in PUBLISHED.iterdir() if "pruning" not in file.name} - set(
        from_file["source"]
    ) == {"cross_encoder_1to1_predictions.json"}


def published_values(line: Mapping[str, str]) -> list[float]:
    """The numbers of a published file that a line of published.csv stands for."""
    content, metric = json.loads((PUBLISHED / line["source"]).read_text()), line["metric"]
    if metric == "distinct_probabilities":
        return [len(set(content["predictions"]))]
    if line["table"] == "ensembles":
        assert int(line["n"]) == len(content["seeds"])
        return [content[ENSEMBLE[metric]]]
    if line["table"] == "classical":
        results = {result["model"]: result for result in content["results"]}
        return [results[CLASSIFIERS[line["model"]]][SINGLE[metric]]]
    if line["table"] == "temperature":
        taus = {f"{result['tau']:.6g}": result for result in content["results"]}
        return list(taus[line["temperature"]]["seed_aurocs"])
    assert content["neg_ratio"] == int(line["ratio"])
    return list(content[LISTS[metric]])
