"""The schema of an experiment, one YAML file; `grnpyg.resolve` checks it against the components."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import BeforeValidator, Field, field_validator, model_validator

from grnpyg.core.data_config import DataConfig, FeatureConfig, KnowledgeConfig, Section
from grnpyg.core.seeding import derive

Component = Annotated[
    dict[str, Any], BeforeValidator(lambda value: {"name": value} if isinstance(value, str) else value)
]


SPARED = "negatives-spare-held-out"  # the leak of negatives that avoid what is held out


class MiningConfig(Section):
    """Hard negatives: of many candidates those that the model itself takes for edges.

    Before every epoch `candidates` times as many pairs are drawn as negatives are needed. The model scores
    them, and of each TF's those with the highest scores are kept. An unlabelled pair that scores like the
    TF's known edges may be an edge that nobody has reported, so it is left out.

    Attributes:
        candidates: drawn for each negative that is kept.
        margin: a candidate is left out that scores less than this below the mean of the TF's positives; in
            units of the logit. This is the guard of sentence-transformers' `mine_hard_negatives`, whose
            margin is to one positive.
    """

    candidates: int = Field(8, ge=2, le=1000)
    margin: float = Field(1.0, ge=0)


class NegativesConfig(Section):
    """Training negatives: the sampler, how many per positive, and whether every epoch draws new ones.

    Attributes:
        sampler: draws them.
        ratio: negatives per positive.
        fresh: every epoch draws new ones.
        scheme: `blind`: the sampler knows the training edges alone, so that a held-out edge is drawn as often
            as any other unlabelled pair. `sparing`, as before 0.2.0, draws no held-out edge and no
            evaluation negative: what is never drawn then tells where the held-out edges are. It exists to
            repeat stored figures, and every run says `negatives-spare-held-out`.
        mining: keep the hardest of several times as many; None: all that are drawn.
    """

    version: ClassVar[int] = 2
    as_before: ClassVar[dict[str, tuple[Any, int]]] = {"scheme": ("sparing", 1)}

    sampler: Component = {"name": "uniform"}
    ratio: float = Field(1.0, gt=0, le=1e6)
    fresh: bool = True
    scheme: Literal["blind", "sparing"] = "blind"
    mining: MiningConfig | None = None


class EvaluationConfig(Section):
    """Evaluation: the settings (names of negative samplers), negatives per positive, and the baselines.

    The pairs of every setting are drawn before training, from the pairs that no label names. With `ranking`
    the run also holds the full ranking of all genes for each TF, which scores every pair. A baseline is a
    name, or a mapping with options: `{name: lightgcn, num_layers: 3}`.
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


class TeacherConfig(Section):
    """Distillation: trained models whose scores this one learns, beside the labels.

    The teachers are trained on the same split, so that they know no held-out edge either. What they know of a
    training edge is what they would say if they did not know it, see `grnpyg.models.known_edges`.

    Attributes:
        changes: what is different in the config of the teacher: `{head: cross}`. The whole config of a run
            does as well, and `--teacher RUN` gives it.
        seeds: of several teachers, whose mean score is learned; none: one teacher, with the seed of this run.
        loss: with s the scores of the model and t those of the teacher: `margin_mse`, the mean over the
            positives p and negatives n of a batch of ((s_p - s_n) - (t_p - t_n))^2 (Hofstätter et al. 2020,
            arXiv 2010.02666, equation 2, with a batch in place of a query); `kl`, the divergence of
            sigmoid(s) from sigmoid(t) (Hinton et al. 2015, arXiv 1503.02531).
        weight: share of this loss; the rest is that of the labels.
    """

    changes: dict[str, Any] = {}
    seeds: tuple[int, ...] = ()
    loss: Literal["margin_mse", "kl"] = "margin_mse"
    weight: float = Field(0.5, gt=0, le=1)

    @model_validator(mode="before")
    @classmethod
    def _no_path(cls, given: Any) -> Any:
        if isinstance(given, str):
            raise ValueError(
                "name a run by --teacher RUN, or say what is different: {changes: {head: cross}}"
            )
        return given

    @field_validator("seeds")
    @classmethod
    def _each_once(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("names a seed twice")
        return seeds


class TrainingConfig(Section):
    """The optimisation.

    The model is validated after every epoch. At the first epoch, and at every `check_every`-th one after it,
    the value of `monitor` is compared with the best check so far. Training stops after `patience` checks
    without improvement. `keep` chooses the weights of the best epoch or of the last one. With `schedule:
    cosine` the learning rate of epoch e is lr (1 + cos(pi e / max_epochs)) / 2, e from 0.

    `monitor` is a metric of the first evaluation setting, or of the setting after an @:
    `ap@degree_matched`. Settings joined by + are averaged. With uniform negatives alone the best epoch is
    the one that models degree best. With degree-matched ones alone the level of the scores may drift between
    nodes of different degree without being noticed.

    An encoder that passes messages scores each batch on the graph without the batch's own edges. With
    `disjoint_train_ratio` the training positives are divided into folds of that share instead: the positives
    of one fold are scored in an epoch and carry no messages in it, the others only carry messages, and the
    next epoch takes the next fold. This is cheaper, as all batches of an epoch share one graph. With
    `cold_folds` every other epoch takes a fold of the nodes instead (`splits.folds`). This prepares the
    model for unseen TFs and genes, provided that the encoder has no id embeddings.

    With a `teacher` the model learns the scores of another one as well.
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
    schedule: Literal["constant", "cosine"] = "constant"
    precision: Literal["fp32", "bf16"] = "fp32"
    disjoint_train_ratio: float | None = Field(None, gt=0, le=0.5)
    cold_folds: bool = False
    teacher: TeacherConfig | None = None


class StructureConfig(Section):
    """The structure term beside the head: which pair features, and the MLP that reads them.

    It needs `training.disjoint_train_ratio`: features of a fold's pairs come from the other folds' edges.

    Attributes:
        features: names of pair features.
        hidden_channels: width of the two hidden layers.
        dropout: probability of dropping a unit of the first one in training.
        outputs: names of negative samplers, uniform first: the model gets an output for each, trained
            against that kind of negatives (`negatives.ratio` per positive), and the score combines them, see
            `grnpyg.models.structure.combined`. `negatives.sampler` is then for the baselines alone. Empty:
            one output, trained against the negatives of `negatives.sampler`.
        top_features: those of `features` that a second MLP reads, to order the pairs at the top: an output of
            its own, trained against uniform negatives. Numbers that complete a regulator's set from similar
            sets are best left out here: such sets are copied within a database, and the next one does not
            hold them.
        additive: an MLP for each group of features (degree, known edges, knowledge; together with about as
            many parameters), whose terms are added: `grnpyg predict --explain` then reads what each group
            adds to an output. Else one MLP reads all of them.
    """

    version: ClassVar[int] = 2  # values beyond the range of training are clipped
    first_defaults: ClassVar[dict[str, Any]] = {
        "features": ("degree", "ease", "svd", "tf_neighbours", "gene_neighbours", "walks", "own_gene")
    }

    features: tuple[str, ...] = Field(
        ("degree", "ease", "spectral", "tf_neighbours", "gene_neighbours", "walks", "own_gene"), min_length=1
    )
    hidden_channels: int = Field(64, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)
    outputs: tuple[str, ...] = ()
    top_features: tuple[str, ...] = ()
    additive: bool = False


class PruneConfig(Section):
    """A pruning step: remove the share `ratio` of the units of every group that `what` names.

    `what` is `hidden` (what `hidden_channels` counts), `embedding` (columns of z) or `all`. Fine-tuning uses
    the settings of the training and, unless `finetune_lr` is given, its learning rate. `optimizer` sets the
    initial state of Adam: empty (`fresh`), empty with a learning rate that rises over the first epoch
    (`warm_up`), or the stored moments of the weights that stay (`carried`).
    """

    ratio: float = Field(ge=0, lt=1)
    what: Literal["hidden", "embedding", "all"] = "hidden"
    importance: Component = {"name": "activation_variance"}
    finetune_epochs: int = Field(0, ge=0)
    finetune_lr: float | None = Field(None, gt=0)
    optimizer: Literal["fresh", "warm_up", "carried"] = "fresh"


class ExperimentConfig(Section):
    """A whole experiment: everything that decides its result. The device and the folder are not part of it.

    With `split_seed` the split and the fixed negatives use that seed, and `seed` varies the training alone.
    `control` removes what a score is supposed to come from, to see how much of the score remains. `prune`
    makes the trained model smaller, step by step; encoder and head are those before the first step.
    `structure` adds features of a pair that are computed from the message edges around it, and `knowledge`
    adds facts about genes from outside the labels to the graph, which pair features and encoders may read.

    With `baseline` this baseline is the model, in place of encoder, head, structure term, loss and training:
    those keys then have no effect. With `fallback` the run hands out the best of its baselines wherever that
    one beats the trained model on the validation pairs, by the metric and settings of `training.monitor`.

    `shortage` is for labels that name too many pairs, or too few, for what the config asks. They are refused
    (`refuse`), or the work is done with what there is, and what is missing is said (`say`): as many negatives
    as there are, no evaluation setting and no output whose sampler finds no pair, and no fold that scores
    nothing.
    """

    unhashed: ClassVar[frozenset[str]] = frozenset({"shortage"})

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
    baseline: Component | None = None
    knowledge: KnowledgeConfig | None = None
    fallback: bool = False
    shortage: Literal["refuse", "say"] = "refuse"

    @property
    def model_name(self) -> str:
        """The model in words: `lookup + dual`, `pair features`, or the name of the baseline."""
        if self.baseline:
            return str(self.baseline["name"])
        encoder, head = self.encoder["name"], self.head["name"]
        return "pair features" if encoder == "none" else f"{encoder} + {head}"

    @property
    def structure_options(self) -> dict[str, Any] | None:
        """The options of the structure term, for `build_model`."""
        return None if self.structure is None else self.structure.model_dump()

    @property
    def structure_features(self) -> tuple[str, ...]:
        """The pair features of the structure term; none without one."""
        return () if self.structure is None else self.structure.features

    @property
    def structure_outputs(self) -> tuple[str, ...]:
        """The kind of negatives that each output of the model learns from; none: it has a single output."""
        if self.structure is None:
            return ()
        return (*self.structure.outputs, *(["uniform"] if self.structure.top_features else []))

    @property
    def monitored(self) -> tuple[str, tuple[str, ...]]:
        """The monitored metric, and the settings over which it is averaged."""
        metric, _, regimes = self.training.monitor.partition("@")
        return metric, tuple(regimes.split("+")) if regimes else self.evaluation.negatives[:1]

    def monitored_among(self, drawn: Collection[str]) -> tuple[str, ...]:
        """The monitored settings among those that have pairs; the first setting if none of them has any.

        Args:
            drawn: settings with pairs. `shortage: say` may leave out any but the first.
        """
        found = tuple(setting for setting in self.monitored[1] if setting in drawn)
        return found or self.evaluation.negatives[:1]

    @property
    def leaks(self) -> tuple[str, ...]:
        """Names of the leaks that the config brings, whatever its split."""
        return (SPARED,) if self.negatives.scheme == "sparing" else ()

    @property
    def data_seed(self) -> int:
        """The seed of the split and of the fixed negatives: `split_seed` if given, otherwise `seed`."""
        return self.seed if self.split_seed is None else self.split_seed

    @property
    def fixed_negatives_seed(self) -> int | None:
        """The seed of training negatives fixed for all epochs; None if every epoch draws new ones."""
        return None if self.negatives.fresh else self.data_seed

    def fine_tuning(self, number: int) -> ExperimentConfig:
        """The fine-tuning of pruning step `step` (from 1) as an experiment with its own draws and folds."""
        step = self.prune[number - 1]
        settings = {"max_epochs": step.finetune_epochs, "lr": step.finetune_lr or self.training.lr}
        return self.model_copy(
            update={
                "training": self.training.model_copy(update=settings),
                "seed": derive(self.seed, "fine-tuning", number),
                "split_seed": self.data_seed,
            }
        )

    def to_yaml(self) -> str:
        """The whole config, defaults included."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)
