"""What an evaluation says: metrics of every method for each subset and setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from grnpyg.evaluation.run_reliability import Reliability
from grnpyg.metrics.calibration import CalibrationReport
from grnpyg.metrics.method_table import MethodTable
from grnpyg.runs.manifest import Reached


@dataclass(frozen=True)
class Ranking:
    """The full ranking of a subset.

    Attributes:
        universe: the candidates in words.
        metrics: of every method.
    """

    universe: str
    metrics: MethodTable


@dataclass(frozen=True)
class HiddenPositives:
    """What unlabelled pairs that are truly positive could do to the model's figures.

    Attributes:
        auroc: from `pu_bounds`.
        at_logit_0: from `pu_cutoff_bounds` at logit 0; empty if the scores are not logits.
    """

    auroc: pd.DataFrame
    at_logit_0: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Lists of records."""
        return {name: getattr(self, name).to_dict("records") for name in ("auroc", "at_logit_0")}


@dataclass(frozen=True)
class SubsetResult:
    """One held-out subset.

    Attributes:
        settings: setting -> metrics of every method.
        negatives: setting -> what its negatives are.
        hidden: setting -> what hidden positives could do.
        ranking: the full ranking; None where it was not asked for.
        calibration: setting -> report; empty where it was not asked for.
        reliability: the run's probabilities beside what came true; None where that was not asked for.
    """

    settings: Mapping[str, MethodTable]
    negatives: Mapping[str, Reached]
    hidden: Mapping[str, HiddenPositives]
    ranking: Ranking | None
    calibration: Mapping[str, CalibrationReport]
    reliability: Reliability | None = None

    def tables(self) -> Iterator[tuple[str, MethodTable]]:
        """Setting and metrics of every method, the full ranking as a last setting `ranking`."""
        yield from self.settings.items()
        if self.ranking is not None:
            yield "ranking", self.ranking.metrics

    def to_dict(self, model: str) -> dict[str, Any]:
        """JSON-ready: the model under `regimes` and `ranking`, all other methods under `baselines`."""
        others = dict.fromkeys(name for table in self.settings.values() for name in table if name != model)
        result: dict[str, Any] = {
            "regimes": {setting: dict(table[model]) for setting, table in self.settings.items()},
            "baselines": {
                name: {setting: dict(table[name]) for setting, table in self.tables()} for name in others
            },
            "negatives": {setting: facts.to_dict() for setting, facts in self.negatives.items()},
            "positive_unlabelled": {setting: hidden.to_dict() for setting, hidden in self.hidden.items()},
        }
        if self.ranking is not None:
            result["ranking"] = {"universe": self.ranking.universe, **self.ranking.metrics[model]}
        if self.calibration:
            result["calibration"] = {name: report.to_dict() for name, report in self.calibration.items()}
        if self.reliability is not None:
            result["reliability"] = self.reliability.to_dict()
        return result


@dataclass(frozen=True)
class EvaluationResult:
    """Metrics of several methods on the same held-out pairs.

    Attributes:
        subsets: subset -> its result; the one that was asked for comes first.
        model: the method that the result is about: the model of a run, or the first one that was given.
        leaks: what the split gives away, by name.
        about: of an evaluated run: `run`, `status`, `parameters` and `control`.
    """

    subsets: Mapping[str, SubsetResult]
    model: str = "model"
    leaks: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def to_frame(self) -> pd.DataFrame:
        """One line per subset, setting and method: `subset setting method` and the metrics as columns.

        Degree and additive baselines are always among the methods. A metric that a method does not have is
        nan. With a full ranking there is also the setting `ranking`.
        """
        frames = [
            table.to_frame().assign(subset=subset, setting=setting)
            for subset, result in self.subsets.items()
            for setting, table in result.tables()
        ]
        whole = pd.concat(frames, ignore_index=True)
        keys = ["subset", "setting", "method"]
        return whole[[*keys, *(column for column in whole if column not in keys)]]

    def to_dict(self) -> dict[str, Any]:
        """What `grnpyg eval --json` prints.

        `run split status parameters leaks control regimes{setting: metrics}
        baselines{method: {setting: metrics}} negatives{...} positive_unlabelled{...}`, with `ranking{...}`
        `calibration{...}` and `reliability{...}` where they were asked for. Further subsets of the test are
        under
        `cells{subset: {regimes, baselines, ...}}`.
        """
        (subset, first), *others = self.subsets.items()
        result = {
            **self.about,
            "split": subset,
            "leaks": list(self.leaks),
            **first.to_dict(self.model),
        }
        if others:
            result["cells"] = {name: own.to_dict(self.model) for name, own in others}
        return result
