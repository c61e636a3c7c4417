"""The groups of what a model knows of a pair, by which a score is explained."""

from __future__ import annotations

from collections.abc import Iterable

from grnpyg.core.errors import unknown

DEGREE, KNOWN_EDGES, KNOWLEDGE, VECTORS = "degree", "known_edges", "knowledge", "vectors"
GROUPS: dict[str, str] = {
    DEGREE: "how many known edges each end has",
    KNOWN_EDGES: "which known edges there are around the pair",
    KNOWLEDGE: "facts about genes and cells from outside the labels",
    VECTORS: "learned vectors of both ends, which the head compares",
}
"""Group -> what it is, in the order of the columns of an explained network."""


def require_groups(names: Iterable[str], where: str) -> None:
    """Check the groups that a component names.

    Args:
        names: of groups.
        where: the component, for the message.

    Raises:
        InputError: an unknown one.

    Example:
        >>> require_groups(["degree"], "head mine")
    """
    for name in names:
        if name not in GROUPS:
            raise unknown("group", name, GROUPS, where=where)
