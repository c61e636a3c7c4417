"""The sections of an experiment that say what its data are; `grnpyg.core.config` has the others."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

IN_MEMORY = "(in memory)"  # stands for a file name where the input is an AnnData or a table in memory


class Section(BaseModel):
    """A section of the config: unknown keys are refused, and it is immutable.

    Attributes:
        version: raised by one when the meaning of a key changes, so that hashes change.
        first_defaults: key -> the default that it had first. Hashes leave the key out at this value, and hold
            the default of today, so that runs from before the change keep their hash.
        as_before: key -> (value, version): with this value the section means what it did at that version,
            and hashes say so by the version instead of the key.
        unhashed: keys that let work go on where it would be refused and change nothing else. Two values that
            both give a result give the same one, so hashes leave them out.
    """

    version: ClassVar[int] = 1
    unhashed: ClassVar[frozenset[str]] = frozenset()
    as_before: ClassVar[dict[str, tuple[Any, int]]] = {}
    first_defaults: ClassVar[dict[str, Any]] = {}
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataConfig(Section):
    """The input data. `expression`, `labels`, `id_map` and `tfs` are catalogue names or files.

    Attributes:
        var_names: the column of `adata.var` that holds the gene names; None: its index.
        state: what the values are; `auto` finds out, see `grnpyg.data.expression.normalisation.detect`.
        columns: which column of the labels is the `source`, the `target`, ...: `{source: TF, target: Gene}`.
        min_weight: leave out edges whose weight or score is smaller in magnitude.
        tfs_action: what the list `tfs` is for: every source has to be in it (`require`), other sources are
            left out (`filter`), or its names become TFs even without a known edge (`widen`).
        aliases: read former and other names of human and mouse genes as the current ones; None: yes, unless
            labels and expression are data sets of the catalogue.
        listed_tfs: every TF in the `TF.csv` of GENELink's label sets is a node, with or without an edge.
        misfits: expression that measures less than a tenth of the TFs or genes of the labels, and labels that
            mix several kinds of identifiers, are refused (`refuse`), or said (`say`): such expression is left
            out, and such names are kept.
        species: of the genes. `auto`: that of a data set of the catalogue, otherwise what the names tell;
            mouse genes in capitals look like human ones.
    """

    unhashed: ClassVar[frozenset[str]] = frozenset({"misfits"})

    expression: str | None = "bundled"
    labels: str = "bundled"
    layer: str | None = None
    use_raw: bool = False
    backed: bool = False
    genes_in: Literal["auto", "rows", "columns"] = "auto"
    obs: str | None = None
    min_cells: int = Field(0, ge=0)
    unmeasured: Literal["keep", "drop"] = "keep"
    id_map: str | None = None
    allow_mixed_ids: bool = False
    aliases: bool | None = None
    tfs: str | None = None
    tfs_action: Literal["require", "filter", "widen"] = "require"
    columns: dict[str, str] | None = None
    min_weight: float | None = Field(None, ge=0)
    var_names: str | None = None
    state: Literal["auto", "counts", "normalised", "log", "scaled"] = "auto"
    confidence: tuple[str, ...] | None = None
    listed_tfs: bool = False
    misfits: Literal["refuse", "say"] = "refuse"
    species: Literal["auto", "human", "mouse"] = "auto"


class FeatureConfig(Section):
    """How genes are described.

    Attributes:
        kind: `celltype_means` (one column per cell type), `pca` (components of the gene's profile over the
            cells), `both`, or `auto`: `celltype_means` if there is a cell-type column, else `pca`.
        obs_key: the cell-type column of `adata.obs`; None looks for a usual name (cell_type, leiden, ...).
        n_components: number of principal components.
        standardize: z-score every column over the genes.
        leiden_resolution: resolution of the Leiden clusters that replace a missing cell-type column.
        n_top_genes: describe only this many highly variable genes (scanpy's `seurat` flavour, over all genes
            of the data); the others count as not measured. None: every gene.
    """

    kind: Literal["auto", "celltype_means", "pca", "both"] = "auto"
    obs_key: str | None = None
    n_components: int = Field(default=50, ge=1)
    standardize: bool = True
    leiden_resolution: float = Field(default=1.0, gt=0)
    n_top_genes: int | None = Field(default=None, ge=1)


class KnowledgeConfig(Section):
    """Facts about genes from outside the labels, see docs/knowledge.md.

    Attributes:
        sources: names, files (GMT for sets; npz, Parquet, h5ad, CSV or TSV for vectors), or mappings with
            options: `{name: go, largest: 200}`, `{name: vectors, path: esm2.npz}`.
        neighbours: similar genes of each gene, similar TFs of each TF, and TFs that are similar to each gene.
        missing: a source whose table is not here, or that fits the labels badly, is left out and named
            (`skip`), or ends the work (`refuse`). Files of your own are never left out.
        tiers: the kinds of sources that may be read. `literature`, from papers, is off: the labels may come
            from the same papers.
    """

    sources: tuple[str | dict[str, Any], ...] = Field(
        ("go", "pfam", "tf_family", "tissues", "cells"), min_length=1
    )
    neighbours: int = Field(50, ge=1, le=10_000)
    missing: Literal["skip", "refuse"] = "skip"
    tiers: tuple[Literal["measured", "curated", "literature"], ...] = Field(
        ("measured", "curated"), min_length=1
    )
