"""What a recipe or a config sets for something that the user replaces gives way, and it is said."""

from __future__ import annotations

from typing import Any

from grnpyg_cli.output import say

COMPONENTS = ("split", "encoder", "head", "loss", "baseline", "negatives.sampler")
MODEL = ("encoder", "head", "loss", "baseline", "structure", "prune")  # sections that say what is trained
INPUTS = {"expression": ("--data", "the bundled immune cells"), "labels": ("--labels", "the bundled labels")}


def assigned(assignments: list[str]) -> dict[str, str]:
    """Key -> value, as text, of `--set KEY=VALUE`."""
    pairs = [assignment.partition("=") for assignment in assignments]
    return {key.strip(): value.strip() for key, _, value in pairs}


def names_model(components: dict[str, str | None], assignments: list[str]) -> bool:
    """Whether options or `--set` say what is trained."""
    changed = {key.partition(".")[0] for key in assigned(assignments)}
    return any(components.values()) or not changed.isdisjoint(MODEL)


def default_model(recipe: str) -> dict[str, Any]:
    """The recipe that is taken where nothing names a model, without its data; said on stderr."""
    from grnpyg.recipes import read_recipe

    values = read_recipe(recipe)
    values["data"] = {key: value for key, value in values["data"].items() if key not in INPUTS}
    say(f"note: no model named: that of the recipe {recipe} (`grnpyg list recipes` shows the others)")
    return values


def drop_replaced(values: dict[str, Any], assignments: list[str]) -> None:
    """Where `--set split.name=given` names another component, leave out the options of the first one."""
    given = assigned(assignments)
    for path in COMPONENTS:
        section, _, key = path.rpartition(".")
        holder = values.get(section) if section else values
        spec = holder.get(key) if isinstance(holder, dict) else None
        name = given.get(f"{path}.name")
        if isinstance(holder, dict) and isinstance(spec, dict) and name and name != spec.get("name"):
            holder[key] = {"name": name}
            say_dropped(path, spec, name)


def say_dropped(path: str, spec: dict[str, Any], name: str) -> None:
    """Name on stderr the options that went with the component `spec`."""
    if options := ", ".join(key for key in spec if key != "name"):
        say(f"note: {path} is {name}: options of {spec.get('name', 'the default')} dropped: {options}")


def drop_data_keys(values: dict[str, Any], given: dict[str, Any], recipe: str) -> None:
    """The keys of a recipe's section `data` fit its own data: leave them out where the user names others.

    Expression of the recipe may fail to fit the user's labels (`misfits`), what the user names may not.
    """
    section = values.get("data")
    if not isinstance(section, dict):
        return
    kept = {*INPUTS, *([] if "expression" in given else ["misfits"])}
    if "expression" in given:
        section = {key: value for key, value in section.items() if key != "misfits"}
        values["data"] = section
    if all(given.get(key, section.get(key)) == section.get(key) for key in INPUTS):
        return
    if dropped := [key for key in section if key not in kept]:
        values["data"] = {key: value for key, value in section.items() if key in kept}
        say(f"note: other data than those of the recipe {recipe}: dropped its data keys {', '.join(dropped)}")


def say_taken(values: dict[str, Any], named: set[str], recipe: str | None, *, config: bool) -> None:
    """Say what stands in for the data, or the labels, that the user did not name beside the other."""
    section = values.get("data")
    section = section if isinstance(section, dict) else {}
    if len(named) != 1:
        return
    (missing,) = set(INPUTS) - named
    option, bundled = INPUTS[missing]
    if missing not in section or section[missing] == "bundled":
        say(f"note: no {option} given: {bundled}")
    elif not config:
        say(f"note: no {option} given: {section[missing]}, as in the recipe {recipe}")
