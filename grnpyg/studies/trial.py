"""One trial of a study: a config, and its place in the grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from grnpyg.core.errors import InputError

if TYPE_CHECKING:
    from grnpyg.core.config import ExperimentConfig


def in_words(levels: Mapping[str, str]) -> str:
    """Levels as a person reads them: `head=dual seed=42`."""
    return " ".join(f"{axis}={level}" for axis, level in levels.items()) or "base"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a trial stands in the grid of its study.

    Attributes:
        study: name of the study.
        levels: axis -> name of the level, in the order of the axes.
        over: the axes that tables average over.
        notes: are kept in the manifest of the run, for example what the widths were matched to.
    """

    study: str
    levels: Mapping[str, str]
    over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The levels in words: `head=dual seed=42`."""
        return in_words(self.levels)

    @property
    def group(self) -> tuple[str, ...]:
        """The study and every level, those of the averaged axes left out."""
        return (self.study, *(level for axis, level in self.levels.items() if axis not in self.over))


@dataclass(frozen=True, kw_only=True)
class PlannedTrial(Place):
    """A trial without its config: enough to find its run.

    Attributes:
        hashes: every name under which its run may be found, the present one first; none if its widths are not
            matched yet.
    """

    hashes: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The hash of the config; empty if its widths have not been matched yet."""
        return self.hashes[0] if self.hashes else ""


@dataclass(frozen=True, kw_only=True)
class Trial(Place):
    """A trial with its config.

    Attributes:
        config: checked, every default filled in.
        matched: False if the config still has the widths that the study file gives, and they are to be
            matched to the parameter count of another trial. `resolve_widths` does so.
    """

    config: ExperimentConfig
    matched: bool = True

    @property
    def hash(self) -> str:
        """The config's hash, which names the run directory; see `hashes`."""
        return self.hashes[0]

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        """Every hash under which a run or stored rows of the config may be found, the present one first.

        Raises:
            InputError: the widths have not been matched yet.
        """
        from grnpyg.resolve import known_hashes  # imports torch, which `study status` does not need

        if not self.matched:
            raise InputError(
                "its widths are not matched to the data yet",
                where=f"study {self.study}, trial {self.name}",
                fix="call grnpyg.studies.resolve_widths(study) first",
            )
        return known_hashes(self.config)

    @property
    def known_hashes(self) -> tuple[str, ...]:
        """The hashes; none if the widths have not been matched yet."""
        return self.hashes if self.matched else ()


AnyTrial = Trial | PlannedTrial


def line_of(trial: Trial) -> dict[str, Any]:
    """A trial as another process is told of it, ready for JSON."""
    config = trial.config.model_dump(mode="json")
    return {"study": trial.study, "levels": dict(trial.levels), "config": config, "notes": trial.notes}


def trial_of(line: Mapping[str, Any]) -> Trial:
    """The trial of `line_of`.

    Raises:
        InputError: its config is not valid here.
    """
    from grnpyg.resolve import make_config  # imports torch

    notes = tuple(line["notes"])
    return Trial(study=line["study"], levels=line["levels"], config=make_config(line["config"]), notes=notes)
