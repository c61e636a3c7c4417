"""What a comparison of two runs says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from grnpyg.metrics.paired import DeLong, PairedTest
from grnpyg.metrics.survival import surviving_share


@dataclass(frozen=True)
class Comparison:
    """Run A against run B in one subset and setting; differences are A - B.

    Attributes:
        auroc_a: AUROC of A; in the full ranking the mean of the TFs.
        auroc_b: AUROC of B.
        paired: whether both have the same pairs; where they do not, all that follows is None.
        low: lower end of the 95 % interval of the difference, two-way bootstrap of TFs and genes.
        high: upper end.
        low_by_tf: lower end of the bootstrap that draws TFs alone; None in the full ranking.
        high_by_tf: upper end.
        per_tf: Wilcoxon test of the AUROC of the TFs.
        p_holm: p of `per_tf`, corrected by Holm's method over all subsets and settings.
        delong: DeLong's test, which takes the pairs as independent: they are not. None in the full ranking.
    """

    auroc_a: float
    auroc_b: float
    paired: bool = False
    low: float | None = None
    high: float | None = None
    low_by_tf: float | None = None
    high_by_tf: float | None = None
    per_tf: PairedTest | None = None
    p_holm: float | None = None
    delong: DeLong | None = None

    @property
    def difference(self) -> float:
        """AUROC of A minus that of B."""
        return self.auroc_a - self.auroc_b

    @property
    def surviving_share(self) -> float:
        """The part of A's AUROC above chance that B has as well: read it where B is a control of A."""
        return surviving_share(self.auroc_a, self.auroc_b, 0.5)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, without what is None."""
        tests: dict[str, Any] = {
            name: getattr(self, name) for name in ("low", "high", "low_by_tf", "high_by_tf")
        }
        tests["per_tf"] = None if self.per_tf is None else asdict(self.per_tf) | {"p_holm": self.p_holm}
        tests["delong"] = None if self.delong is None else asdict(self.delong)
        return {
            "auroc_a": self.auroc_a,
            "auroc_b": self.auroc_b,
            "difference": self.difference,
            "surviving_share": self.surviving_share,
            "paired": self.paired,
            **{name: value for name, value in tests.items() if value is not None},
        }


@dataclass(frozen=True)
class ComparisonResult:
    """Two runs, compared in every subset and setting that they share.

    Attributes:
        runs: the directories of A and B.
        control: the control that each was trained under, if any.
        other_pairs: settings that are left out because the runs have different pairs in them (`hard` ones
            depend on expression).
        subsets: subset -> setting -> comparison; the full ranking is the setting `ranking`.
    """

    runs: tuple[str, str]
    control: tuple[str | None, str | None]
    other_pairs: tuple[str, ...]
    subsets: Mapping[str, Mapping[str, Comparison]]

    def to_frame(self) -> pd.DataFrame:
        """One line per subset and setting: AUROC of both, difference, interval and p-values."""
        lines = []
        for subset, settings in self.subsets.items():
            for setting, one in settings.items():
                line = {"subset": subset, "setting": setting, **one.to_dict()}
                tests = {"per_tf": line.pop("per_tf", None), "delong": line.pop("delong", None)}
                line |= {f"{test}_p": own["p"] for test, own in tests.items() if own is not None}
                lines.append(line | {"p_holm": one.p_holm})
        return pd.DataFrame(lines)

    def to_dict(self) -> dict[str, Any]:
        """What `grnpyg compare --json` prints: `runs control other_pairs parts{subset: {setting: {...}}}`."""
        return {
            "runs": list(self.runs),
            "control": list(self.control),
            "other_pairs": list(self.other_pairs),
            "parts": {
                subset: {setting: one.to_dict() for setting, one in settings.items()}
                for subset, settings in self.subsets.items()
            },
        }
