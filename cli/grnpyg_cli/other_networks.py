"""`--with`: networks of other tools that an evaluation puts beside its methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grnpyg_cli.options import assignments_of

if TYPE_CHECKING:
    from grnpyg.evaluation import PairList


def pair_lists(
    files: Sequence[Path] | None, names: Sequence[str] | None, columns: Sequence[str] | None
) -> dict[str, PairList]:
    """Name -> network, in the order given.

    Args:
        files: those of `--with`.
        names: one for each file, or none: a file is called by its name without suffix.
        columns: one for each file, or none.

    Raises:
        InputError: another number of names or columns than of files, the same name twice, or a file that
            cannot be read.
    """
    from grnpyg.core import InputError
    from grnpyg.evaluation import PairList

    files = files or []
    for option, given in (("--name", names), ("--columns", columns)):
        if given and len(given) != len(files):
            what = f"{len(given)} given for {len(files)} files of --with"
            raise InputError(what, where=option, fix="give one for each file in their order, or none")
    own = names or [path.name.partition(".")[0] or path.name for path in files]
    if len(set(own)) < len(own):
        twice = next(name for name in own if own.count(name) > 1)
        fix = "name each with --name, in the order of --with"
        raise InputError(f"two networks are called {twice}", where="--with", fix=fix)
    chosen = [assignments_of(text) for text in columns] if columns else [None] * len(files)
    lists = [PairList(path, columns=which) for path, which in zip(files, chosen, strict=True)]
    return dict(zip(own, lists, strict=True))


def coverage_line(name: str, facts: dict[str, Any]) -> str:
    """What a network is scored by, and how much of the pairs it names, in a sentence."""
    settings = [
        (f"{subset}, {setting}", share)
        for subset, own in facts["listed"].items()
        for setting, share in own.items()
    ]
    shares = ", ".join(f"{100 * share['pairs']:.0f} % of {where}" for where, share in settings)
    left_out = [share for _, share in settings if share["positives"] < share["negatives"] / 2]
    doubt = ""
    if left_out:
        edges, others = (100 * left_out[0][kind] for kind in ("positives", "negatives"))
        doubt = (
            f"; it lists {edges:.0f} % of the edges and {others:.0f} % of the other pairs: if it was written "
            "without the known edges, its scores here say nothing"
        )
    return (
        f"note: {name} lists {facts['rows']:,} pairs ({facts['score']}), {facts['in_graph']:,} of them in "
        f"the run, with {100 * facts['tfs']:.0f} % of its TFs and {100 * facts['genes']:.0f} % of its genes; "
        f"it lists {shares}; pairs that it does not list are tied at the bottom{doubt}"
    )
