"""A config against the registries: every name and option checked, every default filled in."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from grnpyg.controls import controls
from grnpyg.core.config import ExperimentConfig, NegativesConfig, PruneConfig, StructureConfig
from grnpyg.core.data_config import KnowledgeConfig
from grnpyg.core.errors import InputError, unknown
from grnpyg.knowledge import knowledge
from grnpyg.knowledge.specs import labelled, source_spec
from grnpyg.models.baselines import baselines
from grnpyg.models.encoders import encoders
from grnpyg.models.heads import heads
from grnpyg.models.importances import importances
from grnpyg.models.losses import losses
from grnpyg.models.pair_features import pair_features
from grnpyg.negatives import negatives
from grnpyg.resolve.teachers import WHERE, teacher_values, with_shortest_changes
from grnpyg.splits import splits

LARGEST = 1_000_000_000  # of any whole number but a seed
LIMITS = {  # of what takes memory or builds layers before anything is trained
    **dict.fromkeys(("num_layers", "heads", "vectors", "codes", "tokens"), 1_000),
    **dict.fromkeys(("walk_length", "context_size", "walks_per_node", "num_negative_samples"), 10_000),
    **dict.fromkeys(("hidden_channels", "out_channels", "embedding_dim", "n_components"), 1_000_000),
    **dict.fromkeys(("rank", "tf_rank", "gene_rank"), 1_000_000),
}


def make_config(values: dict[str, Any], *, where: object = None) -> ExperimentConfig:
    """Check a nested dictionary and fill in every default, those of the components included.

    Raises:
        InputError: an unknown key (lists the valid ones), a wrong value, an unknown component or option.
    """
    default = ExperimentConfig()
    try:
        config = ExperimentConfig.model_validate(values)
    except ValidationError as error:
        raise _input_error(error, where) from None
    _require_possible(config.model_dump(), where)
    if config.baseline is not None:
        config = _without_model(config, where)

    def complete(registry: Any, spec: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
        name = spec.get("name", default["name"])
        if not isinstance(name, str):
            raise InputError(f"the name of the {registry.kind} is {name!r}, not a word", where=where)
        given = {key: value for key, value in spec.items() if key != "name"}
        return {"name": name, **registry.options(name, given)}

    for regime in config.evaluation.negatives:
        negatives.get(regime)
    if len(set(config.evaluation.negatives)) < len(config.evaluation.negatives):
        raise InputError("names a setting twice", where="evaluation.negatives")
    rows = [_row(spec, complete) for spec in config.evaluation.baselines]
    names = [spec if isinstance(spec, str) else spec["name"] for spec in rows]
    if twice := [spec["name"] for spec in rows if isinstance(spec, dict) and names.count(spec["name"]) > 1]:
        raise InputError(f"names {twice[0]} twice", where="evaluation.baselines")
    if config.control is not None:
        controls.get(config.control)
    if len(set(config.monitored[1])) < len(config.monitored[1]):
        raise InputError("names a setting twice", where="training.monitor")
    for regime in config.monitored[1]:
        if regime not in config.evaluation.negatives:
            raise unknown("setting", regime, config.evaluation.negatives, where="training.monitor")
    sampler = complete(negatives, config.negatives.sampler, NegativesConfig().sampler)
    encoder = complete(encoders, config.encoder, default.encoder)
    _check_structure(config, encoders.get(encoder["name"]).uses_messages)
    head = complete(heads, config.head, default.head)
    _check_outputs(config.structure, encoder["name"], head["name"])
    importance = PruneConfig(ratio=0).importance
    for step in config.prune:
        if not step.finetune_epochs and (step.finetune_lr is not None or step.optimizer != "fresh"):
            raise InputError(
                "a learning rate or an optimiser's state without epochs of fine-tuning",
                where=where or "prune",
                fix="give finetune_epochs, or leave them out",
            )
    steps = [
        step.model_copy(update={"importance": complete(importances, step.importance, importance)})
        for step in config.prune
    ]
    config = config.model_copy(
        update={
            "split": complete(splits, config.split, default.split),
            "negatives": config.negatives.model_copy(update={"sampler": sampler}),
            "evaluation": config.evaluation.model_copy(update={"baselines": tuple(rows)}),
            "encoder": encoder,
            "head": head,
            "loss": complete(losses, config.loss, default.loss),
            "prune": tuple(steps),
            "baseline": config.baseline and complete(baselines, config.baseline, {"name": None}),
            "knowledge": config.knowledge and _with_sources(config.knowledge, complete),
        }
    )
    teachers = teacher_configs(config)  # refuses what cannot be one
    return with_shortest_changes(config, teachers[0]) if teachers else config


def teacher_configs(config: ExperimentConfig) -> tuple[ExperimentConfig, ...]:
    """The experiments whose models teach this one; none without `training.teacher`.

    Raises:
        InputError: a teacher whose config cannot be, or whose data or split are others.
    """
    return tuple(make_config(values, where=WHERE) for values in teacher_values(config))


def _with_sources(config: KnowledgeConfig, complete: Any) -> KnowledgeConfig:
    """The section with every source as a mapping with all its options."""
    sources = tuple(complete(knowledge, spec, spec) for spec in map(source_spec, config.sources))
    complete_config = config.model_copy(update={"sources": sources})
    labelled(complete_config)  # refuses two of one name, and a tier that is off
    return complete_config


def _require_possible(values: dict[str, Any], where: object, section: str = "") -> None:
    """Refuse numbers that no memory and no patience is enough for."""
    for key, value in values.items():
        limit, name = LIMITS.get(key, LARGEST), f"{section}{key}"
        for one in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(one, dict):
                _require_possible(one, where, f"{name}.")
            elif isinstance(one, int) and one > limit and key not in ("seed", "split_seed"):
                raise InputError(f"{name} is {one:,}, more than {limit:,}", where=where or "config")


def _without_model(config: ExperimentConfig, where: object) -> ExperimentConfig:
    """The config of a baseline: what only a trained model reads is set to its default, for one hash."""
    if config.prune:
        raise InputError(
            "a baseline has no units to prune",
            where=where or "prune",
            fix="leave out either prune or baseline",
        )
    default = ExperimentConfig.model_validate({"training": {"max_epochs": 0}})
    unread = ("encoder", "head", "loss", "training", "structure")
    return config.model_copy(update={name: getattr(default, name) for name in unread})


def _check_structure(config: ExperimentConfig, uses_messages: bool) -> None:
    """What reads message edges and what keeps the scored ones out of them belong together."""
    folds = config.training.disjoint_train_ratio
    if config.training.cold_folds and folds is None:
        raise InputError(
            "folds of the nodes are as many as those of the edges",
            where="training.cold_folds",
            fix="set training.disjoint_train_ratio, for example to 0.25",
        )
    if config.negatives.mining is not None and uses_messages and folds is None:
        raise InputError(
            "the model would score known edges with their own messages, and choose negatives by that",
            where="negatives.mining",
            fix="set training.disjoint_train_ratio, for example to 0.25",
        )
    if config.structure is not None:
        for name in config.structure.features:
            pair_features.get(name)
        if folds is None:
            raise InputError(
                "the structure term needs folds: a pair's features come from edges without its own",
                where="training.disjoint_train_ratio",
                fix="set it, for example to 0.125",
            )
    elif folds is not None and not uses_messages:
        raise InputError(
            f"the encoder {config.encoder['name']} passes no messages that could be kept apart",
            where="training.disjoint_train_ratio",
            fix="leave it out, or choose an encoder that passes messages",
        )


def _check_outputs(structure: StructureConfig | None, encoder: str, head: str) -> None:
    """The outputs of the structure term, and models that consist of it alone."""
    outputs = () if structure is None else structure.outputs
    if outputs and (outputs[0] != "uniform" or len(set(outputs)) != len(outputs)):
        raise InputError(
            f"the outputs are {', '.join(outputs)}",
            where="structure.outputs",
            fix="name uniform first, and each kind of negatives once",
        )
    if structure is not None and structure.top_features:
        for name in structure.top_features:
            if name not in structure.features:
                raise unknown("feature", name, structure.features, where="structure.top_features")
        if not outputs:
            raise InputError(
                "the features of the top without outputs that they are to order",
                where="structure.top_features",
                fix="leave them out, or name structure.outputs",
            )
    for name in outputs:
        negatives.get(name)
    if head == "zero" and structure is None:
        raise InputError(
            "the head zero gives every pair the same score",
            where="head",
            fix="choose another head, or add pair features: structure.features",
        )
    if encoder == "none" and head != "zero":
        raise InputError(
            f"the encoder none has no vectors that the head {head} could read",
            where="encoder",
            fix="choose another encoder, or the head zero beside pair features",
        )
    if head == "zero" and encoder != "none":
        raise InputError(
            f"the head zero does not read the vectors of the encoder {encoder}",
            where="head",
            fix="choose another head, or the encoder none",
        )


def _row(spec: str | dict[str, Any], complete: Any) -> str | dict[str, Any]:
    """A baseline's name, or with options its name and all of them."""
    if isinstance(spec, str):
        baselines.get(spec)
        return spec
    if "name" not in spec:
        raise InputError("a baseline without a name", where="evaluation.baselines", fix="{name: svd, ...}")
    full: dict[str, Any] = complete(baselines, spec, spec)
    return full if len(full) > 1 else str(full["name"])


def prune_step(**values: Any) -> PruneConfig:
    """A checked pruning step with every default filled in.

    Raises:
        InputError: a ratio outside [0, 1), or another value or name that is not known.
    """
    ratio = values["ratio"]
    if not (isinstance(ratio, (int, float)) and 0 <= ratio < 1):
        shown = f"{ratio:g}" if isinstance(ratio, (int, float)) else repr(ratio)
        raise InputError(f"{shown} is not a share from 0 to below 1", where="--ratio", fix="0.6 removes 60 %")
    return make_config({"prune": [values]}, where="grnpyg prune").prune[0]


def _input_error(error: ValidationError, where: object) -> InputError:
    first = error.errors()[0]
    *parents, key = [str(part) for part in first["loc"]] or ["config"]
    if first["type"] != "extra_forbidden":
        reason = first["msg"].removeprefix("Value error, ")
        return InputError(f"{'.'.join([*parents, key])}: {reason}", where=where or "config")
    model: Any = ExperimentConfig
    for part in parents:
        if not part.isdigit():  # a place in a list
            annotation = model.model_fields[part].annotation
            model = next((a for a in get_args(annotation) if hasattr(a, "model_fields")), annotation)
    section = ".".join(parents) or "the config"
    return unknown("key", key, model.model_fields, where=f"{where}: {section}" if where else section)
