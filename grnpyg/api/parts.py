"""What a `LinkPredictor` is made of, as Python code gives it, and as the sections of a config say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grnpyg.api.specs import spec_of
from grnpyg.core.config import ExperimentConfig, StructureConfig
from grnpyg.core.errors import InputError, unknown, warn
from grnpyg.core.seeding import forked
from grnpyg.data.grn import GRN
from grnpyg.models.encoders import NodeEncoder, encoders
from grnpyg.models.heads import Head, heads
from grnpyg.models.predictor import PairModel, build_model, initialised, pair_shape
from grnpyg.models.structure import StructureTerm
from grnpyg.recipes import BEST, read_recipe

OF_DATA = frozenset(  # sections of a recipe that are not the predictor's
    {"data", "features", "knowledge", "split", "evaluation", "fallback"}
)
PLAIN = {"encoder": "lookup", "head": "dual"}  # where one part alone is named
KINDS = (("encoder", encoders, NodeEncoder), ("head", heads, Head))


class Parts:
    """Encoder, head and structure term, and what the recipe says of their training.

    Args:
        encoder: a name, a class, an instance or a mapping; None: that of the recipe.
        head: the same.
        structure: options of the structure term; None: that of the recipe, or none.
        recipe: a name of `grnpyg list recipes`; None: `best` where no part is given, or else no recipe.
        options: of the encoder and of the head.

    Attributes:
        sections: of a config.
        instances: kind -> the encoder or head that was given as an instance.
        recipe: the name; None without one.

    Raises:
        InputError: an unknown name or option.
    """

    def __init__(
        self, encoder: Any, head: Any, structure: Any, recipe: str | None, options: Mapping[str, Any]
    ) -> None:
        given = {"encoder": encoder, "head": head}
        nothing = encoder is None and head is None and structure is None
        self.recipe = BEST if recipe is None and nothing else recipe
        values = {} if self.recipe is None else read_recipe(self.recipe)
        self.sections = {key: value for key, value in values.items() if key not in OF_DATA}
        base = {kind: self.sections.get(kind, PLAIN[kind]) for kind in PLAIN}
        self.instances = {kind: given[kind] for kind, _, parent in KINDS if isinstance(given[kind], parent)}
        parts: dict[str, dict[str, Any]] = {}
        known: dict[str, set[str]] = {}
        for kind, registry, _ in KINDS:
            part = base[kind] if given[kind] is None else given[kind]
            own = kind in self.instances
            parts[kind] = spec_of(registry, type(part) if own else part)
            known[kind] = set() if own else set(registry.options(parts[kind]["name"], {}))
        for key, value in options.items():
            if not any(key in names for names in known.values()):
                if not any(known.values()):
                    what = f"encoder and head of the recipe {self.recipe} have no options, and no {key}"
                    raise InputError(what, where="LinkPredictor", fix="name an encoder or a head")
                raise unknown("option", key, set.union(*known.values()), where="LinkPredictor")
            for kind, names in known.items():
                if key in names:
                    parts[kind].setdefault(key, value)
        self.sections |= parts
        if structure is not None or "structure" not in self.sections:
            self.sections["structure"] = _structure(structure)

    def for_settings(self, settings: tuple[str, ...]) -> dict[str, Any]:
        """The sections, where the monitor of a recipe is over those of its settings that the split has.

        Where it has none of them, its first setting decides, which is said.
        """
        training = self.sections.get("training", {})
        metric, at, names = training.get("monitor", "").partition("@")
        there = [name for name in names.split("+") if name in settings]
        if not at or there == names.split("+"):
            return self.sections
        if not there:
            what = f"the split has none of the settings that choose the epoch ({names}): {settings[0]} does"
            warn(what, where=f"the recipe {self.recipe}", fix="name them in split(..., negatives=[...])")
        monitor = f"{metric}@{'+'.join(there)}" if there else metric
        return {**self.sections, "training": {**training, "monitor": monitor}}

    def build(self, config: ExperimentConfig, grn: GRN) -> PairModel:
        """The untrained model of a config, with the instances that were given."""
        if not self.instances:
            return build_model(grn.graph, config.encoder, config.head, config.seed, config.structure_options)
        encoder = self.instances.get("encoder")
        if encoder is None:
            with forked(config.seed, "init", "encoder"):
                encoder = encoders.build_from(config.encoder, grn.graph)
        assert isinstance(encoder, NodeEncoder)
        head = self.instances.get("head")
        if head is None:
            with forked(config.seed, "init", "head"):
                head = heads.build_from(config.head, pair_shape(encoder, grn.graph))
        assert isinstance(head, Head)
        structure = None
        if config.structure_options is not None:
            with forked(config.seed, "init", "structure"):
                structure = StructureTerm(grn.graph, **config.structure_options)
        return initialised(PairModel(encoder, head, structure), grn.graph, config.seed)


def _structure(given: object) -> dict[str, Any] | None:
    """The checked options of the structure term."""
    if given is None:
        return None
    if not isinstance(given, Mapping):
        kind, fix = type(given).__name__, "give a mapping, {} for every default, or None"
        raise InputError(f"structure: a {kind} holds no options", where="LinkPredictor", fix=fix)
    known = StructureConfig.model_fields
    for key in given:
        if key not in known:
            raise unknown("option", key, known, where="LinkPredictor, structure")
    return dict(given)
