"""A peer's files: read pair by pair, and refused by the name of what leaks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF
from grnpyg.negatives import evaluation_sets, negatives, training_pairs
from grnpyg.splits import GivenSplit, LinkSplit, TransductiveSplit
from grnpyg.testing import small_graph

DATA = small_graph(8, 60)


def tables(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Clean parts, as a peer would write them."""
    split = TransductiveSplit().split(DATA, seed)
    uniform = negatives.build("uniform")
    sets = evaluation_sets(split, uniform, 1.0, seed)
    sets["train"] = training_pairs(split, uniform, 1.0, sets, seed, epoch=0)
    return {
        part: pd.DataFrame(
            {
                "TF": [DATA[TF].name[i] for i in pairs.edge_label_index[0].tolist()],
                "Target": [DATA[GENE].name[i] for i in pairs.edge_label_index[1].tolist()],
                "Label": pairs.edge_label.int().tolist(),
            }
        )
        for part, pairs in sets.items()
    }


def write(folder: Path, parts: dict[str, pd.DataFrame]) -> dict[str, str]:
    for part, table in parts.items():
        table.to_csv(folder / f"{part}.csv")  # an index column in front, as in GENELink's files
    return {part: str(folder / f"{part}.csv") for part in parts}


def split_of(
    folder: Path, parts: dict[str, pd.DataFrame], data: HeteroData = DATA, **options: bool
) -> LinkSplit:
    return GivenSplit(**write(folder, parts), **options).split(data, seed=0)


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    parts = tables()
    split = split_of(tmp_path, parts)
    for part, table in parts.items():
        for label, pairs in ((1, split.positives[part]), (0, split.negatives[part])):
            named = [(DATA[TF].name[i], DATA[GENE].name[j]) for i, j in pairs.t().tolist()]
            rows = table[table["Label"] == label]
            assert named == list(zip(rows["TF"], rows["Target"], strict=True))


def test_its_negatives_are_the_regime_given_and_the_training_sampler(tmp_path: Path) -> None:
    split = split_of(tmp_path, tables())
    sampler = negatives.build("given")
    sets = evaluation_sets(split, sampler, 1.0, 0, given=split.negatives)
    for part in ("validation", "test"):
        assert torch.equal(sets[part].negatives, split.negatives[part])
        assert torch.equal(sampler.sample(split, part, 7.0, 0), split.negatives[part])
    drawn = training_pairs(split, sampler, 1.0, sets, seed=3, epoch=5).negatives
    assert sorted(drawn.t().tolist()) == sorted(split.negatives["train"].t().tolist())


def test_another_sampler_draws_test_pairs_of_the_files_unless_it_is_told_to_spare_them(
    tmp_path: Path,
) -> None:
    split = split_of(tmp_path, tables())
    uniform = negatives.build("uniform")
    sets = evaluation_sets(split, uniform, 0.2, 0)
    held_out = {tuple(p) for part in ("validation", "test") for p in split.negatives[part].t().tolist()}
    for sparing in (False, True):
        drawn = {
            tuple(pair)
            for epoch in range(5)
            for pair in training_pairs(split, uniform, 1.0, sets, 0, epoch, sparing=sparing)
            .negatives.t()
            .tolist()
        }
        assert bool(held_out & drawn) != sparing


def test_other_regimes_share_no_pair_with_the_files(tmp_path: Path) -> None:
    split = split_of(tmp_path, tables())
    drawn = evaluation_sets(split, negatives.build("uniform"), 1.0, 0)["test"].negatives
    of_files = {tuple(p) for pairs in split.negatives.values() for p in pairs.t().tolist()}
    assert not of_files & {tuple(p) for p in drawn.t().tolist()}


def test_a_split_without_negatives_has_no_regime_given() -> None:
    with pytest.raises(InputError, match="has no negatives of its own"):
        negatives.build("given").sample(TransductiveSplit().split(DATA, 0), "test", 1.0, 0)


def test_known_edges_in_no_file_are_set_aside(tmp_path: Path) -> None:
    parts = tables()
    at = parts["test"].index[parts["test"]["Label"] == 1][0]
    parts["test"] = parts["test"].drop(index=at)
    assert split_of(tmp_path, parts).set_aside.size(1) == 1


def moved(parts: dict[str, pd.DataFrame], origin: str, to: str, label: int) -> dict[str, pd.DataFrame]:
    row = parts[origin][parts[origin]["Label"] == label].iloc[:1]
    return {**parts, to: pd.concat([parts[to], row])}


def relabelled(parts: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """A training edge stands in the test as a negative."""
    row = parts["train"][parts["train"]["Label"] == 1].iloc[:1].assign(Label=0)
    return {**parts, "test": pd.concat([parts["test"], row])}


LEAKS = {
    "test edge in training": ("shared-pair", lambda p: moved(p, "test", "train", 1)),
    "test edge twice": ("duplicate", lambda p: moved(p, "test", "test", 1)),
    "test negative in validation": ("shared-pair", lambda p: moved(p, "test", "validation", 0)),
    "training edge as test negative": ("false-negative", relabelled),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_in_the_files_is_refused_by_its_name(tmp_path: Path, leak: str) -> None:
    name, plant = LEAKS[leak]
    with pytest.raises(InputError, match=f"{name}:"):
        split_of(tmp_path, plant(tables()))


def cold_test(parts: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every training edge of one tested gene is left out of the files."""
    gene = parts["test"].loc[parts["test"]["Label"] == 1, "Target"].iloc[0]
    train = parts["train"]
    return {**parts, "train": train[(train["Target"] != gene) | (train["Label"] == 0)]}


def test_cold_nodes_are_refused_unless_acknowledged_and_then_marked(tmp_path: Path) -> None:
    parts = cold_test(tables())
    with pytest.raises(InputError, match="cold-in-universe"):
        split_of(tmp_path, parts)
    assert split_of(tmp_path, parts, acknowledge_leaks=True).leaks == ("cold-in-universe",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="Label"), "Needs Label"),
        (lambda t: t.assign(Label=2), "neither 0 nor 1"),
        (lambda t: t.iloc[:0], "no pair|no rows|empty"),
        (lambda t: t.assign(TF="nobody"), "are not tfs of the labels: nobody"),
        (lambda t: t.assign(Label=1), "are not known edges of the labels"),
        (lambda t: t[t["Label"] == 0], "pairs of one label only"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, change: object, message: str) -> None:
    parts = tables()
    parts["test"] = change(parts["test"])  # type: ignore[operator]  # each is a function
    with pytest.raises(InputError, match=message) as caught:
        split_of(tmp_path, parts)
    assert "test.csv" in str(caught.value)


def test_files_are_needed() -> None:
    with pytest.raises(InputError, match=r"Set split\.source, or split\.train and split\.test"):
        GivenSplit(train="a.csv")


def test_a_folder_in_the_layout_of_genelink_is_a_source(tmp_path: Path) -> None:
    for part, name in (("train", "Train"), ("validation", "Validation"), ("test", "Test")):
        tables()[part].to_csv(tmp_path / f"{name}_set.csv")
    split = GivenSplit(source=str(tmp_path)).split(DATA, 0)
    assert torch.equal(split.positives["test"], split_of(tmp_path, tables()).positives["test"])


def test_a_data_set_that_is_no_split_is_refused() -> None:
    with pytest.raises(InputError, match="is not a split"):
        GivenSplit(source="bundled").files()


def test_numbers_are_read_with_the_index_of_genes(tmp_path: Path) -> None:
    parts = tables()
    names = sorted({*DATA[TF].name, *DATA[GENE].name})
    pd.DataFrame({"Gene": names, "index": range(len(names))}).to_csv(tmp_path / "Target.csv")
    number = {name: i for i, name in enumerate(names)}
    for part, table in parts.items():
        parts[part] = table.assign(TF=table["TF"].map(number), Target=table["Target"].map(number))
    split = GivenSplit(**write(tmp_path, parts), gene_index=str(tmp_path)).split(DATA, 0)
    assert torch.equal(split.positives["test"], split_of(tmp_path, tables()).positives["test"])
    assert set(GivenSplit(**write(tmp_path, parts), gene_index=str(tmp_path)).files()) == {
        "train",
        "validation",
        "test",
        "gene_index",
    }
