"""Studies: a grid of configs that is trained in parallel, kept by config hash, and read as tables."""

from grnpyg.studies.run import Summary, run_studies
from grnpyg.studies.store import Store
from grnpyg.studies.study import Study, Trial, read_study

__all__ = ["Store", "Study", "Summary", "Trial", "read_study", "run_studies"]
