"""Tables of the field's tools and databases, recognised by the names of their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grnpyg.core.errors import InputError
from grnpyg.data.formats.columns import ALIASES, plain_name


@dataclass(frozen=True)
class Known:
    """A table that is read by name.

    Args:
        name: for the report.
        needs: columns that it always has, as `plain_name` writes them.
        columns: kind -> its column, or several in order of preference. Beside the kinds of
            `columns.ALIASES`, `up` and `down` (1 where an edge activates or represses) and `signature` (a
            name such as `STAT1_+_+_(12g)` that holds the sign).
        reversed: the table has the gene in `source` and the TF in `target`.
    """

    name: str
    needs: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    reversed: bool = False


@dataclass(frozen=True)
class Undirected:
    """A table of links between proteins without a direction: `name`, and the names of its two ends."""

    name: str
    ends: tuple[str, str]


def _known(name: str, needs: str, *, reversed: bool = False, **columns: str) -> Known:
    return Known(
        name,
        frozenset(needs.split()),
        {kind: tuple(names.split()) for kind, names in columns.items()},
        reversed,
    )


KNOWN = (
    _known(
        "OmniPath",
        "source_genesymbol target_genesymbol",
        source="source_genesymbol",
        target="target_genesymbol",
        up="consensus_stimulation is_stimulation",
        down="consensus_inhibition is_inhibition",
        sign="mor",
        confidence="dorothea_level",
    ),
    _known(
        "SCENIC+ eRegulons",
        "tf gene region",
        source="tf",
        target="gene",
        weight="importance_tf2g tf2g_importance",
        sign="regulation_tf2g tf2g_regulation",
        signature="gene_signature_name eregulon_name",
    ),
    _known(
        "GENIE3", "regulatorygene targetgene", source="regulatorygene", target="targetgene", weight="weight"
    ),
    _known(
        "SCENIC's regulonTargetsInfo",
        "tf gene highconfannot",
        source="tf",
        target="gene",
        weight="coexweight genie3weight",
    ),
    _known(  # a logit is no weight: a negative one is not repression
        "grnpyg's network",
        "tf target importance probability known",
        source="tf",
        target="target",
        weight="probability",
        sign="sign",
    ),
    _known("GRNBoost2", "tf target importance", source="tf", target="target", weight="importance"),
    _known(
        "RegNetwork",
        "regulator_symbol target_symbol",
        source="regulator_symbol",
        target="target_symbol",
        confidence="confidence",
    ),
    _known("TFLink", "name_tf name_target", source="name_tf", target="name_target"),
    _known("hTFtarget", "tf target tissue", source="tf", target="target"),
    _known(
        "CellOracle links", "source target coef_mean", source="source", target="target", weight="coef_mean"
    ),
    _known(
        "CollecTRI", "source target weight sign_decision", source="source", target="target", weight="weight"
    ),
    _known(
        "Harmonizome",
        "source source_desc target target_desc",
        source="target",
        target="source",
        weight="weight",
        reversed=True,
    ),
)
UNDIRECTED = (
    Undirected("STRING", ("protein1", "protein2")),
    Undirected("STRING", ("node1", "node2")),
    Undirected("BioGRID", ("official_symbol_interactor_a", "official_symbol_interactor_b")),
    Undirected("BioGRID or IntAct (MITAB)", ("id(s)_interactor_a", "id(s)_interactor_b")),
    Undirected("BioGRID or IntAct (MITAB)", ("id_interactor_a", "id_interactor_b")),
)


def recognise(listed: Sequence[str], where: object, *, chosen: bool = False) -> Known | None:
    """The format with these columns, or None.

    Args:
        listed: names of the columns.
        where: the file, for the message.
        chosen: the user chose the columns of both ends.

    Raises:
        InputError: links without a direction, unless `chosen`.
    """
    by_name = {plain_name(column): column for column in listed}
    for links in UNDIRECTED:
        if not chosen and by_name.keys() >= set(links.ends):
            first, second = (by_name[end] for end in links.ends)
            raise InputError(
                f"is a table of {links.name}: links between proteins without a direction, not TFs and their "
                "target genes",
                where=where,
                fix=f"give a table of TFs and target genes (columns {' or '.join(ALIASES['source'])}, and "
                f"{' or '.join(ALIASES['target'])}); or, if the first end is the TF, take it so with "
                f"--columns {quoted(source=first, target=second)}",
            )
    return next((known for known in KNOWN if by_name.keys() >= known.needs), None)


def columns_of(known: Known, listed: Sequence[str]) -> dict[str, list[str]]:
    """Kind -> the column of a recognised table, as a list of at most one."""
    by_name = {plain_name(column): column for column in reversed(listed)}
    return {
        kind: [by_name[name] for name in names if name in by_name][:1]
        for kind, names in known.columns.items()
    }


def quoted(**columns: str) -> str:
    """What follows `--columns` in a shell: `source=TF,target=Gene`, in quotation marks where needed."""
    text = ",".join(f"{kind}={column}" for kind, column in columns.items())
    return text if all(c.isalnum() or c in "_-.,=:" for c in text) else f'"{text}"'
