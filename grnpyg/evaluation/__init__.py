"""Evaluation of stored candidate sets."""
