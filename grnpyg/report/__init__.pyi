from . import pl

__all__ = ["pl"]
