"""`network`: from cells to a ranked network, in memory or in a folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from grnpyg.core.arguments import require_whole
from grnpyg.core.data_config import DataConfig
from grnpyg.core.errors import InputError, counted, unknown
from grnpyg.networks.export import regulons, to_anndata, to_networkx, write_network
from grnpyg.networks.keys import PROBABILITY, TARGET, TF
from grnpyg.pipeline import LIKELY, NetworkOptions, complete, make_plan, regulon_edges, write_plan
from grnpyg.studies.executors import LocalExecutor

if TYPE_CHECKING:
    from anndata import AnnData

Labels = pd.DataFrame | Mapping[str, Sequence[str]] | str | Path
CELLS, LABELS = "cells.h5ad", "labels.tsv"  # what was in memory, as the trainings read it


@dataclass(frozen=True, repr=False)
class Network:
    """A ranked network.

    Attributes:
        edges: the network table, best pair first: every known edge, and the best new ones; the columns are
            described in `grnpyg.networks.keys`.
        summary: choices, sizes, and what the models reached on held-out edges.

    Example:
        >>> net = Network(pd.DataFrame({"TF": ["A"], "target": ["b"], "known": [True]}), {})
        >>> net
        Network(1 TF, 1 known edge, 0 new edges)
        >>> net.regulons()
        {'A': ['b']}
    """

    edges: pd.DataFrame
    summary: Mapping[str, Any]

    def __repr__(self) -> str:
        known = int(self.edges["known"].sum())
        tfs, new = self.edges[TF].nunique(), len(self.edges) - known
        sizes = (tfs, "TF"), (known, "known edge"), (new, "new edge")
        return f"Network({', '.join(counted(*size) for size in sizes)})"

    @property
    def gains(self) -> pd.DataFrame:
        """AUROC of held-out edges, of the models and of closed forms, a line for each kind of negatives."""
        return pd.DataFrame(self.summary["gains"])

    def new(self, top: int | None = None) -> pd.DataFrame:
        """The edges that the labels do not name, best first."""
        if top is not None:
            require_whole(top, "top", 1, where="new")
        return self.edges[~self.edges["known"]].head(len(self.edges) if top is None else top)

    def regulons(self, least: float = LIKELY) -> dict[str, list[str]]:
        """TF -> its targets: the known ones, and new ones of at least this probability."""
        return regulons(regulon_edges(self.edges, least))

    def to_anndata(self, adata: AnnData | None = None) -> AnnData:
        """A copy of the cells with the network in it, see `grnpyg.networks.export.to_anndata`."""
        return to_anndata(self.edges, adata)

    def to_networkx(self, least: float = LIKELY) -> Any:
        """A `networkx.DiGraph` of the edges that `regulons` has."""
        return to_networkx(regulon_edges(self.edges, least))

    def save(self, path: str | Path, format: str | None = None) -> None:
        """Write the network; the suffix says the format, see `grnpyg export --help`.

        A `.gmt` file holds the edges that `regulons` has, any other file all of them.
        """
        edges = regulon_edges(self.edges) if Path(path).suffix == ".gmt" else self.edges
        write_network(edges, Path(path), format)

    def plot_tf(self, tf: str, top: int = 20, ax: Any = None) -> Any:
        """The best targets of a TF as bars: known edges grey, new ones blue.

        Args:
            tf: its name.
            top: how many targets.
            ax: matplotlib's Axes to draw on; None: new ones.

        Returns:
            The Axes.

        Raises:
            InputError: the network has no such TF.
        """
        import matplotlib.pyplot as plt  # noqa: PLC0415 (a second to import)

        own = self.edges[self.edges[TF] == tf].head(top)[::-1]
        if own.empty:
            raise unknown("TF", tf, sorted(set(self.edges[TF])), where="plot_tf")
        axes = plt.subplots(figsize=(4, 0.25 * len(own) + 1), layout="constrained")[1] if ax is None else ax
        colours = own["known"].map({True: "#999999", False: "#0072B2"})
        axes.barh(own[TARGET], own[PROBABILITY], color=list(colours))
        axes.set_xlabel("probability of an edge")
        axes.set_title(f"{tf}: best targets (blue: new)")
        return axes


def network(
    cells: AnnData | str | Path,
    labels: Labels | None = None,
    *,
    species: str | None = None,
    seeds: int = 3,
    seed: int = 42,
    top: int = 100_000,
    universe: str = "labels",
    tfs: str | Path | None = None,
    folder: str | Path | None = None,
    jobs: int = 1,
    device: str = "auto",
    say: Callable[[str], None] = lambda line: None,
    changes: Sequence[str] = (),
    **data: Any,
) -> Network:
    """Complete the network of a tissue with the recipe best, as `grnpyg network` does.

    Args:
        cells: an AnnData (cells x genes, counts or log values), a file, or a name of `grnpyg data list`. The
            AnnData is not changed.
        labels: the known edges: a table with `source` and `target`, a mapping `{TF: [genes]}`, a file, or a
            name of `grnpyg data list`; None: those that come with grnpyg for the species.
        species: `human` or `mouse`; None: by the names of the genes.
        seeds: how many trainings are averaged, each on a split of its own.
        seed: of the first one.
        top: how many new edges to keep beside the known ones.
        universe: whose pairs are ranked: `labels`, the TFs and genes that the labels name, or `measured`.
        tfs: for `measured`, a list of TFs.
        folder: keeps the trainings, so that a call that was stopped goes on; None: nothing is kept.
        jobs: trainings at a time.
        device: `auto`, `cpu` or `cuda`.
        say: gets a line at each step.
        changes: `KEY=VALUE` changes of the config.
        data: further keys of the config's section `data`: `layer`, `use_raw`, `var_names`, ...

    Raises:
        InputError: data that cannot be used.
        GrnpygError: a training failed.

    Example:
        >>> import grnpyg as gp
        >>> net = gp.network("bundled", seeds=1)  # doctest: +SKIP
        >>> net.new(10)  # doctest: +SKIP
    """
    for key in data:
        if key not in DataConfig.model_fields:
            raise unknown("option", key, DataConfig.model_fields, where="network")
    with ExitStack() as stack:
        if folder is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        stack.enter_context(_in_memory_names(place))
        options = NetworkOptions(
            labels=_labels(labels, place),
            species=species,
            seeds=seeds,
            seed=seed,
            top=top,
            universe=universe,
            tfs=None if tfs is None else str(tfs),
            data=data,
            changes=changes,
        )
        plan = make_plan(_cells(cells, place), options)
        for line in [*plan.report.lines(), *plan.lines(jobs)]:
            say(line)
        executor = LocalExecutor(jobs=jobs, device=device)
        made = complete(plan, write_plan(plan, place), place, executor, say=say)
        return Network(made.edges, made.summary)


@contextmanager
def _in_memory_names(folder: Path) -> Iterator[None]:
    """An error about what was in memory names the argument, not the file that it was written to."""
    try:
        yield
    except InputError as error:
        said = [None if part is None else str(part) for part in (error.what, error.where, error.fix)]
        mine = said
        for file, argument in ((folder / CELLS, "cells"), (folder / LABELS, "labels")):
            mine = [part and part.replace(str(file), argument) for part in mine]
        if mine == said:
            raise
        raise InputError(mine[0] or "", where=mine[1], fix=mine[2]) from None


def _cells(cells: AnnData | str | Path, folder: Path) -> str | Path:
    """A file or name as it is; cells in memory are written into the folder."""
    if isinstance(cells, (str, Path)):
        return cells
    if not hasattr(cells, "write_h5ad"):
        raise InputError(
            f"a {type(cells).__name__} holds no cells", where="network", fix="give an AnnData or a file"
        )
    file = folder / CELLS
    if not file.exists():
        cells.write_h5ad(file)
    return file


def _labels(
    labels: pd.DataFrame | Mapping[str, Sequence[str]] | str | Path | None, folder: Path
) -> str | None:
    if labels is None or isinstance(labels, (str, Path)):
        return None if labels is None else str(labels)
    if isinstance(labels, Mapping):
        rows = [(tf, gene) for tf, genes in labels.items() for gene in genes]
        labels = pd.DataFrame(rows, columns=["source", "target"])
    if not isinstance(labels, pd.DataFrame):
        kind, fix = type(labels).__name__, "give a DataFrame, a mapping {TF: [genes]}, a path or a name"
        raise InputError(f"a {kind} is not a table of known edges", where="network", fix=fix)
    file = folder / LABELS
    labels.to_csv(file, sep="\t", index=False)
    return str(file)
