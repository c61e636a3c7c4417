"""`eval` in every regime, `compare`, controls and cells of unseen nodes, as a user types them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cli.command import grnpyg

from grnpyg.runs import Run

REGIMES = ["uniform", "same_tf", "degree_matched", "hard"]
HALF = ("--set", "evaluation.ratio=0.5", "--set", "negatives.ratio=0.5")
TRAIN = ("train", "--config", "small.yaml", *HALF)
ALL = ("--set", f"evaluation.negatives={REGIMES}")
COLD = ("--set", "split.name=cold_start")
CELLS = ["test_cold_tf", "test_cold_gene", "test_cold_both"]


@pytest.fixture(scope="module")
def folder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evidence") / "work"
    shutil.copytree(project, path)
    return path


SPARING = ("--set", "negatives.scheme=sparing")


@pytest.fixture(scope="module")
def made(folder: Path) -> dict[str, Path]:
    """Runs by name: `dual`, `cross` (all regimes), `late` (uniform only), `sparing`, `cold`, ..."""
    ways = {
        "dual": ALL,
        "cross": (*ALL, "--head", "cross"),
        "late": (),
        "sparing": SPARING,
        "cold": (*ALL, *COLD),
        "noise": (*ALL, "--control", "expression_noise"),
        "rewired": (*ALL, "--control", "rewired_labels"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return {name: folder / grnpyg(*TRAIN, *way, "--json").json["run"] for name, way in ways.items()}


@pytest.fixture(autouse=True)
def _in_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def evaluated(run: Path, *options: object) -> dict[str, Any]:
    return grnpyg("eval", run, *options, "--resamples", 20, "--json").json


def test_every_stored_regime_is_evaluated_with_intervals_around_the_gain(made: dict[str, Path]) -> None:
    result = evaluated(made["dual"])
    assert list(result["regimes"]) == REGIMES
    for row in (result["regimes"], *result["baselines"].values()):
        for regime in REGIMES:
            assert row[regime]["gain_over_degree_low"] <= row[regime]["gain_over_degree_high"]
    assert list(result["negatives"]) == REGIMES
    for regime in ("uniform", "same_tf"):
        assert result["negatives"][regime]["ratio"] == pytest.approx(0.5, abs=0.05)


def test_the_ranking_stands_beside_the_baselines(made: dict[str, Path]) -> None:
    result = evaluated(made["cross"], "--negatives", "uniform", "--ranking")
    assert list(result["regimes"]) == ["uniform"]
    keys = {
        "per_tf_auroc",
        "ap_ratio",
        "ap_over_chance",
        "mrr",
        "hits_at_10",
        "epr",
        "auprc_ratio",
        "gain_over_degree",
    }
    assert keys <= result["ranking"].keys()
    assert keys <= result["baselines"]["degree_product"]["ranking"].keys()
    assert "other known edges filtered" in result["ranking"]["universe"]


def test_a_regime_that_was_not_stored_is_drawn_as_it_would_have_been(made: dict[str, Path]) -> None:
    """Training knew nothing of its pairs, stored or not."""
    from grnpyg.evaluation.late_settings import setting_sets

    late, whole = Run.load(made["late"]), Run.load(made["dual"])
    assert list(late.evaluation) == ["uniform"]
    for subset, pairs in setting_sets(late, "same_tf").items():
        assert pairs.digest() == whole.evaluation["same_tf"][subset].digest()
    assert list(evaluated(made["late"], "--negatives", "same_tf")["regimes"]) == ["same_tf"]


def test_a_run_that_spared_evaluation_pairs_gets_late_ones_without_a_pair_of_training(
    made: dict[str, Path],
) -> None:
    from grnpyg.evaluation.late_settings import setting_sets
    from grnpyg.negatives import negatives, training_pairs
    from grnpyg.splits.split_file import held_out_sets

    run = Run.load(made["sparing"])
    assert list(run.evaluation) == ["uniform"]
    drawn = {tuple(p) for p in setting_sets(run, "same_tf")["test"].negatives.t().tolist()}
    assert drawn
    for epoch in range(run.manifest.epochs):
        seen = training_pairs(
            *(run.split, negatives.build("uniform"), 0.5, held_out_sets(run.evaluation), 42, epoch),
            sparing=True,
        )
        assert not drawn & {tuple(p) for p in seen.negatives.t().tolist()}
    result = grnpyg("eval", made["sparing"], "--negatives", "same_tf", "--resamples", 0, "--json")
    assert result.json["leaks"] == ["negatives-spare-held-out"]
    assert "negatives-spare-held-out" in grnpyg("eval", made["sparing"], "--resamples", 0).err


def test_what_folds_have_drawn_is_not_drawn_again(tmp_path: Path) -> None:
    from grnpyg.evaluation.late_settings import setting_sets
    from grnpyg.runs.draws import cycle, epoch_pairs

    folds = ("--set", "training.disjoint_train_ratio=0.3", "--set", "training.cold_folds=true")
    uniform = ("--set", "evaluation.negatives=[uniform]", "--set", "encoder=sage", "--runs", tmp_path)
    run = Run.load(Path(grnpyg(*TRAIN, *folds, *uniform, *SPARING, "--json").json["run"]))
    drawn = {tuple(p) for p in setting_sets(run, "same_tf")["test"].negatives.t().tolist()}
    turns = cycle(run.config, run.split)
    assert len(turns) == 6
    for epoch in range(run.manifest.epochs):
        for part in turns[epoch % len(turns)]:
            seen = epoch_pairs(run.config, part, run.evaluation, epoch).negatives
            assert not drawn & {tuple(p) for p in seen.t().tolist()}


def test_four_cells_are_never_pooled(made: dict[str, Path]) -> None:
    result = evaluated(made["cold"], "--ranking")
    assert list(result["cells"]) == CELLS
    for cell in CELLS:
        own = result["cells"][cell]
        assert set(own) >= {"regimes", "baselines", "negatives", "ranking"}
    both = result["cells"]["test_cold_both"]["baselines"]
    assert both["degree_product"]["uniform"]["auroc"] == 0.5
    alone = evaluated(made["cold"], "--split", "test_cold_tf")
    assert alone["regimes"] == result["cells"]["test_cold_tf"]["regimes"]
    assert "cells" not in alone
    shown = grnpyg("eval", made["cold"], "--resamples", 0).out
    assert all(f"{cell}, uniform negatives" in shown for cell in CELLS)


def test_calibration_is_moved_to_the_prior_that_is_stated(made: dict[str, Path]) -> None:
    for method in ("temperature", "isotonic", "none"):
        report = evaluated(made["dual"], "--calibrate", method, "--prior", 0.01)["calibration"]["uniform"]
        assert report["prior"] == 0.01
        assert report["after"]["ece"] < report["before"]["ece"]
    wrong = grnpyg("eval", made["dual"], "--calibrate", "platt")
    assert wrong.code == 2
    assert "isotonic, none, temperature" in wrong.err
    assert grnpyg("eval", made["dual"], "--calibrate", "none", "--prior", 2).code == 2
    assert grnpyg("eval", made["dual"], "--calibrate", "none", "--split", "validation").code == 2


def test_compare_gives_the_difference_of_both_runs(made: dict[str, Path]) -> None:
    result = grnpyg("compare", made["dual"], made["cross"], "--resamples", 50, "--ranking", "--json").json
    one, other = (evaluated(made[name])["regimes"] for name in ("dual", "cross"))
    for regime in REGIMES:
        found = result["parts"]["test"][regime]
        assert found["difference"] == pytest.approx(one[regime]["auroc"] - other[regime]["auroc"])
        assert found["low"] <= found["high"]
        assert found["low_by_tf"] <= found["difference"] <= found["high_by_tf"]
        assert found["delong"]["assumption"] == "pairs taken as independent"
    ranked = result["parts"]["test"]["ranking"]
    assert ranked["difference"] == pytest.approx(ranked["auroc_a"] - ranked["auroc_b"])
    tests = [r["per_tf"] for r in result["parts"]["test"].values()]
    assert all(t["p_holm"] is None or t["p_holm"] >= t["p"] for t in tests)
    mirrored = grnpyg("compare", made["cross"], made["dual"], "--resamples", 50, "--json").json
    assert mirrored["parts"]["test"]["uniform"]["difference"] == pytest.approx(
        -result["parts"]["test"]["uniform"]["difference"]
    )


def test_a_run_compared_with_itself_is_no_better(made: dict[str, Path]) -> None:
    found = grnpyg("compare", made["dual"], made["dual"], "--resamples", 20, "--json").json["parts"]["test"]
    for r in found.values():
        assert (r["difference"], r["low"], r["high"], r["delong"]["p"]) == (0, 0, 0, 1)
        assert r["per_tf"]["nonzero"] == 0


def test_a_control_says_what_share_survives(made: dict[str, Path]) -> None:
    noise = grnpyg("compare", made["dual"], made["noise"], "--resamples", 20, "--json").json
    assert noise["control"] == [None, "expression_noise"]
    found = noise["parts"]["test"]["uniform"]
    expected = (found["auroc_b"] - 0.5) / (found["auroc_a"] - 0.5) if found["auroc_a"] > 0.5 else None
    assert found["surviving_share"] == (expected if expected is None else pytest.approx(expected))
    assert found["paired"] is True  # noise leaves the labels alone
    rewired = grnpyg("compare", made["dual"], made["rewired"], "--resamples", 20, "--json").json
    assert rewired["parts"]["test"]["uniform"]["paired"] is False


def test_runs_on_other_pairs_are_not_compared(made: dict[str, Path]) -> None:
    other = grnpyg(*TRAIN, *ALL, "--seed", 7, "--json").json["run"]
    result = grnpyg("compare", made["dual"], other)
    assert result.code == 2
    assert "share no evaluation pairs" in result.err


def test_runs_that_differ_in_expression_are_compared_where_their_pairs_agree(made: dict[str, Path]) -> None:
    """Hard negatives depend on expression, the others do not."""
    blind = grnpyg(*TRAIN, *ALL, "--set", "data.expression=null", "--json").json["run"]
    result = grnpyg("compare", made["dual"], blind, "--resamples", 20, "--json").json
    assert result["other_pairs"] == ["hard"]
    assert list(result["parts"]["test"]) == [regime for regime in REGIMES if regime != "hard"]


def test_another_experiment_under_a_control_is_no_control(made: dict[str, Path]) -> None:
    other = grnpyg(*TRAIN, *ALL, "--head", "cross", "--control", "rewired_labels", "--json").json["run"]
    result = grnpyg("compare", made["dual"], other)
    assert result.code == 2
    assert "share no evaluation pairs" in result.err


@pytest.mark.parametrize("options", [(), ("--ranking",)])
def test_compare_refuses_a_part_that_one_run_does_not_have(
    made: dict[str, Path], options: tuple[str, ...]
) -> None:
    result = grnpyg("compare", made["cold"], made["dual"], "--split", "test_cold_tf", *options)
    assert result.code == 2
    assert "unknown subset 'test_cold_tf'" in result.err


def test_predict_scores_a_control_as_the_run_did(made: dict[str, Path]) -> None:
    from grnpyg.networks import predict

    run = Run.load(Path(grnpyg(*TRAIN, *ALL, "--control", "shuffled_test_genes", "--json").json["run"]))
    network = predict(run).set_index(["TF", "target"])["importance"]
    stored = run.predictions.set_index(["TF", "target"])["logit"]
    assert np.allclose(network.reindex(stored.index), stored, atol=1e-4)
    assert "note: control shuffled_test_genes" in grnpyg("predict", run.path, "--top", 1).err


def test_no_model_and_no_validation_part(folder: Path) -> None:
    way = ("--set", "split.val_ratio=0", "--max-epochs", 0)
    made = grnpyg(*TRAIN, *ALL, *way, "--json").json
    assert made["validation"] == {}
    for command in ("eval", "predict"):
        result = grnpyg(command, made["run"], "--calibrate", "temperature")
        assert result.code == 2
        assert "no validation subset" in result.err


def test_a_late_regime_knows_the_pairs_that_the_baselines_were_fitted_on(folder: Path) -> None:
    from grnpyg.evaluation.late_settings import setting_sets
    from grnpyg.negatives import negatives, training_pairs
    from grnpyg.splits.split_file import held_out_sets

    run = Run.load(Path(grnpyg(*TRAIN, *SPARING, "--max-epochs", 0, "--json").json["run"]))
    fitted = training_pairs(
        *(run.split, negatives.build("uniform"), 0.5, held_out_sets(run.evaluation), 42, 0), sparing=True
    ).negatives
    drawn = setting_sets(run, "same_tf")["test"].negatives
    assert not {tuple(p) for p in drawn.t().tolist()} & {tuple(p) for p in fitted.t().tolist()}


def test_shuffled_test_genes_change_scores_and_not_the_weights(made: dict[str, Path]) -> None:
    run = Path(grnpyg(*TRAIN, *ALL, "--control", "shuffled_test_genes", "--json").json["run"])
    first, second = Run.load(made["dual"]), Run.load(run)
    for key, value in first.model.state_dict().items():
        assert value.equal(second.model.state_dict()[key])
    assert not np.array_equal(first.predictions["logit"], second.predictions["logit"])


def test_the_monitor_may_be_any_stored_regime(made: dict[str, Path]) -> None:
    way = ("--set", "training.monitor=auroc@degree_matched")
    run = Path(grnpyg(*TRAIN, *ALL, *way, "--json").json["run"])
    epochs = pd.read_parquet(run / "epochs.parquet")
    assert epochs["val_auroc"].equals(epochs["val_auroc@degree_matched"])
    best = Run.load(run).manifest.best_epoch
    assert epochs["val_auroc"].idxmax() + 1 == best


def test_the_monitor_may_be_the_mean_of_regimes(made: dict[str, Path]) -> None:
    way = ("--set", "training.monitor=auroc@same_tf+degree_matched")
    run = Run.load(Path(grnpyg(*TRAIN, *ALL, *way, "--json").json["run"]))
    epochs = run.epochs
    mean = (epochs["val_auroc@same_tf"] + epochs["val_auroc@degree_matched"]) / 2
    np.testing.assert_allclose(epochs["val_auroc"], mean, rtol=1e-6)
    assert mean.idxmax() + 1 == run.manifest.best_epoch
    assert not epochs["val_auroc"].equals(epochs["val_auroc@same_tf"])


BAD = {
    "regime of eval": (("--negatives", "uniformly"), "Did you mean 'uniform'"),
    "part of eval": (("--split", "test_cold_tf"), "unknown subset 'test_cold_tf'"),
    "no regime": (("--negatives", "given"), "has no negatives of its own"),
    "prior alone": (("--prior", 0.1), "Add --calibrate"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_of_eval(made: dict[str, Path], case: str) -> None:
    options, says = BAD[case]
    result = grnpyg("eval", made["dual"], *options)
    assert result.code == 2
    assert says in result.err
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--control", "nothing"), "unknown control 'nothing'"),
        (("--set", "training.monitor=ap@hardest"), "unknown setting 'hardest'"),
        (("--set", "training.monitor=ap@same_tf+hardest"), "unknown setting 'hardest'"),
        (("--set", "training.monitor=ap@same_tf+"), "training.monitor"),
        (("--set", "training.monitor=ap@same_tf+same_tf"), "names a setting twice"),
        (("--set", "training.monitor=loss"), "training.monitor"),
        (("--set", "split.name=given"), "Set split.source, or split.train and split.test"),
        (("--set", "split.name=cold_start", "--set", "split.tf_ratio=1.5"), "must lie between 0 and 1"),
        (("--set", "split.val_ratio=0"), "the split has no validation subset"),
        (("--set", "evaluation.ratio=30"), "largest feasible ratio"),
        (("--set", "negatives.sampler=given"), "has no negatives of its own"),
        (("--set", "evaluation.negatives=[uniform,uniform]"), "names a setting twice"),
        (("--set", "evaluation.baselines=[pearson]", "--set", "data.expression=null"), "needs expression"),
    ],
)
def test_bad_input_of_train(options: tuple[str, ...], says: str) -> None:
    result = grnpyg(*TRAIN, *ALL, *options)
    assert result.code == 2
    assert says in result.err.splitlines()[-1]


def test_what_a_run_was_trained_on_before_it_was_pruned_is_not_drawn_again(tmp_path: Path) -> None:
    """Only draws of as many epochs as fine-tuning had, by the seed of the training, were kept apart."""
    from grnpyg.evaluation.late_settings import setting_sets
    from grnpyg.runs.draws import epoch_pairs

    uniform = ("--set", "evaluation.negatives=[uniform]", "--runs", tmp_path)
    whole = Run.load(Path(grnpyg(*TRAIN, *uniform, *SPARING, "--json").json["run"]))
    result = grnpyg("prune", whole.path, "--ratio", 0.5, "--finetune-epochs", 1, "--json").json
    small = Run.load(Path(result["run"]))
    trainings = [
        (whole.config, whole.manifest.epochs),
        (small.config.fine_tuning(1), small.manifest.epochs),
    ]
    drawn = {tuple(p) for p in setting_sets(small, "same_tf")["test"].negatives.t().tolist()}
    for config, epochs in trainings:
        for epoch in range(epochs):
            seen = epoch_pairs(config, small.split, small.evaluation, epoch).negatives
            assert not drawn & {tuple(p) for p in seen.t().tolist()}
