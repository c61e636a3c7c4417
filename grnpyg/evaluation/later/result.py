"""What the later-curation benchmark says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from grnpyg.evaluation.methods import MODEL
from grnpyg.evaluation.other_labels import OtherLabels
from grnpyg.evaluation.run_reliability import Reliability


@dataclass(frozen=True)
class LaterResult:
    """A run, and the closed forms beside it, on the edges that a later database reports.

    Attributes:
        about: of the run: `run`, `status`, `parameters`, `control`.
        truth: the later database.
        universe: the candidates in words.
        positives: new edges among the candidates.
        unlabelled: all candidates, the positives among them.
        matched: degree-matched negatives that were drawn.
        metrics: method -> metric -> value; with resamples also `<metric>_low` and `<metric>_high`, 95 %.
        over_degree: method -> metric -> `value`, and with resamples `low` and `high`: the difference from the
            degree product on the same resamples.
        strata: `by stratum method auroc positives pairs`.
        signs: `sign method auroc positives`; empty where the database has no repression.
        elsewhere: what was left out because another database reports it; None where that was not asked for.
        reliability: the run's probabilities beside what came true, as they are and told how many edges there
            are; empty for a run without probabilities.
    """

    about: Mapping[str, Any]
    truth: OtherLabels
    universe: str
    positives: int
    unlabelled: int
    matched: int
    metrics: Mapping[str, Mapping[str, float]]
    over_degree: Mapping[str, Mapping[str, Mapping[str, float]]]
    strata: pd.DataFrame
    signs: pd.DataFrame
    elsewhere: Mapping[str, Any] | None = None
    reliability: tuple[Reliability, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One line per method, metrics as columns, `<metric>_over_degree` among them."""
        lines = []
        for method, own in self.metrics.items():
            line: dict[str, Any] = {"method": method, **own}
            for metric, values in self.over_degree[method].items():
                for key, value in values.items():
                    line[f"{metric}_over_degree" + ("" if key == "value" else f"_{key}")] = value
            lines.append(line)
        return pd.DataFrame(lines)

    def to_dict(self) -> dict[str, Any]:
        """What `grnpyg eval --later LABELS --json` prints: `run status parameters control later{...}`.

        Under `later`: `labels` and the counts of the database, `universe positives unlabelled
        degree_matched_negatives`, `metrics{...}` of the run's model, `baselines{method: {...}}`,
        `over_degree{method: {metric: {value, low, high}}}`, `strata{by: {stratum: {positives, pairs,
        auroc{method: ...}}}}`, `signs{sign: {positives, auroc{method: ...}}}`, where asked for
        `known_elsewhere{...}`, and `reliability[...]`.
        """
        later: dict[str, Any] = {
            **self.truth.to_dict(),
            "universe": self.universe,
            "positives": self.positives,
            "unlabelled": self.unlabelled,
            "degree_matched_negatives": self.matched,
            "metrics": dict(self.metrics.get(MODEL, {})),
            "baselines": {name: dict(own) for name, own in self.metrics.items() if name != MODEL},
            "over_degree": {
                name: {metric: dict(values) for metric, values in own.items()}
                for name, own in self.over_degree.items()
            },
            "strata": {
                str(by): _nested(own, "stratum", ("positives", "pairs"))
                for by, own in self.strata.groupby("by", sort=False)
            },
        }
        if len(self.signs):
            later["signs"] = _nested(self.signs, "sign", ("positives",))
        if self.elsewhere is not None:
            later["known_elsewhere"] = dict(self.elsewhere)
        if self.reliability:
            later["reliability"] = [own.to_dict() for own in self.reliability]
        return {**self.about, "later": later}


def _nested(table: pd.DataFrame, key: str, counts: tuple[str, ...]) -> dict[str, Any]:
    """value of `key` -> its counts, and the AUROC of every method."""
    return {
        str(value): {
            **{count: int(own[count].iloc[0]) for count in counts},
            "auroc": dict(zip(own["method"], own["auroc"].astype(float), strict=True)),
        }
        for value, own in table.groupby(key, sort=False)
    }
