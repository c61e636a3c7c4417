from .run import Summary, run_studies
from .status import Status, study_status
from .store import Store
from .study import Study, read_study
from .trial import Trial
from .widths import resolve_widths

__all__ = [
    "Status",
    "Store",
    "Study",
    "Summary",
    "Trial",
    "read_study",
    "resolve_widths",
    "run_studies",
    "study_status",
]
