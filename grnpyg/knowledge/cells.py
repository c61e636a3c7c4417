"""The user's own cells: genes that are active in the same cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field
from sklearn.decomposition import PCA

from grnpyg.core.seeding import derive, numpy_generator
from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Vectors, unit_rows
from grnpyg.knowledge.tables import MissingError

if TYPE_CHECKING:
    from anndata import AnnData


@knowledge.register("cells")
class Cells(KnowledgeSource):
    """The cells of `--data` themselves: genes active in the same cells.

    Similarity: correlation of the log values over the cells. With more than `most` cells it is the cosine of
    the genes' loadings on the principal components, over at most `sample` cells drawn at random, so that
    memory and time stay bounded.

    Args:
        most: cells over which correlations are taken as they are.
        sample: cells of which the principal components are computed.
        components: how many.
    """

    date = "yours"
    licence = "yours"
    species = "any"
    tier: Tier = "measured"
    own: ClassVar[bool] = False

    def __init__(
        self,
        *,
        most: Annotated[int, Field(ge=2)] = 2000,
        sample: Annotated[int, Field(ge=2)] = 20_000,
        components: Annotated[int, Field(ge=1)] = 64,
    ) -> None:
        self.most, self.sample, self.components = most, sample, components

    @classmethod
    def origin(cls) -> str:
        """See `KnowledgeSource.origin`."""
        return "--data"

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        if cells is None:
            raise MissingError("there is no expression", fix="give cells with --data")
        if cells.n_obs < 3:
            raise MissingError(f"{cells.n_obs} cells are too few for correlations", fix="give more cells")
        rows = genes.own_rows([str(name) for name in cells.var_names])
        first = np.unique(rows, return_index=True)[1]
        first = first[rows[first] >= 0]
        if cells.n_obs <= self.most:
            profiles = _centred(cells.X[:, first])
            note = f"correlation over {cells.n_obs:,} cells"
        else:
            profiles, note = self._loadings(cells.X, first, seed)
        matrix = np.zeros((len(genes.names), profiles.shape[1]))
        matrix[rows[first]] = profiles
        unit = unit_rows(matrix)
        return Facts(known=np.abs(unit).sum(axis=1) > 0, space=Vectors(unit), notes=(note,))

    def _loadings(self, values: Any, columns: NDArray[np.intp], seed: int) -> tuple[NDArray[Any], str]:
        """(num_genes, num_components): correlation, up to what the components leave out, is their cosine."""
        total, note = values.shape[0], f"{values.shape[0]:,} cells"
        if total > self.sample:
            draw = numpy_generator(seed, "knowledge", "cells").choice(total, self.sample, replace=False)
            values, note = values[np.sort(draw)], f"{self.sample:,} of {total:,} cells, drawn at random"
        values = values[:, columns]
        values = values.tocsr() if sp.issparse(values) else np.asarray(values)
        number = min(self.components, min(values.shape) - 1)
        state = derive(seed, "knowledge", "components") % 2**32
        # arpack also takes sparse values, and centres them without writing the zeros out
        pca = PCA(number, svd_solver="arpack", random_state=state).fit(values.astype(np.float64))
        loadings = pca.components_.T * np.sqrt(pca.explained_variance_)
        return loadings, f"{number} principal components of {note}"


def _centred(values: Any) -> NDArray[np.float64]:
    """(num_genes, num_cells) values less the gene's mean; exactly 0 for a gene that is constant."""
    dense = np.asarray(values.toarray() if sp.issparse(values) else values, np.float64).T
    centred: NDArray[np.float64] = dense - dense.mean(axis=1, keepdims=True)
    centred[np.ptp(dense, axis=1) == 0] = 0
    return centred
