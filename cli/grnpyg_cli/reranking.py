"""`grnpyg predict --retrieve RUN --rerank RUN`: one run ranks all pairs, another scores the best of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grnpyg.networks import Reranked, ViewOptions
    from grnpyg.runs import Run

SHARE = "10%"  # of the pairs, where nothing is said


@dataclass(frozen=True)
class Pair:
    """The options of `predict` that name two runs."""

    retrieve: Path | None
    rerank: Path | None
    candidates: str | None
    index: str | None

    @property
    def named(self) -> list[Path]:
        """The run that gives the final scores, then the one that retrieves; empty where none is named."""
        return [path for path in (self.rerank, self.retrieve) if path is not None]

    def require(self, runs: list[Path] | None, others: Mapping[str, Any]) -> bool:
        """Whether two runs are named in this way; refuses what does not go together.

        Args:
            runs: that stand without an option.
            others: option -> value, of those that need the scores of one run for every pair.

        Raises:
            InputError: half of a pair, a pair beside other runs or options, or an option without a pair.
        """
        from grnpyg.core import InputError

        if not self.named:
            for option, value in (("--candidates", self.candidates), ("--index", self.index)):
                if value is not None:
                    fix = "name two runs with --retrieve RUN --rerank RUN, or leave it out"
                    raise InputError("is of a reranking, and none is asked for", where=option, fix=fix)
            if not runs:
                fix = "name one or more runs, or two with --retrieve RUN --rerank RUN"
                raise InputError("no run is named", where="predict", fix=fix)
            return False
        if len(self.named) < 2:
            there, missing = ("retrieve", "rerank") if self.rerank is None else ("rerank", "retrieve")
            raise InputError("needs a second run", where=f"--{there}", fix=f"name it with --{missing} RUN")
        if runs:
            fix = "leave it out, or name one run without an option"
            raise InputError("stands beside --retrieve and --rerank", where=runs[0], fix=fix)
        for option, value in others.items():
            if value:
                what = "needs the scores of every pair by one run, and --rerank scores a part of them"
                raise InputError(what, where=option, fix="leave it out, or name one run without an option")
        return True

    def view(self, reranker: Run, retriever: Run, options: ViewOptions) -> Reranked:
        """The pairs, scored by both.

        Raises:
            InputError: see `grnpyg.networks.Reranked`.
        """
        from grnpyg.networks import Amount, Reranked

        index: Any = self.index or "torch"
        return Reranked(retriever, reranker, Amount.read(self.candidates or SHARE), options, index)

    def facts(self, view: Any) -> dict[str, Any]:
        """What `--json` says of it, after the scoring."""
        return {
            "retrieve": str(self.retrieve),
            "rerank": str(self.rerank),
            "scored": view.scored,
            "pairs": len(view.candidates),
        }
