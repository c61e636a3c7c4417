"""Which known edges to start from, where the user names none."""

from __future__ import annotations

from grnpyg.core.errors import InputError
from grnpyg.data import catalog

LARGE = {"human": "collectri"}  # taken where it is on this machine
BUNDLED = {"human": "bundled"}


def default_labels(species: str) -> tuple[str, str]:
    """The label set for a species, and a sentence on why it was taken.

    Raises:
        InputError: none is known for this species.
    """
    large = LARGE.get(species)
    if large is not None and catalog.cached(large) is not None:
        return large, f"known edges: {large}, as it is on this machine"
    if species in BUNDLED:
        return BUNDLED[species], (
            f"known edges: the bundled ones (DoRothEA A to C); `grnpyg data fetch {large}` brings a larger "
            "set, which is then taken in its place"
        )
    raise InputError(
        f"no known edges of {species} come with grnpyg",
        where="--labels",
        fix="name a table of TF -> gene edges: --labels FILE",
    )
