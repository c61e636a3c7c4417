"""Options shared by several commands, and the config that they make."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from grnpyg_cli.replacing import (
    INPUTS,
    assigned,
    default_model,
    drop_data_keys,
    drop_replaced,
    names_model,
    say_dropped,
    say_taken,
)

if TYPE_CHECKING:
    import pandas as pd

    from grnpyg.core import ExperimentConfig

DATA = "Data and identifiers"


def _data(*names: str, **options: Any) -> Any:
    return typer.Option(*names, rich_help_panel=DATA, **options)


@dataclass(frozen=True)
class DataOptions:
    """Input data: the config's section `data`."""

    data: Annotated[
        str | None, _data("--data", help="Expression: a catalogue name or a file. (default: bundled)")
    ] = None
    labels: Annotated[
        str | None, _data(help="Known edges: a catalogue name or a file. (default: bundled)")
    ] = None
    layer: Annotated[str | None, _data(help="Layer of the h5ad or loom to read.")] = None
    use_raw: Annotated[bool | None, _data("--use-raw", help="Read .raw of the h5ad.")] = None
    backed: Annotated[bool | None, _data("--backed", help="Leave also a small h5ad matrix on disk.")] = None
    var_names: Annotated[str | None, _data(help="Column of var with the gene names. (default: index)")] = None
    state: Annotated[str | None, _data(help="Of the values: counts, normalised, log or scaled.")] = None
    genes_in: Annotated[str | None, _data(help="Axis of a text table: rows or columns.")] = None
    obs: Annotated[str | None, _data(help="Cell metadata table (first column = cells).")] = None
    columns: Annotated[
        str | None, _data(metavar="source=TF,target=Gene", help="Columns of the label table.")
    ] = None
    min_weight: Annotated[
        float | None, _data(help="Leave out edges whose weight or score is smaller in magnitude.")
    ] = None
    id_map: Annotated[str | None, _data(help="Two-column table that maps identifiers of the labels.")] = None
    allow_mixed_ids: Annotated[
        bool | None, _data("--allow-mixed-ids", help="Accept labels that mix several namespaces.")
    ] = None
    aliases: Annotated[
        bool | None,
        _data("--aliases/--no-aliases", help="Read former and other gene names as the current ones."),
    ] = None
    tfs: Annotated[str | None, _data(help="List of TFs, one per line; every source must be in it.")] = None
    tfs_action: Annotated[
        str | None,
        _data(help="Other sources: refused (require), left out (filter); or add the list's TFs (widen)."),
    ] = None

    species: Annotated[
        str | None, _data(help="Of the genes: human or mouse. (default: the catalogue's, or by the names)")
    ] = None

    @property
    def section(self) -> dict[str, Any]:
        """The keys of the section that were given."""
        given = asdict(self)
        if self.columns is not None:
            given["columns"] = assignments_of(self.columns)
        return {
            "expression" if key == "data" else key: value for key, value in given.items() if value is not None
        }


@dataclass(frozen=True)
class ExperimentOptions:
    """The config that a command starts from, and changes to it."""

    config: Annotated[Path | None, typer.Option("--config", help="Experiment as a YAML file.")] = None
    recipe: Annotated[
        str | None, typer.Option(help="A config shipped with grnpyg: see `grnpyg list recipes`.")
    ] = None
    knowledge: Annotated[
        list[str] | None,
        _data(
            "--knowledge",
            metavar="NAME|FILE",
            help="Facts about genes from outside the labels: see `grnpyg list knowledge`. May be repeated.",
        ),
    ] = None
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any key of the config.")
    ] = None
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers. (default: 42)")] = None

    def make(
        self,
        sections: dict[str, dict[str, Any]],
        components: dict[str, str | None] | None = None,
        *,
        default: str | None = None,
    ) -> ExperimentConfig:
        """The config file or the recipe, then the options of the command, then `--set`.

        If an option names the same component as the file, the options that the file sets for it stay;
        those of a component that is replaced go. What a recipe says of its data goes when others are named.

        Args:
            sections: section -> keys that the command's options give.
            components: kind -> name that an option gives, or None.
            default: recipe whose model is taken where nothing names one.
        """
        from grnpyg.core import InputError, override, read_yaml
        from grnpyg.recipes import recipe_path
        from grnpyg.resolve import make_config

        path = self.config
        if self.recipe is not None:
            if path is not None:
                raise InputError(
                    "both --recipe and --config are given",
                    fix="give one of them; --set changes single keys of either",
                )
            path = recipe_path(self.recipe)
        values = {} if path is None else read_yaml(path)
        changes = self.assignments or []
        if default is not None and path is None and not names_model(components or {}, changes):
            values = default_model(default)
        of_data = {k.removeprefix("data."): v for k, v in assigned(changes).items() if k.startswith("data.")}
        of_data = {**sections.get("data", {}), **of_data}
        named = set(of_data) & set(INPUTS)
        if self.recipe is not None or path is None:
            drop_data_keys(values, of_data, self.recipe or str(default))
        say_taken(values, named, self.recipe, config=self.config is not None)
        for section, given in sections.items():
            values[section] = {**_mapping(values, section, path), **given}
        for kind, name in (components or {}).items():
            if name is not None:
                below = values.get(kind)
                below = {"name": below} if isinstance(below, str) else _mapping(values, kind, path)
                if below.get("name") != name:
                    say_dropped(kind, below, name)
                    below = {"name": name}
                values[kind] = below
        if self.knowledge:
            values["knowledge"] = {**_mapping(values, "knowledge", path), "sources": self.knowledge}
        if self.seed is not None:
            values["seed"] = self.seed
        drop_replaced(values, changes)
        return make_config(override(values, changes), where=path)


@dataclass(frozen=True)
class EdgeOptions:
    """Which edges of a network file to take."""

    new: Annotated[bool, typer.Option("--new", help="Leave out the edges of the labels.")] = False
    top: Annotated[int | None, typer.Option(help="Only the best N pairs. (default: all)")] = None
    min_probability: Annotated[
        float | None, typer.Option(metavar="P", help="Only pairs of at least this probability.")
    ] = None
    columns: Annotated[
        str | None,
        typer.Option(metavar="source=TF,target=Gene", help="Columns of another tool's table."),
    ] = None

    def read(self, network: Path) -> pd.DataFrame:
        """The edges of a network file that are asked for."""
        from grnpyg.networks import is_shards, read_network, read_shards
        from grnpyg.networks.export import cut

        if is_shards(network):  # only what is asked for is held in memory
            table = read_shards(network, top=self.top, new=self.new, min_probability=self.min_probability)
            return cut(table, min_probability=self.min_probability, where=network)
        table = read_network(network, None if self.columns is None else assignments_of(self.columns))
        return cut(table, new=self.new, top=self.top, min_probability=self.min_probability, where=network)


Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")]
TrustPlugins = Annotated[
    bool,
    typer.Option("--trust-plugins", help="Run the plug-in files that a run names; read them first."),
]
Runs = Annotated[Path, typer.Option(help="Folder of the run directories.")]
Seed = Annotated[int | None, typer.Option(help="Seed of all random numbers. (default: 42)")]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1, help="Threads of each process; changes the last bits of a result. (default: processors / jobs)"
    ),
]


def assignments_of(text: str) -> dict[str, str]:
    """`a=b,c=d` as a mapping."""
    from grnpyg.core import InputError

    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and equals and value.strip() for name, equals, value in pairs):
        raise InputError(
            f"{text!r} is not NAME=COLUMN", where="--columns", fix="--columns source=TF,target=Gene"
        )
    return {name.strip(): value.strip() for name, _, value in pairs}


def _mapping(values: dict[str, Any], section: str, config: Path | None) -> dict[str, Any]:
    from grnpyg.core import InputError

    below = values.get(section)
    if below is not None and not isinstance(below, dict):
        raise InputError(f"{section} is {below!r}, not a section of keys and values", where=config)
    return below or {}
