from .averages import differences, means
from .cluster import cluster_facts
from .estimate import duration, seconds_left
from .formats import DAGGER, STYLES, fill_sections, markdown_table, notes, render
from .plan import plan_of, read_plan
from .queued import cancel_trials, log_of
from .rows import (
    OF_THE_RUN,
    SUFFIXES,
    orphans,
    read_rows,
    store_rows,
    stored_hashes,
    study_rows,
    with_gains,
    write_rows,
)
from .run import Summary, run_studies
from .seeds import SeedsTogether
from .shards import make_shards_by
from .sources import config_of
from .spread import cells_beside, interval_cell, t_interval
from .status import Status, plan_at, study_status
from .store import Store
from .study import Study, read_study
from .tables import Tables, study_tables
from .trial import AnyTrial, Trial
from .widths import resolve_widths

__all__ = [
    "DAGGER",
    "OF_THE_RUN",
    "STYLES",
    "SUFFIXES",
    "AnyTrial",
    "SeedsTogether",
    "Status",
    "Store",
    "Study",
    "Summary",
    "Tables",
    "Trial",
    "cancel_trials",
    "cells_beside",
    "cluster_facts",
    "config_of",
    "differences",
    "duration",
    "fill_sections",
    "interval_cell",
    "log_of",
    "make_shards_by",
    "markdown_table",
    "means",
    "notes",
    "orphans",
    "plan_at",
    "plan_of",
    "read_plan",
    "read_rows",
    "read_study",
    "render",
    "resolve_widths",
    "run_studies",
    "seconds_left",
    "store_rows",
    "stored_hashes",
    "study_rows",
    "study_status",
    "study_tables",
    "t_interval",
    "with_gains",
    "write_rows",
]
