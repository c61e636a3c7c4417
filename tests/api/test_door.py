"""`import grnpyg as gp`: fast, complete, typed, and the same results as the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from cli.command import grnpyg
from safetensors.torch import load_file

import grnpyg as gp
from grnpyg.core.errors import DataWarning, InputError
from grnpyg.models.encoders import SAGEEncoder
from grnpyg.models.heads import Head
from grnpyg.recipes import BEST, read_recipe, recipe_names


@pytest.fixture
def files(work: Path) -> tuple[Path, Path]:
    """Expression and labels of the small project of the command line's tests."""
    return work / "expression.h5ad", work / "labels.tsv"


@pytest.fixture
def grn(files: tuple[Path, Path]) -> gp.GRN:
    return gp.build_grn(anndata.read_h5ad(files[0]), pd.read_csv(files[1], sep="\t"), obs_key="cell_type")


@pytest.fixture
def split(grn: gp.GRN) -> gp.Split:
    return gp.split(grn, "transductive", seed=0, negatives=["uniform", "degree_matched"])


def fitted(
    split: gp.Split, encoder: object = "sage", head: object = "dual", **options: object
) -> gp.LinkPredictor:
    model = gp.LinkPredictor(encoder, head, hidden_channels=16)  # type: ignore[arg-type]
    return model.fit(split, max_epochs=2, batch_size=128, lr=0.01, seed=0, **options)  # type: ignore[arg-type]


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = {"torch", "pandas", "scanpy", "anndata", "numpy", "torch_geometric", "pytorch_lightning"}
    code = "import sys, grnpyg; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not heavy & set(loaded.split())


def test_every_name_is_there_and_described() -> None:
    for name in gp.__all__:
        assert getattr(gp, name) is not None
    for name in ("build_grn", "split", "LinkPredictor", "evaluate"):
        assert "Example:" in (getattr(gp, name).__doc__ or ""), name
    with pytest.raises(AttributeError):
        gp.nothing_of_this_name  # noqa: B018


def test_from_cells_to_edges_and_back(split: gp.Split, grn: gp.GRN, tmp_path: Path) -> None:
    model = fitted(split, negatives="degree_matched")
    assert list(model.history["epoch"]) == [1, 2]
    assert repr(model) == f"LinkPredictor(sage, dual, {model.scorer.parameters:,} parameters, fitted)"
    result = gp.evaluate(
        {"dual": model, "degree": gp.baselines.DegreeProduct()},
        split,
        negatives=["uniform", "degree_matched"],
    )
    frame = result.to_frame()
    assert set(frame["setting"]) == {"uniform", "degree_matched"}
    assert {"dual", "degree", "degree_product", "tf_degree", "gene_degree", "additive"} == set(
        frame["method"]
    )
    same = frame[frame["method"].isin(["degree", "degree_product"])].groupby("setting")["auroc"].nunique()
    assert (same == 1).all()
    edges = model.predict(grn, top=10)
    assert list(edges.columns[:5]) == ["TF", "target", "importance", "probability", "known"]
    assert len(edges) == 10
    assert edges["importance"].is_monotonic_decreasing

    model.save(tmp_path / "runs" / "mine")
    again = gp.load(tmp_path / "runs" / "mine")
    pd.testing.assert_frame_equal(again.predict(top=10), edges)
    loaded = gp.evaluate({"dual": again}, split).to_frame()
    ours = gp.evaluate({"dual": model}, split).to_frame()
    pd.testing.assert_frame_equal(loaded, ours)


def test_the_command_line_and_the_door_give_equal_bits(files: tuple[Path, Path], tmp_path: Path) -> None:
    expression, labels = files
    options = ["--encoder", "sage", "--head", "cross", "--max-epochs", 2, "--seed", 7]
    for key, value in {
        "encoder.hidden_channels": 16,
        "head.hidden_channels": 16,
        "training.batch_size": 128,
        "features.obs_key": "cell_type",
    }.items():
        options += ["--set", f"{key}={value}"]
    said = grnpyg("train", "--data", expression, "--labels", labels, *options, "--json").json
    command = Path(said["run"])

    grn = gp.build_grn(expression, labels, obs_key="cell_type", seed=7)
    model = gp.LinkPredictor("sage", "cross", hidden_channels=16)
    run = model.fit(gp.split(grn, seed=7), max_epochs=2, batch_size=128, seed=7).save(tmp_path / "door")

    assert run.manifest.config_hash == said["config_hash"]
    theirs, ours = load_file(command / "model.safetensors"), load_file(run.path / "model.safetensors")
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[key], ours[key]) for key in theirs)
    for name in (
        "predictions.parquet",
        "metrics.parquet",
        "graph.safetensors",
        "split.safetensors",
        "config.yaml",
    ):
        assert (command / name).read_bytes() == (run.path / name).read_bytes(), name


def test_memory_and_files_give_the_same_graph(files: tuple[Path, Path], grn: gp.GRN) -> None:
    read = gp.build_grn(*files, obs_key="cell_type")
    for kind in ("tf", "gene"):
        assert grn.graph[kind].name == read.graph[kind].name
        assert torch.equal(grn.graph[kind].x, read.graph[kind].x)
    edges = [store["tf", "regulates", "gene"].edge_index for store in (grn.graph, read.graph)]
    assert torch.equal(*edges)
    assert set(grn.inputs) == {"expression", "labels"}


def test_the_cells_that_go_in_stay_as_they_are(files: tuple[Path, Path]) -> None:
    adata = anndata.read_h5ad(files[0])
    before = adata.copy()
    gp.build_grn(adata, files[1])
    assert np.array_equal(np.asarray(adata.X), np.asarray(before.X))
    pd.testing.assert_frame_equal(adata.obs, before.obs)
    pd.testing.assert_frame_equal(adata.var, before.var)


def test_a_saved_run_is_one_for_the_command_line(split: gp.Split, tmp_path: Path) -> None:
    fitted(split).save(tmp_path / "mine")
    result = grnpyg("eval", tmp_path / "mine", "--json").json
    assert set(result["regimes"]) == {"uniform", "degree_matched"}
    assert grnpyg("prune", tmp_path / "mine", "--ratio", 0.5, "--json").code == 0


def test_what_was_loaded_is_saved_as_it_was(files: tuple[Path, Path], tmp_path: Path) -> None:
    """The lines of the weights that were not kept were once left out."""
    source = [*files_options(files), "--max-epochs", 2]
    run = Path(grnpyg("train", *source, "--json").json["run"])
    copied = gp.load(run).save(tmp_path / "copy")
    assert (copied.path / "metrics.parquet").read_bytes() == (run / "metrics.parquet").read_bytes()
    assert copied.manifest == gp.Run.load(run).manifest


def test_a_pruned_run_is_loaded_with_the_widths_that_it_has(files: tuple[Path, Path], tmp_path: Path) -> None:
    run = grnpyg("train", *files_options(files), "--max-epochs", 1, "--json").json["run"]
    small = gp.prune(run, 0.5, what="all", runs=tmp_path)
    model = gp.load(small.path)
    assert model.scorer.parameters == small.manifest.parameters.total
    again = gp.load(model.save(tmp_path / "copy").path)
    pd.testing.assert_frame_equal(again.predict(top=10), model.predict(top=10))
    # fitted again it is a model of these widths; the pruning steps are not repeated
    assert model.fit(model.split, max_epochs=1, seed=1).config.prune == ()
    assert model.scorer.parameters == small.manifest.parameters.total
    assert gp.load(model.save(tmp_path / "fitted").path).scorer.parameters == model.scorer.parameters


def test_runs_that_are_no_predictor_say_so(files: tuple[Path, Path], tmp_path: Path) -> None:
    baseline = gp.train({**files_config(files), "baseline": "degree_product"})
    with pytest.raises(InputError, match="run of the baseline degree_product"):
        gp.load(baseline.path)
    controlled = gp.train(
        {**files_config(files), "control": "rewired_labels", "training": {"max_epochs": 1}},
    )
    split = gp.load(controlled.path).split
    with pytest.raises(InputError, match="under the control rewired_labels"):
        gp.LinkPredictor().fit(split, max_epochs=1)


def files_config(files: tuple[Path, Path]) -> dict[str, Any]:
    return {
        "data": {"expression": str(files[0]), "labels": str(files[1])},
        "evaluation": {"negatives": ["uniform"], "baselines": []},
        "encoder": {"name": "lookup", "embedding_dim": 8},
        "head": {"name": "dual", "hidden_channels": 16, "out_channels": 8},
    }


def files_options(files: tuple[Path, Path]) -> list[object]:
    path = files[0].with_name("options.yaml")
    path.write_text(yaml.safe_dump(files_config(files)))
    return ["--config", path]


class Own(SAGEEncoder):
    """An encoder of the user's."""


def test_names_classes_and_instances(split: gp.Split, grn: gp.GRN, tmp_path: Path) -> None:
    by_name, by_class = fitted(split), fitted(split, Own)
    index = split.positives["test"]
    assert np.array_equal(by_name.scorer.score(index), by_class.scorer.score(index))
    by_class.save(tmp_path / "own")
    assert isinstance(gp.load(tmp_path / "own").model.encoder, Own)

    instance = Own(grn.graph, hidden_channels=16)
    model = fitted(split, instance)
    assert model.model.encoder is instance
    with pytest.raises(InputError, match="Give the class and its options"):
        model.save(tmp_path / "instance")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: gp.LinkPredictor("sagee"), "did you mean 'sage'"),
        (lambda: gp.LinkPredictor(head="crosss"), "did you mean 'cross'"),
        (lambda: gp.LinkPredictor("sage", hidden_chanels=3), "did you mean 'hidden_channels'"),
        (lambda: gp.LinkPredictor(Head), "not a encoder|not an encoder"),
        (lambda: gp.LinkPredictor("sage").predict(), "not fitted"),
        (lambda: gp.LinkPredictor("sage").fit("runs"), "is no split"),
        (lambda: gp.build_grn(None, {}), "empty|no edge|no row"),
        (lambda: gp.build_grn(None, pd.DataFrame()), "empty"),
        (lambda: gp.build_grn(3, {"A": ["B"]}), "is not expression data"),
        (lambda: gp.build_grn(None, {"A": ["B"]}, obs_kee="x"), "did you mean 'obs_key'"),
        (lambda: gp.build_grn(None, {"A": ["B"]}, min_cells=-1), "min_cells"),
        (lambda: gp.split("graph"), "make a GRN"),
        (lambda: gp.load("no-such-run"), "no such run"),
        (lambda: gp.build_grn(None, [("A", "B")]), "a list is not a table"),
        (lambda: gp.evaluate([gp.baselines.DegreeProduct()]), "a list is not a mapping"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(call: object, says: str) -> None:
    with pytest.raises(InputError, match=f"(?i){says}") as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda split: gp.evaluate({"a": gp.baselines.DegreeProduct}, split), "does not score pairs"),
        (lambda split: gp.evaluate({"a": gp.baselines.DegreeProduct()}, split, resamples=-1), "resamples"),
        (lambda split: gp.LinkPredictor().fit(split, device="tpu", max_epochs=1), "unknown device"),
        (lambda split: gp.LinkPredictor().fit(split, max_epoch=1), "did you mean 'max_epochs'"),
    ],
)
def test_what_a_split_cannot_be_used_for(split: gp.Split, call: object, says: str) -> None:
    with pytest.raises(InputError, match=f"(?i){says}"):
        call(split)  # type: ignore[operator]


def test_without_arguments_it_is_the_recipe_best(grn: gp.GRN) -> None:
    """With the knowledge of the graph, and watched over the settings of the split."""
    split = gp.split(grn, negatives=["uniform", "same_tf"])
    recipe = read_recipe(BEST)
    with pytest.warns(DataWarning, match=r"no source is named.*build_grn\(\.\.\., knowledge="):
        model = gp.LinkPredictor().fit(split, max_epochs=1)
    assert model.config.head["name"] == recipe["head"]
    assert list(model.config.structure.features) == recipe["structure"]["features"]
    assert model.config.negatives.ratio == recipe["negatives"]["ratio"]
    assert (model.config.training.max_epochs, model.config.training.lr) == (1, recipe["training"]["lr"])
    assert model.config.training.monitor == "auroc@uniform+same_tf"
    assert not model.config.fallback, "what is scored is the model"


def test_a_predictor_remembers_what_knowledge_its_graph_has(tmp_path: Path) -> None:
    vectors = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 4)))
    vectors.index = pd.Index([f"G{number}" for number in range(40)], name="gene")
    vectors.columns = [f"v{number}" for number in range(4)]
    vectors.to_parquet(tmp_path / "mine.parquet")
    labels = {f"G{tf}": [f"G{gene}" for gene in range(10, 40) if (gene * 7 + tf) % 3] for tf in range(8)}
    split = gp.split(gp.build_grn(None, labels, knowledge=[tmp_path / "mine.parquet"]), negatives=["uniform"])
    model = gp.LinkPredictor().fit(split, max_epochs=1, disjoint_train_ratio=0.25)
    again = gp.load(model.save(tmp_path / "run").path)
    assert again.config.knowledge == model.config.knowledge is not None
    assert again.predict().equals(model.predict())


def test_the_epoch_is_chosen_as_the_recipe_says(grn: gp.GRN) -> None:
    """By the settings that the split has of those that it names."""
    recipe = "best-practice-dual"  # auroc@degree_matched
    split = gp.split(grn, negatives=["uniform", "degree_matched"])
    model = gp.LinkPredictor(recipe=recipe).fit(split, max_epochs=1)
    assert model.config.training.monitor == read_recipe(recipe)["training"]["monitor"]
    with pytest.warns(DataWarning, match=r"none of the settings .*\(degree_matched\): uniform does"):
        model = gp.LinkPredictor(recipe=recipe).fit(gp.split(grn, negatives=["uniform"]), max_epochs=1)
    assert model.config.training.monitor == "auroc"


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_makes_a_predictor(name: str) -> None:
    head = read_recipe(name)["head"]
    assert f", {head if isinstance(head, str) else head['name']})" in repr(gp.LinkPredictor(recipe=name))


def test_a_recipe_may_have_another_part() -> None:
    assert repr(gp.LinkPredictor(recipe="best-dual", head="cross")) == "LinkPredictor(sage, cross)"
    with pytest.raises(InputError, match="recipe best have no options, and no hidden_channels"):
        gp.LinkPredictor(hidden_channels=64)
    with pytest.raises(InputError, match="Did you mean 'best'"):
        gp.LinkPredictor(recipe="bst")


def test_a_predictor_of_another_split_is_refused(grn: gp.GRN, split: gp.Split) -> None:
    model = fitted(split)
    other = gp.split(grn, seed=1, negatives=["uniform"])
    with pytest.raises(InputError, match="another split"):
        gp.evaluate({"dual": model}, other)
    again = gp.split(grn, seed=0, negatives=["uniform", "degree_matched"])
    assert len(gp.evaluate({"dual": model}, again, resamples=0).to_frame())


def test_a_user_script_passes_strict_type_checks(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import grnpyg as gp\n\n"
        "grn = gp.build_grn()\n"
        "split = gp.split(grn, 'transductive', seed=0)\n"
        "model = gp.LinkPredictor('sage', 'dual', hidden_channels=64)\n"
        "model.fit(split, negatives='degree_matched', max_epochs=60, seed=0)\n"
        "result = gp.evaluate({'dual': model, 'degree': gp.baselines.DegreeProduct()}, split)\n"
        "print(result.to_frame().columns)\n"
        "edges = model.predict(grn, top=1000)\n"
        "model.save('runs/mine')\n"
        "again: gp.LinkPredictor = gp.load('runs/mine')\n"
    )
    if shutil.which("mypy", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("mypy is not installed")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert json.dumps(checked.stdout)


def test_functions_over_runs_take_a_run_or_its_folder(split: gp.Split, tmp_path: Path) -> None:
    run = fitted(split).save(tmp_path / "run")
    assert gp.predict(run.path, top=3).equals(gp.predict(run, top=3))
    assert gp.compare(str(run.path), run, resamples=10).subsets
    smaller = gp.prune(run.path, 0.5, what="all", runs=tmp_path / "runs")
    assert smaller.manifest.parameters.total < run.manifest.parameters.total
    with pytest.raises(InputError, match="ratio"):
        gp.prune(run, 1.5, runs=tmp_path / "runs")
    with pytest.raises(InputError, match="its own split"):
        gp.evaluate(run, split)


@pytest.mark.parametrize("negatives", ["uniform", []])
def test_settings_are_a_list(split: gp.Split, negatives: list[str]) -> None:
    with pytest.raises(InputError, match="not a list"):
        gp.evaluate({"a": gp.baselines.DegreeProduct()}, split, negatives=negatives)


def test_negatives_of_a_split_are_a_list(grn: gp.GRN) -> None:
    with pytest.raises(InputError, match="not a list"):
        gp.split(grn, negatives="uniform")


@pytest.mark.parametrize("options", [{"seed": -1}, {"seed": "a"}, {"neighbours": -3}])
def test_numbers_of_a_grn_are_checked(options: dict[str, int]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(options))}: .* is not a whole number"):
        gp.build_grn(None, {"STAT1": ["IRF1"]}, **options)


def test_a_string_of_genes_is_not_read_letter_by_letter() -> None:
    with pytest.raises(InputError, match="genes of STAT1 are a string"):
        gp.build_grn(None, {"STAT1": "IRF1"})


def test_a_class_that_no_process_can_find_is_not_saved(split: gp.Split, tmp_path: Path) -> None:
    class Local(SAGEEncoder):
        pass

    with pytest.raises(InputError, match="defined in a function"):
        fitted(split, Local).save(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_class_of_another_script_is_called_so() -> None:
    with pytest.raises(InputError, match="defined in a script or a notebook"):
        gp.LinkPredictor("__main__:NotDefinedHere")
