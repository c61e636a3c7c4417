from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from knowledge.tables import EDGES, EVERY, GENES, TFS, network
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError, warned
from grnpyg.core.files import sha256
from grnpyg.data.graph import DIRECT, GENE, TF, build_graph, knowledge_edges
from grnpyg.knowledge import Genes, knowledge
from grnpyg.knowledge.attach import KnowledgeExtension, knowledge_hashes
from grnpyg.knowledge.specs import source_spec
from grnpyg.resolve import make_config

VALUES = np.random.default_rng(0).standard_normal((len(EVERY), 4))


def added(graph: HeteroData, *sources: object, **section: object) -> tuple[list[str], dict[str, object]]:
    config = make_config({"knowledge": {"sources": list(sources), **section}}).knowledge
    assert config is not None
    with warned() as lines:
        sentences, details = KnowledgeExtension(config)(graph, None, 0)
    return [*sentences, *lines], details


def written(kind: str, names: list[str] = EVERY, values: np.ndarray = VALUES) -> str:
    path, columns = f"mine.{kind}", [f"d{i}" for i in range(values.shape[1])]
    table = pd.DataFrame(values, index=names, columns=columns)
    if kind == "npz":
        np.savez(path, genes=np.array(names), vectors=values)
    elif kind == "parquet":
        table.rename_axis("gene").reset_index().to_parquet(path)
    elif kind == "h5ad":
        AnnData(values, obs=pd.DataFrame(index=names), var=pd.DataFrame(index=columns)).write_h5ad(path)
    elif kind in ("csv", "tsv"):
        table.rename_axis("gene").to_csv(path, sep="," if kind == "csv" else "\t")
    return path


@pytest.mark.parametrize("kind", ["npz", "parquet", "h5ad", "csv", "tsv"])
def test_every_kind_of_file_gives_the_same_vectors(kind: str) -> None:
    graph = network()
    sentences, details = added(graph, written(kind))
    assert details["mine"]["known"] == 1.0  # type: ignore[index]
    assert "22 names, 22 of the graph's 22 genes (100.0 %)" in sentences[0]
    genes = Genes.of(graph)
    space = knowledge.build("vectors", path=f"mine.{kind}").facts(genes, None, 0).space
    assert space is not None
    centred = VALUES - VALUES.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    rows = genes.rows(EVERY)
    assert space.between(rows, rows) == pytest.approx(unit @ unit.T, abs=1e-5)


def test_other_shapes_of_files_are_read() -> None:
    """A vector under each gene's name (npz), lists in a column (Parquet), genes as columns (h5ad)."""
    np.savez("keys.npz", **dict(zip(EVERY, VALUES, strict=True)))
    pd.DataFrame({"gene": EVERY, "embedding": list(VALUES)}).to_parquet("lists.parquet")
    AnnData(VALUES.T.copy(), var=pd.DataFrame(index=EVERY)).write_h5ad("turned.h5ad")
    _, details = added(network(), "keys.npz", "lists.parquet", "turned.h5ad")
    assert [facts["known"] for facts in details.values()] == [1.0] * 3  # type: ignore[index]


@pytest.mark.parametrize("kind", ["npz", "parquet", "csv"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_refused_with_its_row(kind: str, bad: float) -> None:
    values = VALUES.copy()
    values[2, 1] = bad
    with pytest.raises(InputError, match=rf"(?i)(row 3|{EVERY[2]}|nan|inf)"):
        added(network(), written(kind, values=values))


def test_genes_that_are_there_twice_are_counted() -> None:
    names = [*EVERY[:-1], EVERY[0]]
    sentences, _ = added(network(), written("npz", names))
    assert any(f"1 rows are of a gene that is there before ({EVERY[0]})" in line for line in sentences)


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (
            [name.capitalize() for name in EVERY],
            "give a file on human: its genes are named as those of mouse",
        ),
        ([f"ENSMUSG{i:011d}" for i in range(len(EVERY))], "they hold symbol, the file ensembl"),
        ([f"gene {i}" for i in range(len(EVERY))], "check that the first column"),
    ],
)
def test_names_that_do_not_match_are_refused_with_the_share(names: list[str], advice: str) -> None:
    with pytest.raises(InputError, match=r"0 of the graph's 22 genes \(0.0 %\)") as refused:
        added(network(), written("npz", names))
    assert advice.lower() in str(refused.value).lower()


def test_python_objects_in_a_file_are_not_read() -> None:
    np.savez("mine.npz", genes=np.array(EVERY, dtype=object), vectors=VALUES)
    with pytest.raises(InputError, match="Python objects"):
        added(network(), "mine.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PAR1 no", b"\x89HDF\r\n\x1a\n"])
@pytest.mark.parametrize("suffix", ["npz", "parquet", "h5ad", "gmt"])
def test_a_damaged_file_is_refused(content: bytes, suffix: str) -> None:
    Path(f"mine.{suffix}").write_bytes(content)
    with pytest.raises(InputError, match=r"mine\."):
        added(network(), f"mine.{suffix}")


@pytest.mark.parametrize(
    "name",
    ["dorothea", "collectri_human.npz", "TRRUST_Transcription_Factors_2019.gmt", "RegNetwork.csv",
     "omnipath.tsv", "hTFtarget.csv", "chip-atlas_targets.npz", "ENCODE_TF_ChIP-seq_2015.gmt",
     "c3.tft.v7.gmt", "trrust", "symbol-labels"],
)  # fmt: skip
def test_the_labels_databases_are_refused_by_name(name: str) -> None:
    Path("file").write_text("")
    with pytest.raises(InputError, match=r"no knowledge from outside|targets of TFs"):
        added(network(), name)


@pytest.mark.parametrize("name", ["archaea.npz", "encoder.npz", "cheap_features.npz", "esm2.npz"])
def test_other_names_are_not_taken_for_them(name: str) -> None:
    Path(written("npz")).rename(name)
    added(network(), name)


def test_vectors_made_of_the_labels_are_suspected() -> None:
    """A TF and its targets lie together in them, far more often than in any source that is bundled."""
    rng = np.random.default_rng(0)
    pairs = [(tf, gene) for tf in range(40) for gene in range(7 * tf, 7 * tf + 7)]
    table = pd.DataFrame([(f"T{tf}", f"G{gene}") for tf, gene in pairs], columns=["source", "target"])
    graph = build_graph(table)
    centre = rng.standard_normal((40, 20))
    values = {f"T{tf}": centre[tf] for tf in range(40)} | {f"G{gene}": centre[tf] for tf, gene in pairs}
    noisy = np.array(list(values.values())) + 0.1 * rng.standard_normal((len(values), 20))
    lines, _ = added(graph, written("npz", list(values), noisy), neighbours=7)
    assert any("overlaps the labels beyond chance" in line for line in lines)


def gmt(sets: dict[str, list[str]]) -> str:
    Path("mine.gmt").write_text("\n".join("\t".join([name, "-", *genes]) for name, genes in sets.items()))
    return "mine.gmt"


REGULONS = {tf: [gene for source, gene in EDGES if source == tf] for tf in TFS}


def test_a_file_that_holds_the_labels_is_refused() -> None:
    """Under the TFs' names, under other names, and as a table of zeros and ones."""
    with pytest.raises(InputError, match="holds the labels"):
        added(network(), gmt(REGULONS))
    with pytest.raises(InputError, match="its sets are the known targets of"):
        added(network(), gmt({f"module {i}": genes for i, genes in enumerate(REGULONS.values())}))
    table = np.array([[float(gene in REGULONS[tf]) for tf in TFS] for gene in EVERY])
    with pytest.raises(InputError, match="its sets are the known targets of"):
        added(network(), written("npz", values=table))


def test_an_overlap_beyond_chance_is_said_and_counted() -> None:
    sets = {
        tf: [*genes[:1], *[g for g in GENES if g not in genes and g != tf][:5]]
        for tf, genes in REGULONS.items()
    }
    lines, details = added(network(), gmt(sets))
    found = details["mine"]["overlap"]  # type: ignore[index]
    assert found["share_of_labels"] == pytest.approx(8 / len(EDGES), abs=1e-3)
    assert found["share_of_pairs"] == pytest.approx(8 / 48, abs=1e-3)
    assert any("beyond chance" in line for line in lines) is (found["odds"] > 2)


def test_sets_named_after_tfs_give_numbers_to_pairs() -> None:
    graph = network()
    added(graph, gmt({"GATA1": ["CD19", "CD4", "CD8A"], "complex": EVERY, "other": EVERY[:9]}))
    (edge_type,) = knowledge_edges(graph, DIRECT, GENE)
    tf, gene = graph[edge_type].edge_index
    assert {graph[TF].name[i] for i in tf} == {"GATA1"}
    assert [graph[GENE].name[i] for i in gene] == ["CD19", "CD4", "CD8A"]


def test_literature_is_off_and_said() -> None:
    spec = {"path": written("npz"), "tier": "literature"}
    with pytest.raises(InputError, match=r"knowledge.tiers=\[measured, curated, literature\]"):
        make_config({"knowledge": {"sources": [spec]}})
    lines, details = added(network(), spec, tiers=["literature"])
    assert details["mine"]["tier"] == "literature"  # type: ignore[index]
    assert any("the labels read back" in line for line in lines)


def test_vectors_of_texts_are_suspected() -> None:
    Path(written("npz")).rename("GenePT_ada.npz")
    lines, _ = added(network(), "GenePT_ada.npz")
    assert any("tier: literature" in line for line in lines)


def test_two_files_need_two_names() -> None:
    Path("sub").mkdir()
    Path(written("npz")).rename("sub/mine.npz")
    with pytest.raises(InputError, match="two sources are called mine"):
        make_config({"knowledge": {"sources": [written("npz"), "sub/mine.npz"]}})
    _, details = added(network(), written("npz"), {"path": "sub/mine.npz", "label": "ESM 2"})
    assert list(details) == ["mine", "esm_2"]


def test_a_file_enters_the_hashes() -> None:
    config = make_config({"knowledge": {"sources": [written("npz")]}}).knowledge
    hashes = knowledge_hashes(config)
    assert hashes == {"knowledge mine": {"source": "mine.npz", "sha256": sha256(Path("mine.npz"))}}
    assert knowledge_hashes(None) == {}


def test_what_may_be_written_for_a_source() -> None:
    assert source_spec("go") == {"name": "go"}
    assert source_spec("x/esm2.tsv.gz") == {"name": "vectors", "path": "x/esm2.tsv.gz"}
    assert source_spec({"path": "a.gmt", "largest": 50}) == {
        "name": "gene_sets",
        "path": "a.gmt",
        "largest": 50,
    }
    with pytest.raises(InputError, match="Did you mean 'atlas'"):
        source_spec("atlass")
    with pytest.raises(InputError, match="no such file"):
        added(network(), "nowhere.npz")
    with pytest.raises(InputError, match="no file is named"):
        added(network(), "vectors")
