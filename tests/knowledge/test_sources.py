from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from knowledge.tables import BLOOD, EDGES, EVERY, GENES, GROWTH, TFS, in_cells, network
from scipy import sparse
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import build_graph
from grnpyg.knowledge import Cells, Facts, GeneOntology, Genes, MissingError, knowledge
from grnpyg.knowledge.base import TIERS
from grnpyg.knowledge.nearest import nearest

NAMES = knowledge.names()


def built(name: str) -> object:
    if name == "vectors":
        values = np.random.default_rng(0).standard_normal((len(GENES), 4))
        np.savez("mine.npz", genes=np.array(GENES), vectors=values)
        return knowledge.build(name, path="mine.npz")
    if name == "gene_sets":
        lines = [f"set{i}\t-\t" + "\t".join(GENES[i : i + 5]) for i in range(0, 15, 3)]
        Path("mine.gmt").write_text("\n".join(lines))
        return knowledge.build(name, path="mine.gmt")
    return knowledge.build(name)


def facts_of(name: str, graph: HeteroData) -> tuple[Genes, Facts]:
    genes = Genes.of(graph)
    return genes, built(name).facts(genes, in_cells(), 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_a_source_declares_what_it_is(name: str) -> None:
    cls = knowledge.get(name)
    assert (cls.__doc__ or "").splitlines()[0].endswith(".")
    for said in (cls.date, cls.licence, cls.species, cls.origin()):
        assert said
    assert cls.entities in ("genes", "TFs")
    assert set(cls.gives) <= {"genes", "tfs", "direct"}


@pytest.mark.parametrize("name", NAMES)
def test_a_source_gives_finite_facts_of_every_gene_and_the_same_again(
    name: str, tables: Path, graph: HeteroData
) -> None:
    genes, facts = facts_of(name, graph)
    _, again = facts_of(name, graph)
    assert built(name).tier in TIERS  # type: ignore[attr-defined]
    assert facts.known.shape == (len(genes.names),)
    assert facts.known.any()
    assert (facts.known == again.known).all()
    every = np.arange(len(genes.names))
    assert facts.space is not None
    similar = facts.space.between(every, every)
    assert np.isfinite(similar).all()
    assert similar == pytest.approx(similar.T)
    assert (np.abs(similar) <= 1 + 1e-9).all()
    assert not similar[~facts.known].any()
    assert (similar == again.space.between(every, every)).all()  # type: ignore[union-attr]
    for values in facts.numbers.values():
        assert np.isfinite(values[facts.known]).all()
        assert np.isnan(values[~facts.known]).all()
    if facts.direct is not None:
        assert sparse.issparse(facts.direct)
        assert facts.direct.shape == (len(genes.names),) * 2
        assert np.isfinite(facts.direct.data).all()


@pytest.mark.parametrize("name", ["go", "pfam", "tissues", "atlas", "cells"])
def test_genes_of_one_group_are_neighbours(name: str, tables: Path, graph: HeteroData) -> None:
    genes, facts = facts_of(name, graph)
    assert facts.space is not None
    found = nearest(facts.space, genes.genes, genes.genes, 3).toarray()
    blood = [GENES.index(gene) for gene in BLOOD if gene in GENES]
    for gene in blood:
        assert set(np.flatnonzero(found[gene])) <= set(blood) - {gene}
        assert found[gene].any()


def test_a_missing_value_of_an_atlas_says_nothing(tables: Path, graph: HeteroData) -> None:
    """The Human Protein Atlas has empty fields; a gene without any value is not known."""
    text = "symbol\tmarrow\tspleen\nHBB\t8\t\nHBA1\t8\t0\nGYPA\t\t\nCD4\t0\t9\n"
    (tables / "hpa_rna_human.tsv.gz").write_bytes(gzip.compress(text.encode()))
    genes, facts = facts_of("atlas", graph)
    assert {genes.names[row] for row in np.flatnonzero(facts.known)} == {"HBB", "HBA1", "CD4"}
    assert facts.space is not None
    every = np.arange(len(genes.names))
    assert np.isfinite(facts.space.between(every, every)).all()


def test_terms_above_count_and_large_ones_do_not(tables: Path, graph: HeteroData) -> None:
    """All three terms lie below one of 17 genes: with it, blood and growth are similar."""
    genes = Genes.of(graph)
    one, other = genes.rows([BLOOD[0], GROWTH[0]])
    for largest, similar in ((16, False), (17, False), (400, False)):
        space = GeneOntology(largest=largest).facts(genes, None, 0).space
        assert space is not None
        assert bool(space.between(np.array([one]), np.array([other]))[0, 0] > 0.001) is similar
    numbers = GeneOntology().facts(genes, None, 0).numbers["terms"]
    assert numbers[one] == pytest.approx(np.log(3))  # its own term and the one above
    with pytest.raises(InputError, match="more than largest"):
        GeneOntology(smallest=5, largest=2)


def test_families_tie_tfs(tables: Path, graph: HeteroData) -> None:
    genes, facts = facts_of("tf_family", graph)
    assert facts.space is not None
    found = nearest(facts.space, genes.tfs, genes.tfs, 3).toarray().astype(bool)
    pairs = {(TFS[a], TFS[b]) for a, b in np.argwhere(found) if a < b}
    assert pairs == {("GATA1", "GATA2"), ("MYC", "TAL1"), ("STAT1", "STAT3")}
    more = knowledge.build("tf_family", schemes=("cisbp",))
    assert [path.name for path in more.files()] == ["cisbp_tf_human.tsv.gz"]


def test_neighbours_on_the_chromosome_are_near(tables: Path, graph: HeteroData) -> None:
    genes, facts = facts_of("position", graph)
    assert facts.space is not None
    a, b, c = (genes.rows([gene]) for gene in ("HBA1", "HBB", "CD4"))
    assert facts.space.between(a, b)[0, 0] == pytest.approx(0.5, abs=0.01)
    assert facts.space.between(a, c)[0, 0] == 0


def test_motif_sets_are_tied_to_the_tf_of_their_name(tables: Path, graph: HeteroData) -> None:
    genes, facts = facts_of("motif_sets", graph)
    direct = facts.direct[genes.tfs][:, genes.genes].toarray()
    pairs = {(TFS[tf], GENES[gene]): direct[tf, gene] for tf, gene in np.argwhere(direct)}
    assert pairs == {("GATA1", gene): 1.0 for gene in ("CD19", "GYPA", "HBB")} | {("SPI1", "CD4"): 1.0}


def test_mouse_is_read_through_orthologs(tables: Path) -> None:
    pairs = [(a.capitalize(), b.capitalize()) for a, b in EDGES if b != "HBA1"]
    genes = Genes.of(build_graph(pd.DataFrame(pairs, columns=["source", "target"])))
    assert genes.species == "mouse"
    without = {"CD8A", "CXCL10"}
    assert set(genes.names) == {*EVERY} - {"HBA1", *without} | {"Cd8a", "Cxcl10"}


def test_identifiers_are_read_as_the_genes_they_stand_for(tables: Path) -> None:
    graph = network()
    for kind in ("tf", "gene"):
        graph[kind].name = [f"ENSG{EVERY.index(name):011d}.{len(name)}" for name in graph[kind].name]
    assert set(Genes.of(graph).names) == set(EVERY)
    _, facts = facts_of("pfam", graph)
    assert facts.known.mean() > 0.5


def test_a_former_name_is_the_same_gene(tables: Path) -> None:
    """The labels may hold a gene by its old name (MLL2); tables hold current ones (KMT2D)."""
    graph = network()
    graph["gene"].name = ["MLL2" if name == "CD19" else name for name in GENES]
    genes = Genes.of(graph)
    assert "KMT2D" in genes.names
    assert genes.key["MLL2"] == "KMT2D"
    assert (genes.own_rows(["MLL2", "KMT2D"]) == genes.number["KMT2D"]).all()


@pytest.mark.parametrize("most", [2000, 10])
def test_many_cells_say_what_few_say(most: int, graph: HeteroData) -> None:
    """Principal components of many cells keep which genes go together."""
    genes = Genes.of(graph)
    source = Cells(most=most, sample=40, components=5)
    cells = in_cells(400)
    facts = source.facts(genes, cells, 0)
    assert facts.space is not None
    blood = genes.rows(list(BLOOD))
    inside = facts.space.between(blood, blood)
    rest = facts.space.between(blood, np.setdiff1d(np.arange(len(genes.names)), blood))
    assert inside.min() > 0.5 > rest.max()
    again = source.facts(genes, cells, 0).space
    assert (facts.space.between(blood, blood) == again.between(blood, blood)).all()  # type: ignore[union-attr]


def test_cells_without_expression_are_missing(graph: HeteroData) -> None:
    with pytest.raises(MissingError, match="no expression"):
        Cells().facts(Genes.of(graph), None, 0)


def test_a_missing_table_is_said(tables: Path, graph: HeteroData) -> None:
    assert knowledge.build("pfam").present
    (tables / "pfam_human.tsv.gz").unlink()
    assert not knowledge.build("pfam").present
    with pytest.raises(MissingError, match="not there"):
        facts_of("pfam", graph)
