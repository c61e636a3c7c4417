"""An evaluation and a comparison as frames, and as the JSON that the command line prints."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from grnpyg.core.errors import InputError
from grnpyg.evaluation.compare import compare
from grnpyg.evaluation.evaluate import EvalOptions, evaluate
from grnpyg.evaluation.result import EvaluationResult
from grnpyg.metrics.gains import ALWAYS
from grnpyg.resolve import make_config
from grnpyg.runs import Run
from grnpyg.training.train import TrainOptions, train

pytestmark = pytest.mark.slow
SUBSETS = ["test", "test_cold_tf", "test_cold_gene", "test_cold_both"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Two seeds of the training on one cold-start split."""
    folder = tmp_path_factory.mktemp("runs")
    edges = [(f"TF{i % 20}", f"G{(i * 7 + i // 20) % 120}") for i in range(1200)]
    labels = folder / "labels.tsv"
    pd.DataFrame(edges, columns=["source", "target"]).drop_duplicates().to_csv(labels, sep="\t", index=False)
    base = {
        "data": {"expression": None, "labels": str(labels)},
        "encoder": {"name": "lookup", "embedding_dim": 4},
        "head": {"name": "dual", "hidden_channels": 8, "out_channels": 4},
        "split": "cold_start",
        "split_seed": 0,
        "evaluation": {"negatives": ["uniform", "same_tf"]},
        "training": {"max_epochs": 2, "batch_size": 128},
    }
    return [train(make_config({**base, "seed": seed}), TrainOptions(folder / "runs")) for seed in (0, 1)]


@pytest.fixture(scope="module")
def result(runs: list[Run]) -> EvaluationResult:
    options = EvalOptions(ranking=True, resamples=5, calibration="temperature")
    return evaluate(runs[0], "test", options)


def test_the_frame_has_one_line_per_subset_setting_and_method(result: EvaluationResult) -> None:
    frame = result.to_frame()
    assert list(frame.columns[:4]) == ["subset", "setting", "method", "gain_over_degree"]
    assert not frame.duplicated(["subset", "setting", "method"]).any()
    assert list(dict.fromkeys(frame["subset"])) == SUBSETS
    assert set(frame["setting"]) == {"uniform", "same_tf", "ranking"}
    for _, lines in frame.groupby(["subset", "setting"]):
        assert {"model", *ALWAYS} <= set(lines["method"])


def test_frame_and_json_say_the_same(result: EvaluationResult) -> None:
    content = result.to_dict()
    assert list(content["cells"]) == SUBSETS[1:]
    frame = result.to_frame().set_index(["subset", "setting", "method"])
    for subset in SUBSETS:
        own = content if subset == "test" else content["cells"][subset]
        for setting in ("uniform", "same_tf"):
            assert own["regimes"][setting]["auroc"] == frame.loc[(subset, setting, "model"), "auroc"]
            degree = own["baselines"]["degree_product"][setting]["auroc"]
            assert degree == frame.loc[(subset, setting, "degree_product"), "auroc"]
            assert own["calibration"][setting]["method"] == "temperature"
            assert own["negatives"][setting]["part"] == subset
        ranked = frame.loc[(subset, "ranking", "model"), "per_tf_auroc"]
        assert own["ranking"]["per_tf_auroc"] == pytest.approx(ranked, nan_ok=True)
    json.dumps(content)


def test_what_was_stored_is_what_is_computed_again(runs: list[Run], result: EvaluationResult) -> None:
    frame = result.to_frame().set_index(["subset", "setting", "method"])
    stored = runs[0].metrics("test", ["uniform", "same_tf"])
    stored = stored[stored["method"] != "model_last"]
    for _, line in stored.iterrows():
        place = (line["subset"], line["setting"], line["method"])
        assert frame.loc[place, line["metric"]] == pytest.approx(line["value"])


def test_a_comparison_is_a_frame_and_json(runs: list[Run], result: EvaluationResult) -> None:
    first, second = runs
    found = compare(first, second, ranking=True, resamples=5)
    frame, content = found.to_frame(), found.to_dict()
    assert list(content["parts"]) == SUBSETS
    assert len(frame) == sum(map(len, content["parts"].values()))
    one = found.subsets["test"]["uniform"]
    assert one.auroc_a == pytest.approx(result.subsets["test"].settings["uniform"]["model"]["auroc"])
    assert one.difference == one.auroc_a - one.auroc_b
    assert content["parts"]["test"]["uniform"]["per_tf"]["p_holm"] == one.p_holm
    assert "delong" not in content["parts"]["test"]["ranking"]
    line = frame.set_index(["subset", "setting"]).loc[("test", "uniform")]
    assert line["difference"] == one.difference
    assert one.delong is not None
    assert line["delong_p"] == one.delong.p


def test_an_unknown_subset_names_the_known_ones(runs: list[Run], tmp_path: Path) -> None:
    for call in (lambda: evaluate(runs[0], "tset"), lambda: compare(*runs, "tset")):
        with pytest.raises(InputError, match=r"unknown subset 'tset'.*Did you mean 'test'"):
            call()
