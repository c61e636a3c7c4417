"""The plan of a network: every choice that was made for it, and what it will take, before any work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grnpyg.core.arguments import require_whole
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.config_file import override
from grnpyg.core.data_config import DataConfig
from grnpyg.core.errors import InputError, counted
from grnpyg.data.grn import DataReport
from grnpyg.data.load import load_grn
from grnpyg.data.matching.aliases import species_of, species_shares
from grnpyg.data.names.symbols import SPECIES
from grnpyg.data.sources import read_cells
from grnpyg.networks.universe import UNIVERSES
from grnpyg.pipeline.cost import Cost
from grnpyg.pipeline.labels import default_labels
from grnpyg.recipes import BEST, read_recipe
from grnpyg.resolve import make_config
from grnpyg.resolve.changes import merge
from grnpyg.training.prepare import prepare

MIXED = 0.2  # share of names that are symbols of the second species, from which cells are of both
UNSEEN = {  # what the recipe best needs to score TFs and genes without a known edge
    "training": {"cold_folds": True, "max_epochs": 128, "patience": 128},
    "structure": {"hidden_channels": 128},
}


@dataclass(frozen=True)
class NetworkOptions:
    """What a user may choose; the rest is decided by the data.

    Attributes:
        labels: known edges, a catalogue name or a file; None: by species.
        species: `human` or `mouse`; None: by the names of the genes.
        seeds: how many trainings, each on a split of its own.
        seed: of the first one; the others follow.
        top: how many pairs the network keeps.
        universe: `labels`, the TFs and genes that the labels name, or `measured`, all that the cells measure.
        tfs: for `measured`, a list of TFs.
        data: further keys of the config's section `data`.
        changes: `KEY=VALUE` changes of the config.
    """

    labels: str | None = None
    species: str | None = None
    seeds: int = 3
    seed: int = 42
    top: int = 100_000
    universe: str = "labels"
    tfs: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    changes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("seeds", "top"):
            require_whole(getattr(self, name), name, 1, where="network")
        for name, value, known in (
            ("species", self.species, SPECIES),
            ("universe", self.universe, UNIVERSES),
        ):
            if value is not None and value not in known:
                raise InputError(f"{value!r} is not {' or '.join(known)}", where=f"--{name}")


@dataclass(frozen=True)
class NetworkPlan:
    """What will be done.

    Attributes:
        options: as they were given.
        species: of the cells.
        config: of the first training; the others differ in their seed.
        seeds: of all trainings.
        report: what was read, matched and left out.
        choices: sentences on what was chosen for the user.
        cost: of one training.
    """

    options: NetworkOptions
    species: str
    config: ExperimentConfig
    seeds: tuple[int, ...]
    report: DataReport
    choices: tuple[str, ...]
    cost: Cost

    def lines(self, jobs: int) -> list[str]:
        """The plan in words, for so many trainings at a time."""
        counts = self.report.counts
        rounds, trainings = -(-len(self.seeds) // jobs), counted(len(self.seeds), "training")
        return [
            *self.choices,
            f"plan: {counts['tfs']:,} TFs x {counts['genes']:,} genes, {counts['edges']:,} known edges; "
            f"{trainings} of the recipe {BEST}, {min(jobs, len(self.seeds))} at a time",
            f"estimate: about {self.cost.seconds * rounds / 60:.0f} min on idle processors and "
            f"{self.cost.memory * min(jobs, len(self.seeds)) / 1e9:.1f} GB of memory",
        ]

    def to_dict(self) -> dict[str, Any]:
        """Every choice, ready for JSON."""
        return {
            "species": self.species,
            "labels": self.config.data.labels,
            "seeds": list(self.seeds),
            "top": self.options.top,
            "universe": self.options.universe,
            "tfs": self.options.tfs,
            "counts": dict(self.report.counts),
            "choices": list(self.choices),
            "estimate_of_a_training": {"seconds": self.cost.seconds, "bytes": self.cost.memory},
        }


def make_plan(cells: str | Path, options: NetworkOptions) -> NetworkPlan:
    """Read the cells and the known edges, and decide what the user left open.

    Args:
        cells: an expression file, or a name of `grnpyg data list`.
        options: what the user chose.

    Raises:
        InputError: cells or edges that cannot be used, or a species that does not fit the names of the genes.
    """
    data = {**options.data, "expression": _absolute(cells)}
    species, said = _species(DataConfig.model_validate(data), options.species)
    if options.species is not None:
        data["species"] = species
    choices = [said]
    labels = options.labels
    if labels is None:
        labels, why = default_labels(species)
        choices.append(why)
    values = {**read_recipe(BEST), "data": {**data, "labels": _absolute(labels)}, "seed": options.seed}
    if options.universe == "measured":
        values = merge(values, UNSEEN)
        choices.append("every other epoch practises on nodes held out, since unseen ones will be scored")
        # a closed form cannot score unseen nodes, so that none may stand in for the model
        values["fallback"] = False
    _require_free(options.changes)
    config = make_config(override(values, list(options.changes)))
    grn = load_grn(config.data, config.features, config.data_seed)
    report = prepare(config, grn).grn.report  # labels that cannot be split are refused here
    counts = report.counts
    pairs = int(counts["tfs"]) * int(counts["genes"])
    cost = Cost.of(pairs, int(counts["edges"]), config.training.max_epochs)
    seeds = tuple(range(options.seed, options.seed + options.seeds))
    return NetworkPlan(options, species, config, seeds, report, tuple(choices), cost)


def _require_free(changes: Sequence[str]) -> None:
    """Refuse changes of what the arguments of a network say already.

    Raises:
        InputError: such a change, with the option to use in its place.
    """
    own = {"seed": "--seed", "data.expression": "the cells", "data.labels": "--labels"}
    for change in changes:
        key = change.partition("=")[0].strip()
        if key in own:
            raise InputError(f"{key} has an option of its own", where="--set", fix=f"use {own[key]}")


def _absolute(source: str | Path) -> str:
    """A file by its whole path, so that the study file beside the runs finds it; a name as it is."""
    path = Path(source)
    return str(path.absolute()) if path.exists() else str(source)


def _species(data: DataConfig, given: str | None) -> tuple[str, str]:
    """The species, and how it is known."""
    backed = str(data.expression).endswith(".h5ad")
    adata = read_cells(data.model_copy(update={"backed": backed}), (), None)
    found, shares = species_of(adata.var_names), species_shares(adata.var_names)
    if min(shares.values()) >= MIXED:
        said = " and ".join(f"{100 * share:.0f} % of {name}" for name, share in shares.items())
        raise InputError(
            f"its genes are of two species: {said} by their symbols",
            where=data.expression,
            fix="keep the genes, and the cells, of one",
        )
    if given is None:
        if found is None:
            raise InputError(
                "most gene names are current symbols of neither human nor mouse",
                where=data.expression,
                fix="say which with --species, and name the edges with --labels",
            )
        return found, f"species: {found}, by the names of the genes"
    if found not in (None, given):
        raise InputError(
            f"most gene names are symbols of {found}, not of {given}",
            where=data.expression,
            fix="leave --species out, or check the file",
        )
    return given, f"species: {given}, as given"
