"""Everything that exists before training: data, split, evaluation pairs, and what they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grnpyg.controls import controls
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import InputError, warn
from grnpyg.core.files import sha256
from grnpyg.core.inputs import Input
from grnpyg.core.registry import Registry
from grnpyg.core.seeding import derive
from grnpyg.data.grn import GRN
from grnpyg.data.inputs import input_hashes
from grnpyg.data.load import load_grn
from grnpyg.knowledge import extension, knowledge, knowledge_hashes
from grnpyg.models.baselines import baselines
from grnpyg.models.baselines.base import needed_coexpression
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.losses import losses
from grnpyg.models.pair_features import pair_features
from grnpyg.negatives import NoPairError, evaluation_sets, negatives, require_feasible, require_left
from grnpyg.runs.draws import cycle, epoch_pairs, evaluation_ratio
from grnpyg.splits import LinkSplit, splits
from grnpyg.splits.leakage import HELD_OUT_IN_TRAINING
from grnpyg.splits.split_file import Evaluation, held_out_sets
from grnpyg.training.shortfalls import shortfalls

GIVEN = "given"  # the split of a peer's files; the regime and the sampler of a split with its own negatives


READERS = frozenset({"similar_genes", "similar_tfs", "direct"})  # pair features and edges of knowledge


@dataclass(frozen=True)
class Prepared:
    """Everything that exists before training."""

    grn: GRN
    split: LinkSplit
    evaluation: Evaluation


def prepare(
    config: ExperimentConfig,
    grn: GRN | None = None,
    split: LinkSplit | None = None,
    evaluation: Evaluation | None = None,
) -> Prepared:
    """Load the data, split it and draw the evaluation negatives.

    Args:
        config: the experiment.
        grn: its data, where they are at hand.
        split: its split, where it is at hand.
        evaluation: its evaluation pairs, where they are at hand.

    Raises:
        InputError: the data cannot be used, or a ratio is infeasible.
    """
    say_unread(config)
    grn = load(config) if grn is None else grn
    control = None if config.control is None else controls.build(config.control)
    if control is not None:
        graph = control.before_split(grn.graph, config.data_seed)
        if graph is not grn.graph and config.split["name"] == GIVEN:
            raise InputError(
                f"the control {config.control} changes labels that the split {GIVEN} names", where="control"
            )
        grn = replace(grn, graph=graph)
    negatives.build_from(config.negatives.sampler)  # refuses bad options before any work
    if split is None:
        split = splits.build_from(config.split).split(grn.graph, config.data_seed)
    if split.negatives and split.regime == "uniform" and config.evaluation.ratio != 1:
        raise InputError(
            f"the split {config.split['name']} brings its own negatives, one per positive",
            where="evaluation.ratio",
            fix="leave it at 1",
        )
    if "validation" not in split.positives and config.training.max_epochs:
        raise InputError(
            "the split has no validation subset, so that no model can be trained on it",
            where=f"split {config.split['name']}",
            fix="give it one, or set training.max_epochs to 0 for the baselines alone",
        )
    _check_given(config, split)
    # folds that cannot be made are refused before any work
    turns = cycle(config, split) if config.training.max_epochs else []
    if split.regime != GIVEN:
        exact = [negatives.get(regime).exact for regime in config.evaluation.negatives]
        require_feasible(
            split,
            training=config.negatives.ratio,
            evaluation=config.evaluation.ratio,
            regimes=sum(exact),
            short=len(exact) - sum(exact),
            at_most=config.shortage == "say",
        )
    evaluation = drawn_evaluation(config, split) if evaluation is None else evaluation
    if control is not None:
        grn = replace(grn, graph=control.before_training(grn.graph, config.data_seed))
        split = replace(split, graph=control.before_training(split.graph, config.data_seed))
        control.before_scoring(split, config.data_seed)  # what it cannot do it says before any training
    sparing = config.negatives.scheme == "sparing"
    kept_out = sparing and HELD_OUT_IN_TRAINING not in split.leaks
    if kept_out and config.negatives.sampler["name"] != GIVEN and config.training.max_epochs:
        require_left(split, config.negatives.ratio, held_out_sets(evaluation))
    split = declared(config, split)
    if config.shortage == "say":
        report = grn.report
        warnings = (*report.warnings, *shortfalls(config, split, turns, evaluation))
        grn = replace(grn, report=replace(report, warnings=warnings))
    elif config.training.cold_folds:
        check_cells(config, turns, evaluation)
    return Prepared(grn, split, evaluation)


def declared(config: ExperimentConfig, split: LinkSplit) -> LinkSplit:
    """The split with every leak of the config among its own."""
    return replace(split, leaks=tuple(dict.fromkeys([*split.leaks, *config.leaks])))


def drawn_evaluation(config: ExperimentConfig, split: LinkSplit) -> Evaluation:
    """Setting -> subset -> pairs: the evaluation pairs of a config, drawn one setting after another.

    With `shortage: say` a setting without any pair for some subset is left out, unless it is the first one.

    Raises:
        InputError: there are not enough unlabelled pairs.
    """
    evaluation: Evaluation = {}
    ratio = evaluation_ratio(config, split)
    for regime in config.evaluation.negatives:
        try:
            evaluation[regime] = evaluation_sets(
                split,
                negatives.build(regime),
                ratio,
                derive(config.data_seed, "evaluation", regime),
                given=split.negatives if regime == split.regime else None,
                earlier=tuple(evaluation.values()),
                at_most=config.shortage == "say",
            )
        except NoPairError:
            if config.shortage == "refuse" or not evaluation:
                raise
    return evaluation


def check_cells(
    config: ExperimentConfig, turns: Sequence[tuple[LinkSplit, ...]], evaluation: Evaluation
) -> None:
    """Cells of unseen nodes are small: one may have too few negatives where the whole split has enough.

    Raises:
        InputError: it has.
    """
    for epoch, turn in enumerate(turns):
        for subset in turn:
            try:
                epoch_pairs(config, subset, evaluation, epoch)
            except InputError as error:
                raise InputError(
                    f"a fold of the nodes has too few negatives: {error.what}",
                    where="training.cold_folds",
                    fix="leave it out (`--set training.cold_folds=false`), or change negatives.ratio",
                ) from None


def _check_given(config: ExperimentConfig, split: LinkSplit) -> None:
    """Negatives of a peer's files are what they are."""
    if config.negatives.sampler["name"] != GIVEN:
        return
    if split.regime != GIVEN:
        raise InputError(
            f"the split {config.split['name']} has no negatives of its own",
            where="negatives.sampler",
            fix=f"use the split {GIVEN} or genelink",
        )
    if config.negatives.ratio != 1:
        raise InputError(
            f"the sampler {GIVEN} has the ratio of the files", where="negatives.ratio", fix="leave it at 1"
        )


def coexpression_of(config: ExperimentConfig) -> tuple[str, ...]:
    """The co-expression matrices that the config's baselines and pair features need, sorted, each once."""
    of_features = (kind for name in config.structure_features for kind in pair_features.get(name).needs)
    fitted = [*config.evaluation.rows, *([] if config.baseline is None else [config.baseline["name"]])]
    return tuple(sorted({*needed_coexpression(fitted), *of_features}))


def say_unread(config: ExperimentConfig) -> None:
    """Say that knowledge is named which nothing reads, or read although none is named."""
    edges, inputs = (config.encoder.get(key, ()) for key in ("edges", "inputs"))
    readers = [*sorted(READERS.intersection(config.structure_features)), *sorted(READERS.intersection(edges))]
    readers += [f"encoder.inputs: {inputs}"] if inputs in ("knowledge", "all") else []
    if config.knowledge is not None and not readers and config.baseline is None:
        what = "no pair feature and no encoder reads it, so that it changes no score"
        fix = "name similar_genes, similar_tfs or direct in structure.features, or see docs/knowledge.md"
        warn(what, where="knowledge", fix=fix)
    if config.knowledge is None and readers:
        what = f"{', '.join(dict.fromkeys(readers))} read knowledge, and no source is named"
        warn(what, fix='name one: `--knowledge go`, in Python `build_grn(..., knowledge=["go"])`')


def load(config: ExperimentConfig) -> GRN:
    """The data of a config, with its knowledge and the co-expression that baselines and encoder need."""
    return load_grn(
        config.data,
        config.features,
        config.data_seed,
        coexpression=coexpression_of(config),
        neighbours=encoders.get(config.encoder["name"]).neighbours_needed(config.encoder),
        extension=extension(config.knowledge),
    )


def inputs(config: ExperimentConfig) -> dict[str, Input]:
    """SHA-256 of everything outside the config that decides a result: data files and plug-in files."""
    named: list[tuple[str, Registry[Any], str]] = [
        ("encoder", encoders, config.encoder["name"]),
        ("head", heads, config.head["name"]),
        ("split", splits, config.split["name"]),
        ("loss", losses, config.loss["name"]),
        ("sampler", negatives, config.negatives.sampler["name"]),
        *((f"regime {name}", negatives, name) for name in config.evaluation.negatives),
        *((f"pair feature {name}", pair_features, name) for name in config.structure_features),
        *((f"row {name}", baselines, name) for name in config.evaluation.rows),
        *([] if config.control is None else [("control", controls, config.control)]),
        *((f"knowledge {name}", knowledge, name) for name in _sources(config)),
        *([] if config.baseline is None else [("baseline", baselines, config.baseline["name"])]),
    ]
    plug_ins: dict[str, Input] = {
        role: {"source": name, "sha256": sha256(path)}
        for role, registry, name in named
        if (path := registry.source(name)) is not None
    }
    files: dict[str, Input] = {
        role: {"source": str(path), "sha256": _sha256_of_input(path)}
        for role, path in splits.build_from(config.split).files().items()
    }
    return input_hashes(config.data) | plug_ins | files | knowledge_hashes(config.knowledge)


def _sources(config: ExperimentConfig) -> list[str]:
    """The names of the config's knowledge sources."""
    specs = () if config.knowledge is None else config.knowledge.sources
    return [spec if isinstance(spec, str) else spec["name"] for spec in specs]


def _sha256_of_input(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from None
