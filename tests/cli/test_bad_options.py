"""Options, config files and places to write that cannot be used."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from cli.command import grnpyg, refused

TRAIN = ("train", "--config", "small.yaml")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--encoder", "lookups"), ("encoder", "'lookups'", "did you mean 'lookup'", "lookup, mlp")),
        (("--head", "x"), ("head", "cross, cross_attention, dual")),
        (("--set", "split=random"), ("split", "transductive")),
        (("--set", "negatives.sampler=x"), ("negative", "uniform")),
        (("--set", "evaluation.negatives=[x]"), ("negative", "uniform")),
        (("--set", "encoder.hidden=3"), ("option 'hidden'", "encoder lookup", "embedding_dim")),
        (("--set", "head.hidden=3"), ("option 'hidden'", "head dual", "hidden_channels")),
        (("--set", "split.val=0.1"), ("option 'val'", "val_ratio")),
        (("--set", "training.epochs=3"), ("key 'epochs'", "training", "max_epochs")),
        (("--set", "train.max_epochs=3"), ("key 'train'", "training")),
        (("--set", "data.labels_file=x"), ("labels_file", "labels")),
        (("--set", "features.kind=umap"), ("features.kind", "celltype_means", "pca")),
        (("--set", "features.obs_key=nope"), ("nope", "cell_type")),
        (("--set", "data.confidence=[A]"), ("confidence",)),
        (("--data", "brains"), ("brains", "brain")),
        (("--data", "trrust"), ("trrust",)),
        (("--labels", "brain"), ("brain",)),
        (("--device", "tpu"), ("--device", "'auto', 'cpu', 'cuda'")),
        (("--precision", "fp64"), ("precision", "fp32", "bf16")),
        (("--genes-in", "diagonal"), ("genes_in", "rows", "columns")),
        (("--seed", "-1"), ("seed", "0")),
        (("--resume", "--overwrite"), ("--resume", "--overwrite", "give one")),
        (("--max-epochs", "-1"), ("max_epochs", "0")),
        (("--set", "training.max_epochs=2.5"), ("max_epochs", "integer")),
        (("--set", "training.lr=fast"), ("lr", "number")),
        (("--set", "training.lr=0"), ("lr", "greater")),
        (("--set", "training.lr=.inf"), ("lr",)),
        (("--set", "training.gradient_clip=.nan"), ("gradient_clip",)),
        (("--set", "training.batch_size=0"), ("batch_size",)),
        (("--set", "training.patience=0"), ("patience",)),
        (("--set", "split.val_ratio=0.9"), ("val_ratio", "below 1")),
        (("--set", "split.val_ratio=.nan"), ("val_ratio",)),
        (("--set", "data.min_cells=1000"), ("1000 cells",)),
        (("--set", "data.expression=null", "--encoder", "mlp"), ("mlp", "--data", "lookup")),
    ],
)
def test_a_wrong_value_lists_what_is_known(
    work: Path, arguments: tuple[str, ...], says: tuple[str, ...]
) -> None:
    refused(*TRAIN, *arguments, says=says)


@pytest.mark.parametrize(
    "assignment",
    [
        "encoder.embedding_dim=0",
        "encoder.embedding_dim=-4",
        "encoder.embedding_dim=wide",
        "head.hidden_channels=0",
        "head.hidden_channels=-1",
        "head.out_channels=0",
        "head.dropout=1.5",
        "head.dropout=-0.1",
        "head.dropout=.nan",
    ],
)
def test_option_of_a_component_out_of_range(work: Path, assignment: str) -> None:
    key = assignment.partition("=")[0].partition(".")[2]
    refused(*TRAIN, "--set", assignment, says=(key,))


@pytest.mark.parametrize(
    "assignment",
    [
        "training.max_epochs",
        "=5",
        "",
        ".=1",
        "training..lr=1",
        "seed.x=1",
        "data=5",
        "training=[1]",
        "encoder=null",
        "encoder=5",
        "encoder.name=5",
        "training.lr=[1",
        "training.lr={a: b: c}",
        "training.lr=2024-99-99",
        "seed=2024-01-01",
        "training.lr=!!python/object:os.system x",
    ],
)
def test_assignments_that_mean_nothing(work: Path, assignment: str) -> None:
    refused(*TRAIN, "--set", assignment)


@pytest.mark.parametrize(
    "text",
    [
        "- a\n- b\n",
        "5\n",
        "just words\n",
        "a: b: c\n",
        "data: [\n",
        "\tdata: x\n",
        "data: 5\n",
        "data: [labels.tsv]\n",
        "data: labels.tsv\n",
        "training: fast\n",
        "training: {max_epochs: many}\n",
        "negatives: 3\n",
        "encoder: 5\n",
        "encoder: [lookup]\n",
        "encoder: {}\n",
        "encoder: {embedding_dim: 8}\n",
        "seed: 2024-01-01\n",
        "seed: 2024-99-99\n",
        "seed: one\n",
        "1: 2\n",
        "2024-01-01: 2\n",
        "? [a, b]\n: 3\n",
        "seed: &a [*a]\n",
        "seed: !!python/object/apply:os.getcwd []\n",
        "trainings: {max_epochs: 1}\n",
        "data: {label: labels.tsv}\n",
    ],
)
@pytest.mark.parametrize("options", [(), ("--encoder", "lookup", "--ratio", 1, "--set", "training.lr=0.1")])
def test_config_files_that_mean_nothing(work: Path, text: str, options: tuple[object, ...]) -> None:
    Path("bad.yaml").write_text(text)
    refused("train", "--config", "bad.yaml", "--labels", "labels.tsv", *options)


@pytest.mark.parametrize("name", ["nowhere.yaml", "cache", "expression.h5ad"])
def test_config_files_that_cannot_be_read(work: Path, name: str) -> None:
    refused("train", "--config", name, says=(name,))


def test_an_empty_config_file_is_every_default(work: Path) -> None:
    Path("empty.yaml").write_text("# nothing yet\n")
    result = grnpyg(
        "data", "check", "--config", "empty.yaml", "--data", "expression.h5ad", "--labels", "labels.tsv"
    )
    assert result.code == 0


@pytest.mark.parametrize("devices", [3, 256])
def test_devices_that_do_not_divide_the_batch(work: Path, devices: int) -> None:
    refused(*TRAIN, "--device", "cpu", "--devices", devices, says=("--devices", "128", "multiple"))


def test_cuda_without_cuda(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for epochs in (0, 1):
        refused(*TRAIN, "--device", "cuda", "--max-epochs", epochs, says=("--device cuda", "--device cpu"))


@pytest.mark.parametrize(
    "reference", ["many", "0", "-5", "", "1e6", "1.5", "²", "cache", "labels.tsv", "nowhere"]
)
def test_match_with_nonsense(work: Path, reference: str) -> None:
    refused(*TRAIN, f"--match={reference}")


@pytest.mark.parametrize("budget", ["3", "10000000000000"])
@pytest.mark.slow
def test_match_with_a_count_out_of_reach_names_the_nearest(work: Path, budget: str) -> None:
    refused(*TRAIN, "--match", budget, says=("nearest reachable count", "embedding_dim"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--epochs", "3"),
        ("train", "--max-epochs", "many"),
        ("train", "--seed", "1.5"),
        ("train", "--devices", "0"),
        ("train", "extra"),
        ("eval",),
        ("predict", "runs/x", "--top", "0"),
        ("predict", "runs/x", "--top", "-3"),
        ("predict", "runs/x", "--top", "ten"),
        ("list",),
        ("trains",),
        ("data", "chek"),
        ("data", "fetch", "--from"),
    ],
)
def test_a_wrong_command_line_is_one_line_too(work: Path, arguments: tuple[str, ...]) -> None:
    refused(*arguments, says=("--help",))


def test_unknown_kind_and_split_and_data_set(work: Path) -> None:
    refused("list", "encoder", says=("encoder", "did you mean 'encoders'", "heads", "splits", "baselines"))
    refused("data", "fetch", "brian", says=("brian", "did you mean 'brain'", "trrust"))
    refused("data", "fetch", says=("--all",))
    refused("data", "fetch", "brain", "--all", says=("--all",))
    refused("data", "fetch", "brain", "--from", "nowhere", says=("nowhere", "--from"))
    refused("data", "fetch", "trrust", "--from", "runs_to_be", says=("runs_to_be", "--from"))


def test_a_data_set_that_was_not_fetched_names_the_command(work: Path) -> None:
    refused(*TRAIN, "--data", "brain", says=("brain", "grnpyg data fetch brain"))


def test_a_changed_mirror_file_never_enters_the_cache(work: Path) -> None:
    from grnpyg.data import catalog

    file = catalog.get("trrust").files[0]
    source = Path("mirror") / file.path
    source.parent.mkdir(parents=True)
    source.write_bytes(b"x" * file.size)
    result = grnpyg("data", "fetch", "trrust", "--from", "mirror")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")
    assert "SHA-256" in result.err
    assert not [path for path in Path("cache").rglob("*") if path.is_file()]


def test_a_cache_that_cannot_be_written_to(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRNPYG_CACHE", "labels.tsv/cache")
    refused("data", "fetch", "trrust", "--from", ".", says=("GRNPYG_CACHE",))


@pytest.mark.parametrize("runs", ["labels.tsv", "labels.tsv/runs", "x" * 300])
def test_runs_folder_that_cannot_be_made(work: Path, runs: str) -> None:
    """Found before the data are read, not after a night of training."""
    refused(*TRAIN, "--runs", runs, says=("--runs",))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no folder, even from root")
def test_runs_folder_without_permission(work: Path) -> None:
    refused(*TRAIN, "--runs", "/proc/grnpyg", says=("--runs", "/proc/grnpyg"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_runs_folder(work: Path) -> None:
    Path("runs").mkdir(mode=0o555)
    refused(*TRAIN, says=("--runs", "runs"))
