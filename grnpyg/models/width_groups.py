"""Width groups: the slices of parameters that belong to one unit and are removed together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from grnpyg.core.errors import InputError, unknown


@dataclass(frozen=True)
class Cut:
    """Position of a group's units in a parameter or buffer: unit i is index `start + i` of `dim`.

    Attributes:
        tensor: its name in the component's `state_dict`.
        dim: the dimension that shrinks.
        start: index of the first unit.
    """

    tensor: str
    dim: int
    start: int = 0


@dataclass(frozen=True)
class Group:
    """Slices that are removed together: `width` units, the same unit in every cut.

    Several groups may share a width option (the hidden layers of two towers). Each keeps its own units, but
    all keep equally many.

    Attributes:
        width: the option of the component that says how many units there are.
        makes: the slices that compute a unit: weight rows, biases, norms, columns of an embedding table.
        reads: the slices that read it. A model whose slices of a unit are all zero gives the same logits as
            one without the unit.
        layers: modules whose output holds the units in its last dimension, after the activation function.
        z: node type -> the column of z that holds the first unit, if the units are columns of z.
    """

    width: str
    makes: tuple[Cut, ...]
    reads: tuple[Cut, ...] = ()
    layers: tuple[str, ...] = ()
    z: Mapping[str, int] | None = None


def linear_cuts(layer: str) -> tuple[Cut, Cut]:
    """The slices that compute the outputs of an `nn.Linear`."""
    return Cut(f"{layer}.weight", 0), Cut(f"{layer}.bias", 0)


def mlp_group(sequence: str, width: str, first: int, second: int) -> Group:
    """The hidden units between two linear layers of an `nn.Sequential`, with an activation after the first.

    Args:
        sequence: name of the `nn.Sequential`.
        width: the option that sets their number.
        first: index of the layer that computes them.
        second: index of the layer that reads them.
    """
    makes = linear_cuts(f"{sequence}.{first}")
    return Group(width, makes, (Cut(f"{sequence}.{second}.weight", 1),), (f"{sequence}.{first + 1}",))


@dataclass(frozen=True)
class ReadOfZ:
    """Slices of a head that read columns of z: column `first + i` of z is index `start + i` of `dim`.

    Attributes:
        cut: position of the columns.
        kinds: the node types whose z is read; both for a product of the two ends.
        first: the first column that is read.
        columns: how many columns of z are read.
    """

    cut: Cut
    kinds: tuple[str, ...]
    columns: int
    first: int = 0


def reads_of_ends(channels: Mapping[str, int], layer: str) -> tuple[ReadOfZ, ...]:
    """What a head reads of z that has a layer of its own for either end, which reads all columns.

    Args:
        channels: node type -> width of its z.
        layer: name of the layer, with `{}` for the node type.

    Example:
        >>> reads_of_ends({"tf": 8}, "tower.{}.0")
        (ReadOfZ(cut=Cut(tensor='tower.tf.0.weight', dim=1, start=0), kinds=('tf',), columns=8, first=0),)
    """
    return tuple(
        ReadOfZ(Cut(f"{layer.format(kind)}.weight", 1), (kind,), columns)
        for kind, columns in channels.items()
    )


@dataclass(frozen=True)
class Selection:
    """The units of one group that stay.

    Attributes:
        group: with names as they are in the whole predictor.
        width: units before.
        kept: (n,) units that stay, ascending.
    """

    group: Group
    width: int
    kept: Tensor


def prefixed(group: Group, part: str) -> Group:
    """The group of a component with names as they are in the whole predictor."""

    def cuts(own: tuple[Cut, ...]) -> tuple[Cut, ...]:
        return tuple(replace(cut, tensor=f"{part}.{cut.tensor}") for cut in own)

    layers = tuple(f"{part}.{layer}" for layer in group.layers)
    return replace(group, makes=cuts(group.makes), reads=cuts(group.reads), layers=layers)


def reading_cut(group: Group, width: int, read: ReadOfZ) -> Cut | None:
    """Where a head reads a group of columns of z; None where it reads none of them.

    Raises:
        InputError: it reads only some of them, or the two ends of a product at different columns.
    """
    if group.z is None or not set(read.kinds) & set(group.z):
        return None
    if len({group.z.get(kind) for kind in read.kinds}) > 1:
        raise InputError(
            f"{read.cut.tensor} multiplies columns of z that {group.width} does not hold for both ends",
            fix="let one group hold the learned columns of both node types",
        )
    first = group.z[read.kinds[0]] - read.first
    if first + width <= 0 or first >= read.columns:
        return None
    if first < 0 or first + width > read.columns:
        raise InputError(f"{read.cut.tensor} reads only some of the columns of z that {group.width} counts")
    return replace(read.cut, start=read.cut.start + first)


def require_whole(group: Group, width: int, state: Mapping[str, Tensor], layers: Collection[str]) -> None:
    """Check that the tensors and modules of a group exist.

    Args:
        group: with names as they are in the model.
        width: its units.
        state: the model's state_dict.
        layers: names of the model's modules.

    Raises:
        InputError: a tensor or module that does not exist, a slice outside its tensor, or no layers.
    """
    where = f"group of {group.width}"
    for cut in (*group.makes, *group.reads):
        if cut.tensor not in state:
            raise unknown("tensor", cut.tensor, state, where=where)
        shape = tuple(state[cut.tensor].shape)
        if not (0 <= cut.dim < len(shape) and cut.start >= 0 and cut.start + width <= shape[cut.dim]):
            raise InputError(
                f"{cut.tensor} {shape} has no {width} units from {cut.start} in {cut.dim}", where=where
            )
    for layer in group.layers:
        if layer not in layers:
            raise unknown("layer", layer, layers, where=where)
    if not group.layers or not group.makes:
        raise InputError(
            "names no layer, or no slice that computes its units", where=where, fix="see `Group`"
        )


def unit_rows(tensor: Tensor, cut: Cut, width: int) -> Tensor:
    """(width, rest) the slices of all units in one tensor."""
    return tensor.movedim(cut.dim, 0)[cut.start : cut.start + width].reshape(width, -1)


def compacted(state: Mapping[str, Tensor], selections: Sequence[Selection]) -> dict[str, Tensor]:
    """A state_dict, or tensors of the same names and shapes, without the removed units."""
    stay: dict[tuple[str, int], Tensor] = {}
    for selection in selections:
        for cut in (*selection.group.makes, *selection.group.reads):
            if cut.tensor not in state:
                continue  # moments have no buffers
            size = state[cut.tensor].size(cut.dim)
            index = stay.setdefault((cut.tensor, cut.dim), torch.ones(size, dtype=torch.bool))
            index[cut.start : cut.start + selection.width] = False
            index[cut.start + selection.kept] = True
    result = dict(state)
    for (name, dim), index in stay.items():
        result[name] = result[name].index_select(dim, index.nonzero().squeeze(1)).contiguous()
    return result


@torch.no_grad()
def mask(state: Mapping[str, Tensor], selections: Sequence[Selection]) -> None:
    """Zero every slice of the removed units in place; the logits equal those of the smaller model."""
    for selection in selections:
        gone = torch.ones(selection.width, dtype=torch.bool)
        gone[selection.kept] = False
        for cut in (*selection.group.makes, *selection.group.reads):
            units = state[cut.tensor].movedim(cut.dim, 0)[cut.start : cut.start + selection.width]
            units[gone] = 0
