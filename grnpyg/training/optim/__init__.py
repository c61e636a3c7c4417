"""Optimisers of our own: Adam that touches only the rows of a table that have a gradient."""
