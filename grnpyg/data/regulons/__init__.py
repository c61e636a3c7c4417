"""Known edges: cleaned, counted, and checked for what they may be instead."""
