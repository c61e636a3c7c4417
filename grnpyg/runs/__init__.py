"""Run directories: the only reader and writer of their files."""

from grnpyg.runs.run import FILES, OPTIMIZER, Run, sha256, state_dict_for_file, write_run

__all__ = ["FILES", "OPTIMIZER", "Run", "sha256", "state_dict_for_file", "write_run"]
