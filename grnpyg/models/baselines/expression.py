"""Expression-only classifiers on the profiles of the two ends, without node identity."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from grnpyg.data.graph import GENE, TF
from grnpyg.models.baselines.base import Baseline, baselines
from grnpyg.splits.link_split import LabelledPairs, LinkSplit

SEED = 0  # of forests and boosting: fixed as part of the model, like the number of trees


class ExpressionClassifier(Baseline):
    """A scikit-learn classifier on [x_tf | x_gene]; a subclass writes `make`."""

    gives_logits: ClassVar[bool] = True

    @abstractmethod
    def make(self) -> Any:
        """The classifier, not fitted."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Fit on the training pairs."""
        self.x = {kind: split.graph[kind].x.numpy() for kind in (TF, GENE)}
        self.model = self.make()
        self.model.fit(self._features(pairs.edge_label_index), pairs.edge_label.numpy())

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """Logits of the predicted probability, clipped to +-20."""
        probability = self.model.predict_proba(self._features(edge_label_index))[:, 1].astype(np.float64)
        with np.errstate(divide="ignore"):
            logits: NDArray[np.float64] = np.clip(logit(probability), -20, 20)
        return logits

    def _features(self, pairs: Tensor) -> NDArray[np.float32]:
        tf, gene = pairs.numpy()
        joint: NDArray[np.float32] = np.concatenate([self.x[TF][tf], self.x[GENE][gene]], axis=1)
        if joint.shape[1] == 0:  # a graph without expression: all nodes are the same
            return np.zeros((len(joint), 1), dtype=np.float32)
        return joint


@baselines.register("expression_logistic")
class ExpressionLogistic(ExpressionClassifier):
    """Logistic regression on the expression profiles of both ends."""

    def make(self) -> Any:
        """See `ExpressionClassifier`."""
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


@baselines.register("expression_random_forest")
class ExpressionRandomForest(ExpressionClassifier):
    """Random forest of 200 trees on the expression profiles of both ends."""

    def make(self) -> Any:
        """See `ExpressionClassifier`."""
        return RandomForestClassifier(n_estimators=200, random_state=SEED)


@baselines.register("expression_gradient_boosting")
class ExpressionGradientBoosting(ExpressionClassifier):
    """Gradient boosting, 200 trees, on the expression profiles of both ends."""

    def make(self) -> Any:
        """See `ExpressionClassifier`."""
        return GradientBoostingClassifier(n_estimators=200, random_state=SEED)
