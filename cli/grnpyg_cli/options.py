"""Options that several commands share, and how they become a config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from grnpyg.core.config import ExperimentConfig

DATA = "Data and identifiers"
Expression = Annotated[
    str | None,
    typer.Option(
        "--data", help="Expression: a catalogue name or a file. (default: bundled)", rich_help_panel=DATA
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(help="Known edges: a catalogue name or a file. (default: bundled)", rich_help_panel=DATA),
]
Layer = Annotated[str | None, typer.Option(help="Layer of the h5ad or loom to read.", rich_help_panel=DATA)]
UseRaw = Annotated[bool, typer.Option("--use-raw", help="Read .raw of the h5ad.", rich_help_panel=DATA)]
Backed = Annotated[
    bool, typer.Option("--backed", help="Leave the h5ad matrix on disk.", rich_help_panel=DATA)
]
GenesIn = Annotated[
    str | None, typer.Option(help="Axis of a text table: rows or columns.", rich_help_panel=DATA)
]
Obs = Annotated[
    str | None, typer.Option(help="Cell metadata table (first column = cells).", rich_help_panel=DATA)
]
IdMap = Annotated[
    str | None,
    typer.Option(help="Two-column table that maps identifiers of the labels.", rich_help_panel=DATA),
]
AllowMixed = Annotated[
    bool,
    typer.Option("--allow-mixed-ids", help="Accept labels in several namespaces.", rich_help_panel=DATA),
]
Tfs = Annotated[
    str | None,
    typer.Option(help="List of TFs, one a line; every source must be in it.", rich_help_panel=DATA),
]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Experiment as a YAML file.")]
Recipe = Annotated[
    str | None, typer.Option(help="A config that is shipped with grnpyg: `grnpyg list recipes`.")
]
Assignments = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any key of the config.")
]
Seed = Annotated[int | None, typer.Option(help="Seed of everything random. (default: 42)")]
Runs = Annotated[Path, typer.Option(help="Folder of the run directories.")]


def data_values(**given: Any) -> dict[str, Any]:
    """The keys of the config's section `data` that the command line gives."""
    return {key: value for key, value in given.items() if value not in (None, False)}


def make(
    config: Path | None,
    assignments: list[str] | None,
    sections: dict[str, dict[str, Any]],
    components: dict[str, str | None],
    seed: int | None,
    *,
    recipe: str | None = None,
) -> ExperimentConfig:
    """The config file or the recipe, then the options, then `--set`.

    A component named by an option keeps the options that the file gives it if the file names the same one.
    """
    from grnpyg.core.config_file import override, read_yaml
    from grnpyg.core.errors import InputError
    from grnpyg.recipes import recipe_path
    from grnpyg.resolve import make_config

    if recipe is not None:
        if config is not None:
            raise InputError(
                "both --recipe and --config are given",
                fix="give one of them; --set changes single keys of either",
            )
        config = recipe_path(recipe)
    values = {} if config is None else read_yaml(config)
    for section, given in sections.items():
        values[section] = {**_mapping(values, section, config), **given}
    for kind, name in components.items():
        if name is not None:
            below = values.get(kind)
            below = {"name": below} if isinstance(below, str) else _mapping(values, kind, config)
            values[kind] = below if below.get("name") == name else {"name": name}
    if seed is not None:
        values["seed"] = seed
    return make_config(override(values, assignments or []), where=config)


def _mapping(values: dict[str, Any], section: str, config: Path | None) -> dict[str, Any]:
    from grnpyg.core.errors import InputError

    below = values.get(section)
    if below is not None and not isinstance(below, dict):
        raise InputError(f"{section} is {below!r}, not a section of keys and values", where=config)
    return below or {}
