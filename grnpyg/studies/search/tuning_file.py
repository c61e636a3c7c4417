"""What a tuning file says: read as YAML, no unknown key, every range a range."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, ValidationError

from grnpyg.core.config import Section
from grnpyg.core.config_file import read_yaml
from grnpyg.core.errors import InputError, unknown

# Decide what is measured or for how long: the same in every trial, or the trials could not be compared.
FIXED = ("data", "split", "evaluation", "seed", "split_seed", "control", "prune", "training.max_epochs")


def _number(value: Any) -> int | float:
    """A number as YAML has it, whole or not; 1e-3 is a word there."""
    if isinstance(value, str):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
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

    def require_sound(self, where: str) -> None:
        """Refuse what is neither a range nor choices.

        Raises:
            InputError: says what is wrong with it.
        """
        if self.choices is not None:
            if self.model_dump(include={"low", "high", "log", "step"}, exclude_defaults=True):
                raise InputError("has choices and a range", where=where, fix="give one of them")
            _require_choices(self.choices, where)
            return
        if self.low is None or self.high is None:
            raise InputError("is no range", where=where, fix="give low and high, or choices")
        if self.low >= self.high:
            raise InputError(f"low {self.low} is not below high {self.high}", where=where)
        if self.log and self.low <= 0:
            raise InputError(f"a logarithmic range cannot start at {self.low}", where=where)
        if self.log and self.step is not None:
            raise InputError("has log and step", where=where, fix="give one of them")
        if self.step is not None:
            if self.step <= 0:
                raise InputError(f"the step {self.step} is not above 0", where=where)
            low, high, step = (Decimal(str(number)) for number in (self.low, self.high, self.step))
            if rest := (high - low) % step:
                raise InputError(
                    f"steps of {step} from {low} do not meet {high}",
                    where=where,
                    fix=f"set high to {high - rest}",
                )


class TuningFile(Section):
    """A tuning as it is written down.

    Attributes:
        name: a word; the file's stem by default.
        base: a config file, relative to the tuning file, `recipe:NAME`, or a config.
        space: dotted config key -> what it may be.
        models: name -> change of the base, given like it; a recipe is what leads from the base to it.
        trials: of every model.
        objective: a validation metric, `auroc@degree_matched`, or metric -> weight for their weighted mean.
    """

    name: str | None = None
    base: Any = None
    space: Annotated[dict[str, Parameter], Field(min_length=1)]
    models: Annotated[dict[str, Any], Field(min_length=1)]
    trials: int = Field(ge=1)
    objective: Annotated[dict[str, Weight], Field(min_length=1), BeforeValidator(_as_weights)]


def read_tuning_file(path: Path) -> TuningFile:
    """Read a tuning file.

    Raises:
        InputError: not YAML, an unknown key (lists the valid ones), a value of the wrong kind, a range that
            is none, or a key that a tuning leaves alone.
    """
    try:
        file = TuningFile.model_validate(read_yaml(path))
    except ValidationError as error:
        raise _input_error(error, path) from None
    for kind, names in (("tuning", (file.name or path.stem,)), ("model", tuple(file.models))):
        for name in names:
            if not re.fullmatch(r"[\w.-]+", name):
                raise InputError(
                    f"the {kind}'s name {name!r} is not a word of letters, digits, - _ and .", where=path
                )
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


def _require_choices(choices: tuple[Any, ...], where: str) -> None:
    if len(choices) < 2:
        raise InputError("leaves no choice", where=where, fix="give two at least, or set the key in the base")
    for choice in choices:
        if not (choice is None or isinstance(choice, (str, int, float, bool))):
            raise InputError(
                f"the choice {choice} is not a word or number",
                where=where,
                fix="name it as one of the models, or tune its keys one by one",
            )
        if sum(choice == other for other in choices) > 1:
            raise InputError(f"the choice {choice} is there twice", where=where)


def _input_error(error: ValidationError, path: Path) -> InputError:
    errors = error.errors()  # a key that is misspelt is missing too: the first says less
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    location = [str(part) for part in first["loc"]]
    where = f"{path}: {'.'.join(location[:-1])}" if location[1:] else str(path)
    if first["type"] == "extra_forbidden":
        section = Parameter if location[0] == "space" else TuningFile
        return unknown("key", location[-1], section.model_fields, where=where)
    return InputError(f"{location[-1]}: {first['msg']}", where=where)
