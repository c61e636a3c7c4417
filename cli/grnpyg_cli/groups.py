"""Options that several commands share, written once: a dataclass whose fields are the options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take dataclasses of options: Typer sees their fields as the command's own options.

    Example:
        >>> @dataclass(frozen=True)
        ... class Where:
        ...     runs: Annotated[Path, typer.Option(help="Folder of the run directories.")] = Path("runs")
        >>> @app.command()
        ... @grouped
        ... def train(where: Where, seed: int = 42) -> None: ...
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    options = {name: [option.name for option in fields(group)] for name, group in groups.items()}
    parameters = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            kinds = get_type_hints(groups[name], include_extras=True)
            parameters += [
                parameter.replace(name=option.name, default=option.default, annotation=kinds[option.name])
                for option in fields(groups[name])
            ]
        else:
            parameters.append(parameter.replace(annotation=hints[name]))

    @wraps(command)
    def call(**given: Any) -> None:
        own = {name: groups[name](**{key: given.pop(key) for key in keys}) for name, keys in options.items()}
        command(**own, **given)

    del call.__wrapped__
    keywords = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in keywords}
    call.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    return call
