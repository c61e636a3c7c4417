"""One YAML file = one experiment; an unknown key is an error that names the valid ones."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from grnpyg.data.features import FeatureConfig
from grnpyg.errors import InputError, unknown

Component = Annotated[
    dict[str, Any], BeforeValidator(lambda value: {"name": value} if isinstance(value, str) else value)
]


class Section(BaseModel):
    """A part of the config: no unknown keys, no change after it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataConfig(Section):
    """What is read. `expression`, `labels`, `id_map` and `tfs` are catalogue names or files.

    With `listed_tfs` every TF in the `TF.csv` of GENELink's label sets is a node, with or without an edge.
    """

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
    tfs: str | None = None
    confidence: tuple[str, ...] | None = None
    listed_tfs: bool = False


class NegativesConfig(Section):
    """Training negatives: which, how many per positive, and whether each epoch draws its own."""

    sampler: Component = {"name": "uniform"}
    ratio: float = Field(1.0, gt=0, le=1e6)
    fresh: bool = True


class EvaluationConfig(Section):
    """Evaluation regimes (names of negative samplers), negatives per positive, and the rows beside a model.

    The pairs of every regime are drawn before training and kept out of it. With `ranking` the run also holds
    the full ranking of all genes for each TF, which takes a pass over every pair. A baseline is a name, or
    with options a mapping: `{name: lightgcn, num_layers: 3}`.
    """

    negatives: tuple[str, ...] = Field(("uniform", "same_tf", "degree_matched", "hard"), min_length=1)
    ratio: float = Field(1.0, gt=0, le=1e6)
    baselines: tuple[str | dict[str, Any], ...] = (
        "degree_product",
        "tf_degree",
        "gene_degree",
        "additive",
        "ease_gene",
        "ease_tf",
        "svd",
        "namespace_match",
        "random",
    )
    ranking: bool = False

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Name of each baseline -> its options."""
        specs = [{"name": row} if isinstance(row, str) else row for row in self.baselines]
        return {spec["name"]: {k: v for k, v in spec.items() if k != "name"} for spec in specs}


class TrainingConfig(Section):
    """The optimisation.

    Training is validated after every epoch. In the first and every `check_every`-th epoch after it the value
    of `monitor` is compared with the best of these checks so far; after `patience` checks without a better
    one it stops. `keep` says which weights make the run: those of the best epoch or of the last. `monitor` is
    a metric of the first evaluation regime, or of the one behind an @: `ap@degree_matched`; the mean of
    several that + joins. With uniform negatives alone the best epoch is that of the best degree model; with
    degree-matched ones alone nobody sees the scores of two degrees drift apart.

    An encoder that passes messages scores each batch on the graph without the batch's own edges. With
    `disjoint_train_ratio` the training positives are divided into folds of that share instead: the positives
    of one fold are scored in an epoch and carry no messages in it, the others only carry messages, and the
    next epoch takes the next fold. Cheaper, as all batches of an epoch share one graph. With `cold_folds`
    every other epoch takes a fold of the nodes instead (`splits.folds`): practice for unseen TFs and
    genes, as far as the encoder has no vectors of the nodes, which the other epochs train.
    """

    lr: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    batch_size: int = Field(256, ge=1)
    max_epochs: int = Field(60, ge=0)
    patience: int = Field(10, ge=1)
    check_every: int = Field(1, ge=1)
    monitor: str = Field("ap", pattern=r"^(ap|auroc|accuracy)(@[\w.:]+(\+[\w.:]+)*)?$")
    keep: Literal["best", "last"] = "best"
    gradient_clip: float = Field(5.0, gt=0)
    precision: Literal["fp32", "bf16"] = "fp32"
    disjoint_train_ratio: float | None = Field(None, gt=0, le=0.5)
    cold_folds: bool = False


class StructureConfig(Section):
    """The structure term beside the head: which pair features, and the MLP that reads them.

    It needs `training.disjoint_train_ratio`: features of a fold's pairs come from the other folds' edges.
    """

    features: tuple[str, ...] = Field(
        ("degree", "ease", "svd", "tf_neighbours", "gene_neighbours", "walks", "own_gene"), min_length=1
    )
    hidden_channels: int = Field(64, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)


class PruneConfig(Section):
    """A pruning step: the share `ratio` of the units of every group that `what` names is removed.

    `what` is `hidden` (what `hidden_channels` counts), `embedding` (columns of z) or `all`. Fine-tuning goes
    on with the training's settings and, unless `finetune_lr` is given, its learning rate; `optimizer` says
    what Adam remembers of the training: nothing (`fresh`), nothing but with a learning rate that rises over
    the first epoch (`warm_up`), or the moments of the weights that stay (`carried`), if the run holds them.
    """

    ratio: float = Field(ge=0, lt=1)
    what: Literal["hidden", "embedding", "all"] = "hidden"
    importance: Component = {"name": "activation_variance"}
    finetune_epochs: int = Field(0, ge=0)
    finetune_lr: float | None = Field(None, gt=0)
    optimizer: Literal["fresh", "warm_up", "carried"] = "fresh"


# keys that runs of 0.1.0 do not have: unset, they leave the hash alone, so that such runs are still found
ADDED_LATER = (
    (None, "control"),
    (None, "prune"),
    (None, "structure"),
    ("evaluation", "ranking"),
    ("training", "disjoint_train_ratio"),
    ("training", "cold_folds"),
    ("data", "listed_tfs"),
)


class ExperimentConfig(Section):
    """Everything that decides a result; where and on what device it runs is not part of it.

    With `split_seed` the data (split, fixed negatives) follow a seed of their own, so that `seed` varies the
    training alone. `control` takes away what a score is supposed to come from, to see what survives. `prune`
    makes the trained model smaller, step by step; encoder and head are those before the first step.
    `structure` adds what the message edges around a pair say of it.
    """

    data: DataConfig = DataConfig()
    features: FeatureConfig = FeatureConfig()
    split: Component = {"name": "transductive"}
    negatives: NegativesConfig = NegativesConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    encoder: Component = {"name": "lookup"}
    head: Component = {"name": "dual"}
    loss: Component = {"name": "bce"}
    training: TrainingConfig = TrainingConfig()
    seed: int = Field(42, ge=0)
    split_seed: int | None = Field(None, ge=0)
    control: str | None = None
    prune: tuple[PruneConfig, ...] = ()
    structure: StructureConfig | None = None

    @property
    def structure_options(self) -> dict[str, Any] | None:
        """The options of the structure term, for `build_model`."""
        return None if self.structure is None else self.structure.model_dump()

    @property
    def structure_features(self) -> tuple[str, ...]:
        """The pair features of the structure term; none without one."""
        return () if self.structure is None else self.structure.features

    @property
    def monitored(self) -> tuple[str, tuple[str, ...]]:
        """The metric, and over which regimes its mean is what stops training and chooses the weights."""
        metric, _, regimes = self.training.monitor.partition("@")
        return metric, tuple(regimes.split("+")) if regimes else self.evaluation.negatives[:1]

    @property
    def data_seed(self) -> int:
        """The seed of the split and of the negatives that stay: `split_seed`, or else `seed`."""
        return self.seed if self.split_seed is None else self.split_seed

    @property
    def fixed_negatives_seed(self) -> int | None:
        """The seed of training negatives that are the same in all epochs; None where each draws its own."""
        return None if self.negatives.fresh else self.data_seed

    def fine_tuning(self, number: int) -> ExperimentConfig:
        """The fine-tuning of a pruning step, from 1, as an experiment: with draws and folds of its own."""
        from grnpyg.seeding import derive

        step = self.prune[number - 1]
        settings = {"max_epochs": step.finetune_epochs, "lr": step.finetune_lr or self.training.lr}
        return self.model_copy(
            update={
                "training": self.training.model_copy(update=settings),
                "seed": derive(self.seed, "fine-tuning", number),
                "split_seed": self.data_seed,
            }
        )

    def hash(self) -> str:
        """12 hex digits, the same for the same content; the name of the run's directory."""
        content = self.model_dump(mode="json")
        for section, key in ADDED_LATER:
            where = content if section is None else content[section]
            if not where[key]:
                del where[key]
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_yaml(self) -> str:
        """The whole config, defaults included."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


def make_config(values: dict[str, Any], *, where: object = None) -> ExperimentConfig:
    """Check a nested dictionary and fill in every default, those of the components included.

    Raises:
        InputError: an unknown key (lists the valid ones), a wrong value, an unknown component or option.
    """
    from grnpyg.compress.importances import importances
    from grnpyg.controls import controls
    from grnpyg.encoders import encoders
    from grnpyg.heads import heads
    from grnpyg.losses import losses
    from grnpyg.negatives import negatives
    from grnpyg.splits import splits

    default = ExperimentConfig()
    try:
        config = ExperimentConfig.model_validate(values)
    except ValidationError as error:
        raise _input_error(error, where) from None

    def complete(registry: Any, spec: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
        name = spec.get("name", default["name"])
        if not isinstance(name, str):
            raise InputError(f"the name of the {registry.kind} is {name!r}, not a word", where=where)
        given = {key: value for key, value in spec.items() if key != "name"}
        return {"name": name, **registry.options(name, given)}

    for regime in config.evaluation.negatives:
        negatives.get(regime)
    if len(set(config.evaluation.negatives)) < len(config.evaluation.negatives):
        raise InputError("names a regime twice", where="evaluation.negatives")
    rows = [_row(spec, complete) for spec in config.evaluation.baselines]
    names = [spec if isinstance(spec, str) else spec["name"] for spec in rows]
    if twice := [spec["name"] for spec in rows if isinstance(spec, dict) and names.count(spec["name"]) > 1]:
        raise InputError(f"names {twice[0]} twice", where="evaluation.baselines")
    if config.control is not None:
        controls.get(config.control)
    if len(set(config.monitored[1])) < len(config.monitored[1]):
        raise InputError("names a regime twice", where="training.monitor")
    for regime in config.monitored[1]:
        if regime not in config.evaluation.negatives:
            raise unknown("regime", regime, config.evaluation.negatives, where="training.monitor")
    sampler = complete(negatives, config.negatives.sampler, NegativesConfig().sampler)
    encoder = complete(encoders, config.encoder, default.encoder)
    _check_structure(config, encoders.get(encoder["name"]).uses_messages)
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
    return config.model_copy(
        update={
            "split": complete(splits, config.split, default.split),
            "negatives": config.negatives.model_copy(update={"sampler": sampler}),
            "evaluation": config.evaluation.model_copy(update={"baselines": tuple(rows)}),
            "encoder": encoder,
            "head": complete(heads, config.head, default.head),
            "loss": complete(losses, config.loss, default.loss),
            "prune": tuple(steps),
        }
    )


def _check_structure(config: ExperimentConfig, uses_messages: bool) -> None:
    """What reads message edges and what keeps the scored ones out of them belong together."""
    from grnpyg.pair_features import pair_features

    folds = config.training.disjoint_train_ratio
    if config.training.cold_folds and folds is None:
        raise InputError(
            "folds of the nodes are as many as those of the edges",
            where="training.cold_folds",
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


def _row(spec: str | dict[str, Any], complete: Any) -> str | dict[str, Any]:
    """A baseline's name, or with options its name and all of them."""
    from grnpyg.baselines import baselines

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
    if not 0 <= values["ratio"] < 1:
        raise InputError(
            f"{values['ratio']:g} is not a share from 0 to below 1", where="--ratio", fix="0.6 removes 60 %"
        )
    return make_config({"prune": [values]}, where="grnpyg prune").prune[0]


def _input_error(error: ValidationError, where: object) -> InputError:
    first = error.errors()[0]
    *parents, key = [str(part) for part in first["loc"]] or ["config"]
    if first["type"] != "extra_forbidden":
        return InputError(f"{'.'.join([*parents, key])}: {first['msg']}", where=where or "config")
    model: Any = ExperimentConfig
    for part in parents:
        if not part.isdigit():  # a place in a list
            annotation = model.model_fields[part].annotation
            model = next((a for a in get_args(annotation) if hasattr(a, "model_fields")), annotation)
    section = ".".join(parents) or "the config"
    return unknown("key", key, model.model_fields, where=f"{where}: {section}" if where else section)
