"""Expression and regulon table -> `HeteroData`."""
