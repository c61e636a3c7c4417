"""What a tuning file says: read as YAML, no unknown key, every range a range."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from grnpyg.core.data_config import Section
from grnpyg.core.errors import InputError, unknown
from grnpyg.studies.sources import read_section, require_word

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

# Decide what is measured or for how long: the same in every trial, or the trials could not be compared.
FIXED = ("data", "split", "evaluation", "seed", "split_seed", "control", "prune", "training.max_epochs")

LARGEST = 1e300  # of a number in a range


def _number(value: Any) -> int | float:
    """A number as YAML has it, whole or not; 1e-3 is a word there."""
    if isinstance(value, str):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < LARGEST:
        raise ValueError("a number is wanted")
    return value


def _as_weights(value: Any) -> Any:
    return {value: 1.0} if isinstance(value, str) else value


def _as_names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Number = Annotated[int | float, PlainValidator(_number)]
Weight = Annotated[float, Field(gt=0)]


class Parameter(Section):
    """What one config key may be: a range of numbers, or choices.

    Attributes:
        low: smallest value; whole numbers at both ends mean whole numbers between.
        high: largest value, included.
        log: drawn evenly on the logarithmic scale.
        step: only low, low + step, ... up to high.
        choices: the values, in place of a range: words, numbers, true, false, null.
        models: the models that have the key; all of them by default.
    """

    low: Number | None = None
    high: Number | None = None
    log: bool = False
    step: Number | None = None
    choices: tuple[Any, ...] | None = None
    models: Annotated[tuple[str, ...] | None, BeforeValidator(_as_names)] = None

    @property
    def edges(self) -> tuple[Any, ...]:
        """The values that are tried out before any training: both ends, or every choice."""
        return (self.low, self.high) if self.choices is None else self.choices

    @property
    def distribution(self) -> BaseDistribution:
        """Optuna's counterpart, which also knows what a sound range is.

        Raises:
            ValueError: neither a range nor choices, or one that Optuna refuses.
        """
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.choices is not None:
            if self.model_dump(include={"low", "high", "log", "step"}, exclude_defaults=True):
                raise ValueError("has choices and a range")
            return CategoricalDistribution(self.choices)
        low, high, step = self.low, self.high, self.step
        if low is None or high is None:
            raise ValueError("is not a range, which has low and high, and has no choices")
        if isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int)):
            return IntDistribution(low, high, log=self.log, step=1 if step is None else step)
        return FloatDistribution(low, high, log=self.log, step=step)

    def require_sound(self, where: str) -> None:
        """Check the range or the choices.

        Raises:
            InputError: they cannot be drawn from, or leave no choice.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # steps that do not meet the end, choices with structure
                distribution = self.distribution
        except (ValueError, UserWarning) as error:
            raise InputError(" ".join(str(error).split()), where=where) from None
        twice = any(self.edges.count(choice) > 1 for choice in self.edges)
        if distribution.single() or twice:
            raise InputError("has one value, or one value twice", where=where, fix="give different values")


class TuningFile(Section):
    """A tuning as it is written down.

    Attributes:
        name: a word; the file's stem by default.
        base: a config file, relative to the tuning file, `recipe:NAME`, or a config.
        space: dotted config key -> what it may be.
        models: name -> change of the base, given like it; a recipe is what leads from the base to it.
        trials: of every model.
        batch: so many trials of a model are drawn at a time, each from the finished trials of the batches
            before, and may be trained in parallel. By default they are drawn one by one.
        objective: a validation metric, `auroc@degree_matched`, or metric -> weight for their weighted mean.
    """

    name: str | None = None
    base: Any = None
    space: Annotated[dict[str, Parameter], Field(min_length=1)]
    models: Annotated[dict[str, Any], Field(min_length=1)]
    trials: int = Field(ge=1, le=100_000)
    batch: int = Field(1, ge=1, le=100_000)
    objective: Annotated[dict[str, Weight], Field(min_length=1), BeforeValidator(_as_weights)]


def read_tuning_file(path: Path) -> TuningFile:
    """Read a tuning file.

    Raises:
        InputError: not YAML, an unknown key (lists the valid ones), a wrong value or range, a key that a
            tuning leaves alone, or Optuna is not installed.
    """
    require_optuna()
    file = read_section(TuningFile, path, {"space": Parameter})
    for name in file.models:
        require_word(name, "model's name", path)
    for key, parameter in file.space.items():
        where = f"{path}: space.{key}"
        if any(f"{key}.".startswith(f"{fixed}.") for fixed in FIXED):
            raise InputError(
                "decides what is measured or for how long, so it is the same in every trial",
                where=where,
                fix="set it in the base",
            )
        parameter.require_sound(where)
        for model in parameter.models or ():
            if model not in file.models:
                raise unknown("model", model, file.models, where=f"{where}.models")
    return file


def require_optuna() -> None:
    """Check that Optuna is installed.

    Raises:
        InputError: it is not; says how to install it.
    """
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise InputError("Optuna is not installed", fix='pip install "grnpyg[tune]"') from None
