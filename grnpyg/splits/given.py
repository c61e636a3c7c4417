"""A published split: one file per subset, read unchanged and checked for leaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.config import SPARED
from grnpyg.core.errors import InputError, LeakageError, examples
from grnpyg.data import catalog
from grnpyg.data.formats.genelink import read_gene_index
from grnpyg.data.graph import GENE, REGULATES, TF, pair_codes
from grnpyg.data.text.files import read_text
from grnpyg.data.text.table import parse_table
from grnpyg.splits import leakage
from grnpyg.splits.base import Splitter, splits
from grnpyg.splits.brought import spares_held_out
from grnpyg.splits.leakage import COLD_IN_UNIVERSE
from grnpyg.splits.link_split import LabelledPairs, LinkSplit
from grnpyg.splits.messages import with_messages

ACKNOWLEDGE = "set split.acknowledge_leaks to true"
COLUMNS = ["TF", "Target", "Label"]


@splits.register("given")
class GivenSplit(Splitter):
    """Read train, validation and test files (columns `TF`, `Target`, `Label` 0 or 1) of another program.

    Its negatives are the setting `given`, in evaluation and as training sampler. Known edges that are in none
    of the files are set aside. A split that leaks is refused, and the error names the leak. Only nodes
    without a training edge, and training negatives that avoid the held-out edges, can be accepted, and then
    every run is marked.

    Args:
        source: a split of the catalogue, or a folder with `Train_set.csv`, `Validation_set.csv` and
            `Test_set.csv`, as GENELink, GNNLink and scGREAT share them.
        train: file, instead of a source.
        test: file.
        validation: file; without it no model can be trained.
        gene_index: needed if the files hold numbers: a folder with a `Target.csv` (columns `Gene`, `index`),
            or a label set of the catalogue that has one. Splits of the catalogue need none.
        acknowledge_leaks: accept `cold-in-universe`, and training negatives that avoid the held-out edges
            (`negatives-spare-held-out`).
    """

    def __init__(
        self,
        *,
        source: str = "",
        train: str = "",
        test: str = "",
        validation: str = "",
        gene_index: str = "",
        acknowledge_leaks: bool = False,
    ) -> None:
        if bool(source) == bool(train and test):
            raise InputError(
                "the split `given` needs files",
                where="split",
                fix="set split.source, or split.train and split.test",
            )
        named = {"train": train, "validation": validation, "test": test}
        self.source, self.gene_index = source, gene_index
        self.named = {subset: Path(path) for subset, path in named.items() if path}
        self.acknowledged = acknowledge_leaks

    def files(self) -> dict[str, Path]:
        """See `Splitter.files`."""
        index = self._index()
        return self._parts() | ({} if index is None else {"gene_index": index / "Target.csv"})

    def _parts(self) -> dict[str, Path]:
        """The file of each subset."""
        if not self.source:
            return self.named
        found = catalog.resolve(self.source)
        roles = {"train": "Train_set", "validation": "Validation_set", "test": "Test_set"}
        if isinstance(found, Path):
            return {subset: found / f"{role}.csv" for subset, role in roles.items()}
        if found.kind != "split":
            raise InputError(f"data set {self.source!r} is not a split", where="split.source")
        return {subset: catalog.path(found, role) for subset, role in roles.items()}

    def _index(self) -> Path | None:
        """The folder of the `Target.csv` that says what the numbers mean."""
        spec = self.gene_index
        if not spec and self.source:
            entry = catalog.resolve(self.source)
            spec = "" if isinstance(entry, Path) else entry.genes_from or ""
        if not spec:
            return None
        found = catalog.resolve(spec)
        return found if isinstance(found, Path) else catalog.path(found, "Target").parent

    def divide(self, data: HeteroData, seed: int) -> LinkSplit:
        """See `Splitter.split`; the seed decides nothing here.

        Raises:
            InputError: a file that cannot be used, or a leak.
        """
        paths, index = self._parts(), self._index()
        symbols = None if index is None else read_gene_index(index)
        pairs = {subset: _read(path, data, symbols) for subset, path in paths.items()}
        known = pair_codes(data, data[REGULATES].edge_index)
        for subset, labelled in pairs.items():
            strange = ~torch.isin(pair_codes(data, labelled.positives), known)
            if strange.any():
                raise InputError(
                    f"{int(strange.sum())} of its positives are not known edges of the labels",
                    where=paths[subset],
                    fix="give the labels that the split was made from",
                )
            if not labelled.positives.numel() or not labelled.negatives.numel():
                raise InputError("holds pairs of one label only", where=paths[subset])
        positives = {subset: labelled.positives for subset, labelled in pairs.items()}
        every = torch.cat([labelled.edge_label_index for labelled in pairs.values()], dim=1)
        ends = every if self.acknowledged else positives["train"]
        warm = {TF: ends[0].unique(), GENE: ends[1].unique()}
        in_a_part = torch.isin(known, pair_codes(data, torch.cat(list(positives.values()), dim=1)))
        split = LinkSplit(
            with_messages(data, positives["train"]),
            positives,
            warm,
            0,
            data[REGULATES].edge_index[:, ~in_a_part],
            {subset: labelled.negatives for subset, labelled in pairs.items()},
            (COLD_IN_UNIVERSE,) if self.acknowledged else (),
            regime="given",
        )
        if self.acknowledged and spares_held_out(split):
            split = replace(split, leaks=(*split.leaks, SPARED))
        self._require_clean(split, pairs)
        return split

    def _require_clean(self, split: LinkSplit, pairs: dict[str, LabelledPairs]) -> None:
        held_out = {subset: pairs[subset] for subset in split.held_out}
        outside = {p: int((~split.is_candidate(s.edge_label_index, p)).sum()) for p, s in held_out.items()}
        if not self.acknowledged and any(outside.values()):
            raise InputError(
                f"{COLD_IN_UNIVERSE}: {sum(outside.values()):,} held-out pairs name a TF or gene without any "
                "training edge",
                where=self._parts()["test"],
                fix=f"{ACKNOWLEDGE}: every run is then marked",
            )
        try:
            leakage.check(split)
            leakage.check_evaluation(split, held_out)
            leakage.check_training(split, pairs["train"], held_out)
        except LeakageError as error:
            fix = (
                f"{ACKNOWLEDGE}: every run is then marked"
                if str(error).startswith(SPARED)
                else "correct the files"
            )
            raise InputError(str(error), where="split given", fix=fix) from None


def _read(path: Path, data: HeteroData, symbols: dict[str, str] | None) -> LabelledPairs:
    table = parse_table(read_text(path), path)
    if missing := [name for name in COLUMNS if name not in table.columns]:
        found = examples(table.columns, 8)
        raise InputError(f"found the columns {found}", where=path, fix=f"needs {', '.join(missing)}")
    if table.empty:
        raise InputError("holds no pair", where=path)
    label = pd.to_numeric(table["Label"], errors="coerce")
    if not label.isin([0, 1]).all():
        raise InputError("a Label is neither 0 nor 1", where=path)
    ends = [_ids(table[end], kind, path, data, symbols) for end, kind in (("TF", TF), ("Target", GENE))]
    return LabelledPairs(torch.stack(ends), torch.tensor(label.to_numpy("float32")))


def _ids(names: pd.Series, kind: str, path: Path, data: HeteroData, symbols: dict[str, str] | None) -> Tensor:
    if symbols is not None:
        names = names.map(symbols)
        if names.isna().any():
            raise InputError(f"{int(names.isna().sum())} numbers are not in Target.csv", where=path)
    ids = pd.Index(data[kind].name).get_indexer(pd.Index(names))
    if (ids < 0).any():
        strangers = names[ids < 0].unique()
        raise InputError(
            f"{len(strangers):,} names are not {kind}s of the labels: {examples(strangers)}",
            where=path,
            fix="give the labels that the split was made from; numbers need split.gene_index",
        )
    return torch.from_numpy(ids).long()
