"""Expression matrices: read from every format, checked, and turned into log values."""
