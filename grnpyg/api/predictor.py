"""`LinkPredictor`: a node encoder and a head that are fitted, scored, saved and loaded like an estimator."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pandas as pd

from grnpyg.api.parts import Parts
from grnpyg.api.specs import spec_of
from grnpyg.api.split import SETTINGS, Split
from grnpyg.core.arguments import as_path
from grnpyg.core.config import TrainingConfig
from grnpyg.core.errors import InputError, unknown
from grnpyg.core.files import require_writable
from grnpyg.data.graph import GENE, TF
from grnpyg.data.grn import GRN, DataReport
from grnpyg.evaluation.methods import model_of
from grnpyg.models.encoders import NodeEncoder
from grnpyg.models.heads import Head
from grnpyg.models.losses import Loss, losses
from grnpyg.models.scorer import Scorer, TrainedModel
from grnpyg.negatives import NegativeSampler
from grnpyg.negatives import negatives as samplers
from grnpyg.networks.explanation import Explanation
from grnpyg.networks.predict import ranked_pairs
from grnpyg.networks.probability import probability_of_split
from grnpyg.networks.wanted import Wanted
from grnpyg.resolve import make_config
from grnpyg.runs import Run, copy_run, write_run
from grnpyg.training.fit import FitResult, accelerator_for, fit
from grnpyg.training.prepare import Prepared, inputs, prepare
from grnpyg.training.record import fill_run, manifest

Spec = Mapping[str, Any]
PAIRS = ("top", "per_tf", "tf", "gene", "new")  # options of `LinkPredictor.predict`


class NotFittedError(InputError, AttributeError):
    """Something that only a fitted predictor has was asked for."""

    def __init__(self) -> None:
        super().__init__("the predictor is not fitted", fix="call fit(split) first")


class LinkPredictor:
    """A node encoder and a head that score TF -> gene pairs.

    Args:
        encoder: a name of `grnpyg list encoders`, a class, an instance, or `{"name": ..., option: ...}`.
        head: the same for `grnpyg list heads`.
        structure: options of the structure term beside the head, see `grnpyg.core.config.StructureConfig`.
        recipe: a name of `grnpyg list recipes`: gives the parts that are not named, and how they are trained.
            Without encoder, head, structure and recipe it is `best`. With an encoder or a head and no recipe,
            the other one is `lookup` or `dual`, and training has the defaults of a config. No closed form
            stands in for the model, as it may in `grnpyg train`.
        options: options of the encoder and of the head. One that both have, such as `hidden_channels`, is set
            in both; a mapping sets it in one alone.

    Attributes:
        config: the whole experiment, once it was fitted.
        split: what it was fitted on.
        model: the PyTorch module with the kept weights.
        history: one line per epoch: loss and validation metrics.
        best_epoch: the epoch whose weights are kept, counted from 1.

    Example:
        >>> import grnpyg as gp
        >>> split = gp.split(gp.build_grn(), seed=0)  # doctest: +SKIP
        >>> model = gp.LinkPredictor().fit(split)  # doctest: +SKIP
        >>> model.predict(top=1000, new=True)  # doctest: +SKIP
        >>> own = gp.LinkPredictor("sage", "dual", hidden_channels=64)
        >>> own.fit(split, negatives="degree_matched", max_epochs=60, seed=0)  # doctest: +SKIP
    """

    def __init__(
        self,
        encoder: str | type[NodeEncoder] | NodeEncoder | Spec | None = None,
        head: str | type[Head] | Head | Spec | None = None,
        *,
        structure: Spec | None = None,
        recipe: str | None = None,
        **options: Any,
    ) -> None:
        self._parts = Parts(encoder, head, structure, recipe, options)
        # bad options are refused here, not when the predictor is fitted, which gives the folds
        sections = self._parts.for_settings(SETTINGS)
        folds = {} if sections["structure"] is None else {"disjoint_train_ratio": 0.125}
        make_config({**sections, "training": folds | sections.get("training", {})})
        self._result: FitResult | None = None
        self._run: Run | None = None  # what was loaded, until the predictor is fitted again

    def fit(
        self,
        split: Split,
        *,
        negatives: str | type[NegativeSampler] | Spec | None = None,
        ratio: float | None = None,
        loss: str | type[Loss] | Spec | None = None,
        seed: int = 42,
        device: str = "auto",
        progress: bool = False,
        **training: Any,
    ) -> Self:
        """Train on the training edges of a split; the weights of the best validation epoch are kept.

        Args:
            split: from `split`.
            negatives: training negatives: a name of `grnpyg list negatives`, a class or a mapping; None:
                those of the recipe, or `uniform`.
            ratio: training negatives per positive; None: that of the recipe, or 1.
            loss: a name of `grnpyg list losses`, a class or a mapping; None: that of the recipe, or `bce`.
            seed: of the initial weights, the training negatives, the order of the pairs and dropout.
            device: `auto`, `cpu` or `cuda`.
            progress: show a progress bar on stderr.
            training: keys of the config's section `training`: `max_epochs`, `lr`, `batch_size`, `patience`,
                `monitor`, ...

        Raises:
            InputError: an option that is not known, or data that do not hold enough pairs.
            KeyboardInterrupt: Ctrl-C; where an epoch was over, the best weights so far are kept.
        """
        if not isinstance(split, Split):
            raise InputError(f"a {type(split).__name__} is no split", fix="make one with grnpyg.split")
        for key in training:
            if key not in TrainingConfig.model_fields:
                raise unknown("option", key, TrainingConfig.model_fields, where="LinkPredictor.fit")
        if split.config.control is not None:
            raise InputError(
                f"the split is of a run under the control {split.config.control}",
                where="LinkPredictor.fit",
                fix="make a split with grnpyg.split",
            )
        values = split.config.model_dump(include={"data", "features", "knowledge", "split", "evaluation"})
        sections = self._parts.for_settings(split.config.evaluation.negatives)
        drawn: dict[str, Any] = {} if negatives is None else {"sampler": spec_of(samplers, negatives)}
        if ratio is not None:
            drawn["ratio"] = ratio
        config = make_config(
            values
            | sections
            | ({} if loss is None else {"loss": spec_of(losses, loss)})
            | {
                "negatives": sections.get("negatives", {}) | drawn,
                "training": sections.get("training", {}) | training,
                "seed": seed,
                "split_seed": None if split.seed == seed else split.seed,
            }
        )
        started = time.perf_counter()
        prepared = prepare(config, split.grn, split.pairs, split.evaluation)
        model = self._parts.build(config, split.grn)
        with tempfile.TemporaryDirectory() as folder:
            result = fit(
                model,
                prepared.split,
                prepared.evaluation,
                config,
                Path(folder),
                device=device,
                progress=progress,
            )
        if result.epochs or not result.interrupted:
            self.config, self.split, self.model = config, split, model
            self._result, self._run = result, None
            self.scorer: Scorer = TrainedModel.of(model, prepared.split.graph, config)
            self._device = accelerator_for(device, 1, config)
            self._seconds = time.perf_counter() - started
        if result.interrupted:
            raise KeyboardInterrupt
        return self

    def __getattr__(self, name: str) -> Any:
        """Say that fitting comes first where an attribute that it sets is asked for.

        Raises:
            NotFittedError: an `InputError` and an `AttributeError`, so that `hasattr` works.
            AttributeError: there is no such attribute.
        """
        if name in ("config", "split", "model", "scorer", "history", "best_epoch"):
            raise NotFittedError
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __repr__(self) -> str:
        parts = ", ".join(str(self._parts.sections[kind]["name"]) for kind in ("encoder", "head"))
        size = (
            "" if self._result is None else f", {self.model.num_parameters()['total']:,} parameters, fitted"
        )
        return f"LinkPredictor({parts}{size})"

    @property
    def history(self) -> pd.DataFrame:
        """One line per epoch."""
        return pd.DataFrame(self._fitted().epochs)

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights are kept, counted from 1; 0 without training."""
        return self._fitted().best_epoch

    def predict(self, grn: GRN | None = None, *, explain: bool = False, **wanted: Any) -> pd.DataFrame:
        """The ranked network, best pair first.

        Args:
            grn: says which pairs are known; by default what the model was fitted on. It must have the same
                TFs and genes.
            explain: add the columns that say why, see `grnpyg.networks.predict`.
            wanted: which pairs to keep: `top`, `per_tf`, `tf`, `gene` and `new`, see
                `grnpyg.networks.predict`; by default all.

        Returns:
            The columns of `grnpyg.networks.predict`: `TF`, `target`, `importance` (the logit), `probability`
            (that an unknown pair is one of the edges that are found next), `known`, `rank`, ...

        Raises:
            InputError: not fitted, other TFs or genes, an option or a name that is not known, a number below
                1, or `explain` where a baseline is in the model's place.
        """
        for name in wanted:
            if name not in PAIRS:
                raise unknown("option", name, (*PAIRS, "explain"), where="LinkPredictor.predict")
        self._fitted()
        if grn is not None and not isinstance(grn, GRN):
            raise InputError(f"a {type(grn).__name__} is not a GRN", fix="make one with grnpyg.build_grn")
        graph = self.split.grn.graph if grn is None else grn.graph
        own = self.split.grn.graph
        for kind in (TF, GENE):
            if list(graph[kind].name) != list(own[kind].name):
                raise InputError(
                    f"the GRN has other {kind} nodes than the model was fitted on",
                    where="LinkPredictor.predict",
                    fix="fit a model on this GRN",
                )
        labels = (self.split.grn if grn is None else grn).data.labels
        probability = probability_of_split(self.split.pairs, self.scorer, self.config.data_seed)
        why = Explanation([self.scorer], own) if explain else None
        table = ranked_pairs(self.scorer, graph, probability, Wanted(**wanted), labels)
        return table if why is None else why.added(table)

    def save(self, path: str | Path) -> Run:
        """Write the run directory that the command line would write; `load` and `grnpyg eval` read it.

        Args:
            path: a folder that does not exist yet.

        Raises:
            InputError: not fitted, the folder exists, or encoder or head were given as instances.
        """
        result, path = self._fitted(), as_path(path, "a folder to write")
        if self._parts.instances:
            raise InputError(
                f"the {' and '.join(self._parts.instances)} is an instance, whose options a run cannot name",
                where="LinkPredictor.save",
                fix="give the class and its options in place of the instance",
            )
        for kind in ("encoder", "head", "loss"):
            if "<locals>" in getattr(self.config, kind)["name"]:
                raise InputError(
                    f"the class of the {kind} was defined in a function, so no run can name it",
                    where="LinkPredictor.save",
                    fix="define it in a module",
                )
        if path.exists() or path.is_symlink():
            raise InputError("exists already", where=path, fix="name another folder, or remove it")
        require_writable(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._run is not None:
            return copy_run(self._run, path)
        parameters = self.model.num_parameters()
        origin = {
            "inputs": {**inputs(self.config), **self.split.grn.inputs},
            "device": self._device,
            "devices": 1,
        }
        prepared = Prepared(self.split.grn, self.split.pairs, self.split.evaluation)
        facts = manifest(self.config, (), origin, prepared, parameters, result, self._seconds)
        return write_run(
            path,
            path.with_name(f".{path.name}.partial"),
            facts,
            lambda folder: fill_run(
                folder,
                self.config,
                self.split.grn.graph,
                self.split.pairs,
                self.split.evaluation,
                self.model,
                result,
            ),
        )

    @classmethod
    def load(cls, path: str | Path, *, trust_plugins: bool = False) -> Self:
        """A fitted predictor from a run directory.

        Args:
            path: the directory.
            trust_plugins: whether to run plug-in files that the run names and the trust file does not list.

        Raises:
            InputError: no run directory, or a damaged one.
        """
        run = Run.load(path, trust_plugins=trust_plugins)
        config, facts = run.config, run.manifest.data
        report = DataReport(facts.counts, facts.identifiers, facts.report, facts.warnings)
        sections, hashes = (config.data, config.features), run.manifest.inputs
        grn = GRN(run.graph, report, *sections, config.data_seed, hashes, config.knowledge)
        model, (encoder, head) = run.model, run.specs
        predictor = cls(encoder, head, structure=config.structure_options)
        predictor.config, predictor.split = config, Split(grn, config, run.split, run.evaluation)
        predictor.model, predictor._run = model, run
        predictor.scorer = model_of(run)
        predictor._result = FitResult(
            run.manifest.best_epoch,
            _records(run.epochs),
            {},
            run.manifest.status == "interrupted",
        )
        return predictor

    def scorer_on(self, split: Split) -> Scorer:
        """The model as a `Scorer`, if it was fitted on this split.

        Raises:
            InputError: not fitted, or fitted on another split, whose training edges may be tested here.
        """
        self._fitted()
        if split is not self.split and not split.same_pairs(self.split):
            raise InputError(
                "the predictor was fitted on another split, so it may know pairs that are tested here",
                where="evaluate",
                fix="fit it on this split, or evaluate on its own: model.split",
            )
        return self.scorer

    def _fitted(self) -> FitResult:
        if self._result is None:
            raise NotFittedError
        return self._result


def _records(epochs: pd.DataFrame) -> list[dict[str, float]]:
    return [{str(name): value for name, value in row.items()} for row in epochs.to_dict("records")]
