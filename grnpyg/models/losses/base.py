"""Base class of losses: logits and labels of one batch -> one number."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from grnpyg.core.registry import Registry


class Loss(ABC):
    """Base of all losses; the keyword-only parameters of a subclass are its options."""

    @abstractmethod
    def __call__(self, logits: Tensor, label: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            logits: (num_pairs,) raw logits.
            label: (num_pairs,) 1.0 for a positive, 0.0 for a negative.

        Returns:
            (), differentiable in the logits; 0 (with gradient 0) if the batch has nothing to compare.
        """


losses: Registry[Loss] = Registry("loss", Loss)
