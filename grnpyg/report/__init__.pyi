from . import pl
from .write import Report, write_report

__all__ = ["Report", "pl", "write_report"]
