"""All listed TFs and all measured genes as candidates, also those without a known edge.

A pair of two nodes of the run keeps the score that it has without them. A pair with another end is scored
on a second graph, which has the same message edges and more nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError, examples, unknown
from grnpyg.core.precision import Precision
from grnpyg.data.graph import GENE, REGULATES, TF, build_graph, num_nodes
from grnpyg.data.inputs import input_hashes
from grnpyg.data.matching.aliases import species_of
from grnpyg.data.measured import measured
from grnpyg.data.regulons.regulon import read_tf_list
from grnpyg.data.sources import single
from grnpyg.evaluation.methods import baseline_of, scoring_graph
from grnpyg.knowledge import knowledge_hashes
from grnpyg.models.predictor import build_model
from grnpyg.networks.scores import Computed, Rows, stored
from grnpyg.networks.wide_graph import describe, wide_graph
from grnpyg.runs import Run

UNIVERSES = ("labels", "measured")


def check_universe(runs: Sequence[Run], universe: str, tfs: str | Collection[str] | None) -> None:
    """Refuse what cannot be widened, before any work is done.

    Args:
        runs: from `Run.load`.
        universe: a name in `UNIVERSES`.
        tfs: the list of TFs that was asked for.

    Raises:
        InputError: an unknown universe, a list without it, or a run that cannot score nodes that it has not
            seen, or whose data are not there as they were.
    """
    if universe not in UNIVERSES:
        raise unknown("universe", universe, UNIVERSES, where="--universe")
    if universe == "labels":
        if tfs is not None:
            fix = "add --universe measured"
            raise InputError("a list of TFs is for the universe of measured genes", where="--tfs", fix=fix)
        return
    for run in runs:
        _require_unseen(run)
        _require_data(run)
        if _cells_of(run) != _cells_of(runs[0]):
            what = f"reads the cells in another way than {runs[0].path}"
            raise InputError(what, where=run.path, fix="name runs of the same cells and features")


def _require_unseen(run: Run) -> None:
    """Check that a run's model can score nodes that were not in its training.

    Raises:
        InputError: it is a baseline, or some weights belong to a single node.
    """
    spec = baseline_of(run)
    fix = "use a run of a model that reads features, such as `grnpyg train --recipe best`"
    if spec is not None:
        what = f"hands out the baseline {spec['name']}, which cannot score TFs and genes that it has not seen"
        raise InputError(what, where=run.path, fix=fix)
    other = wide_graph(run.graph, ["another TF of grnpyg"], ["another gene of grnpyg"])
    wide = build_model(other, *run.specs, run.config.seed, run.config.structure_options)
    own = run.model.state_dict()
    for name, weight in wide.state_dict().items():
        if weight.shape != own[name].shape:
            what = f"has weights for each single node ({name}), and none for nodes that it has not seen"
            raise InputError(what, where=run.path, fix=fix)


def _cells_of(run: Run) -> tuple[object, ...]:
    """What decides the features of a gene."""
    recorded = run.manifest.inputs.get("expression")
    return None if recorded is None else recorded["sha256"], run.config.features, run.config.data


def _require_data(run: Run) -> None:
    """Check that the cells and the knowledge of a run are what they were.

    Raises:
        InputError: there are none, or they are gone or changed.
    """
    data = run.config.data
    if data.expression is None:
        fix = "train with cells, or use --universe labels"
        raise InputError("was made without cells, so that no gene is measured", where=run.path, fix=fix)
    if data.expression == IN_MEMORY:
        fix = "train again with cells in a file"
        raise InputError(
            "its cells were given in memory, and are not there any more", where=run.path, fix=fix
        )
    cells = data.model_copy(update={"labels": IN_MEMORY, "id_map": None, "tfs": None})
    now = input_hashes(cells) | knowledge_hashes(run.config.knowledge)
    for role, recorded in run.manifest.inputs.items():
        if role in now and now[role]["sha256"] != recorded["sha256"]:
            what = f"its {role} ({recorded['source']}) was changed after the run was trained"
            raise InputError(what, where=run.path, fix="restore the file, or train again")
        if role.startswith("knowledge ") and role not in now:
            what = f"its {role} ({recorded['source']}) is not there any more"
            raise InputError(what, where=run.path, fix="fetch it again with `grnpyg data fetch`")


def listed_tfs(tfs: str | Collection[str] | None, names: Collection[str]) -> tuple[set[str], str]:
    """The names of TFs, and where they are from.

    Args:
        tfs: a catalogue name, a file with one TF a line, names, or None: the bundled list of the species.
        names: of the graph, which tell the species.

    Raises:
        InputError: no list of this name, or no species for a bundled list.
    """
    if isinstance(tfs, str):
        return set(read_tf_list(single(tfs))), tfs
    if tfs is not None:
        return set(tfs), "tfs"
    species = species_of(names)
    if species is None:
        what = "the names are no symbols of human or mouse, whose TFs are bundled"
        raise InputError(what, where="--universe", fix="name a list with `--tfs FILE`, one TF a line")
    name = f"tfs-{species}"
    return set(read_tf_list(single(name))), f"bundled list of {species}"


class Widened:
    """The candidates of a run with all listed TFs and all measured genes.

    Args:
        run: the first of the runs.
        tfs: see `listed_tfs`.

    Attributes:
        graph: all nodes by name, and the known edges: what `Candidates` takes.
        sentence: what was added.

    Raises:
        InputError: none of the listed TFs is measured.
    """

    def __init__(self, run: Run, tfs: str | Collection[str] | None) -> None:
        own = run.graph
        names = {*own[TF].name, *own[GENE].name}
        self._measured = measured(run.config.data, run.config.features, run.config.data_seed, names)
        genes = [str(name) for name in self._measured.cells.var_names]
        listed, source = listed_tfs(tfs, names)
        found = listed.intersection(genes)
        if not found:
            what = f"none of its {len(listed):,} TFs is measured; the cells name {examples(genes)}"
            raise InputError(what, where=f"--tfs {source}", fix="give a list in the cells' kind of names")
        self._more = found - set(own[TF].name), set(genes) - set(own[GENE].name)
        self.graph = _by_name(own, *self._more)
        self.sentence = (
            f"Universe: {num_nodes(self.graph)[0]:,} TFs, {len(self._more[0]):,} of them from the {source}, "
            f"x {num_nodes(self.graph)[1]:,} genes, {len(self._more[1]):,} of them measured only."
        )

    def graph_of(self, run: Run) -> HeteroData:
        """The graph on which a run scores pairs with a further node; the run's own nodes come first."""
        graph = scoring_graph(run.split, run.config)
        wide = wide_graph(graph, *self._more)
        describe(wide, graph, self._measured, run.config)
        return wide

    def scores(self, run: Run, own: Rows, precision: Precision = "fp32") -> Computed:
        """Scores of all candidates by a run, computed where they are asked for.

        Args:
            run: with the nodes of the first one.
            own: its scores of the pairs of its own nodes.
            precision: of the scores of the other pairs.
        """
        wide = self.graph_of(run)
        rows, columns = (_places(self.graph, wide, kind) for kind in (TF, GENE))
        shape, (num_tfs, num_genes) = num_nodes(self.graph), own.shape
        if (np.diff(rows[rows < num_tfs]) < 0).any():  # asked for in another order than they are computed in
            own = stored(own)
        z = run.model.encode(wide)
        of_head = run.model.all_pairs(z, precision)

        def compute(start: int, stop: int) -> NDArray[np.float32]:
            tfs = torch.from_numpy(rows[start:stop])
            parts = run.model.score_blocks(wide, tfs, z=z, of_head=of_head, tfs_per_block=len(tfs))
            table: NDArray[np.float32] = torch.cat([part[..., 0] for _, part in parts]).numpy()
            for tf, row in sorted(zip(tfs.tolist(), range(len(tfs)), strict=True)):
                if tf < num_tfs:
                    table[row, :num_genes] = own.rows(tf, tf + 1)[0]
            return table[:, columns]  # from the order of `wide`

        return Computed(shape, compute)


def _by_name(graph: HeteroData, tfs: Collection[str], genes: Collection[str]) -> HeteroData:
    """A graph of names and known edges alone, nodes in the order of their names."""
    names = [np.asarray(graph[kind].name, dtype=object) for kind in (TF, GENE)]
    ends = [of[at] for of, at in zip(names, graph[REGULATES].edge_index.numpy(), strict=True)]
    edges = pd.DataFrame({"source": ends[0], "target": ends[1]})
    every = [sorted({*of, *more}) for of, more in zip(names, (tfs, genes), strict=True)]
    result = build_graph(edges, tfs=every[0], genes=every[1])
    for key, value in graph[REGULATES].items():
        if key != "edge_index":
            result[REGULATES][key] = value
    return result


def _places(graph: HeteroData, wide: HeteroData, kind: str) -> NDArray[np.int64]:
    """(num_nodes,) where each node of a graph stands in another one."""
    at = {name: number for number, name in enumerate(wide[kind].name)}
    return np.array([at[name] for name in graph[kind].name], dtype=np.int64)
