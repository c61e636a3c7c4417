"""Text files of unknown origin: their characters, tables of strings, matrices of numbers."""
