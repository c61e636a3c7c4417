"""Training: Lightning module, callbacks, checkpoints without pickle."""
