"""Models of one shape as one model with stacked weights."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap
from torch_geometric.data import HeteroData

from grnpyg.core.config import TrainingConfig
from grnpyg.models.losses import Loss
from grnpyg.models.predictor import PairModel
from grnpyg.training.sparse_module import sparse_tables


class Stack:
    """S models that differ in nothing but their weights, trained by one step at a time.

    Each has a loss, a gradient norm and moments of Adam of its own, so a step of the stack is a step of every
    model, but for rounding. Embedding tables have dense gradients here.

    Args:
        models: of one shape, without dropout and without what reads message edges; they are left alone.
        graph: the nodes and their features; on the device.
        loss: of a batch.
        training: learning rate, weight decay, norm of gradients.
    """

    def __init__(
        self, models: Sequence[PairModel], graph: HeteroData, loss: Loss, training: TrainingConfig
    ) -> None:
        self.graph, self.loss, self.training = graph, loss, training
        self.device = next(iter(graph.edge_index_dict.values())).device
        self.one = copy.deepcopy(models[0]).to(self.device)
        for table in sparse_tables(self.one):
            table.sparse = False
        parameters, buffers = stack_module_state(list(models))
        self.buffers = {name: values.to(self.device) for name, values in buffers.items()}
        self.parameters: dict[str, Tensor] = {}
        self._take({name: values.detach().to(self.device) for name, values in parameters.items()})

    def _take(self, parameters: dict[str, Tensor]) -> None:
        self.parameters = {name: values.requires_grad_() for name, values in parameters.items()}
        training = self.training
        self.optimizer = torch.optim.Adam(
            self.parameters.values(), lr=training.lr, weight_decay=training.weight_decay, fused=True
        )

    def step(self, pairs: Tensor, label: Tensor, lr: float) -> Tensor:
        """One step of every model on a batch of its own.

        Args:
            pairs: (S, 2, n).
            label: (S, n).
            lr: the learning rate.

        Returns:
            (S,) losses.
        """
        self.optimizer.param_groups[0]["lr"] = lr
        self.optimizer.zero_grad()
        logits = vmap(self._logits)(self.parameters, self.buffers, pairs)  # (S, n)
        loss = torch.stack([self.loss(*own) for own in zip(logits, label, pairs, strict=True)])
        loss.sum().backward()
        self._clip()
        self.optimizer.step()
        return loss.detach()

    def _logits(self, parameters: dict[str, Tensor], buffers: dict[str, Tensor], pairs: Tensor) -> Tensor:
        logits: Tensor = functional_call(self.one, (parameters, buffers), (self.graph, pairs))
        return logits

    @torch.no_grad()
    def _clip(self) -> None:
        """`clip_grad_norm_` for every model."""
        gradients = [values.grad for values in self.parameters.values() if values.grad is not None]
        norms = [
            torch.linalg.vector_norm(gradient.reshape(len(gradient), -1), dim=1) for gradient in gradients
        ]
        norm = torch.linalg.vector_norm(torch.stack(norms), dim=0)  # (S,)
        scale = (self.training.gradient_clip / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient *= scale.view(-1, *[1] * (gradient.dim() - 1))

    def weights(self, number: int) -> dict[str, Tensor]:
        """The state of one of the models, as views."""
        stacked = self.parameters | self.buffers
        return {name: stacked[name][number].detach() for name in self.one.state_dict()}

    def score_each(self, number: int, sets: Sequence[Tensor]) -> list[Tensor]:
        """`PairModel.score_each` of one of the models."""
        self.one.load_state_dict(self.weights(number))
        return self.one.score_each(self.graph, sets)

    @torch.no_grad()
    def keep(self, numbers: Sequence[int]) -> None:
        """Leave all models but these out, with their moments."""
        at = torch.tensor(numbers, device=self.device)
        states = {name: self.optimizer.state[values] for name, values in self.parameters.items()}
        self._take({name: values.detach()[at] for name, values in self.parameters.items()})
        self.buffers = {name: values[at] for name, values in self.buffers.items()}
        for name, values in self.parameters.items():
            self.optimizer.state[values] = {
                key: state[at] if state.dim() else state for key, state in states[name].items()
            }
