"""Refuse a checkpoint that does not fit the training that it is given to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from grnpyg.core.errors import GrnpygError, InputError


class FirstEpoch(pl.Callback):
    """Knows whether an epoch was trained in this process: from then on the checkpoint has proved sound.

    Attributes:
        over: whether the first epoch is.
    """

    over = False

    def on_train_epoch_end(self, *_: Any) -> None:
        """Note it."""
        self.over = True


def require_weights(state: dict[str, Any], shapes: dict[str, torch.Size]) -> None:
    """Check the weights of the last and of the best epoch, before any epoch is trained.

    Args:
        state: the checkpoint.
        shapes: of the weights of the model.

    Raises:
        ValueError: other names or shapes, or numbers that are not finite.
    """
    for weights in (state["state_dict"], state["callbacks"]["Best"]["weights"]):
        found = {name.removeprefix("model."): values.shape for name, values in weights.items()}
        if found and found != shapes:
            raise ValueError("weights of another model")
        if not all(values.isfinite().all() for values in weights.values()):
            raise ValueError("weights that are not finite")


@contextmanager
def refusing(checkpoint: Path, resumed: bool, first: FirstEpoch) -> Iterator[None]:
    """Refuse the checkpoint at an error that comes before the first epoch after it is over.

    Args:
        checkpoint: the file, for the message.
        resumed: whether the training goes on from it; otherwise errors stay what they are.
        first: a callback of the training.

    Raises:
        InputError: in place of the error of whatever was restored; errors of the disk and of memory stay.
    """
    try:
        yield
    except (GrnpygError, OSError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        if not resumed or first.over:
            raise
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"does not fit this training ({type(error).__name__}: {reason})",
            where=checkpoint,
            fix="remove it, or train again with --overwrite",
        ) from error
