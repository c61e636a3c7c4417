"""Smaller models: importance, structured pruning with real compaction, what it costs, effective rank."""
