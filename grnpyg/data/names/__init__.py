"""Names of genes: what kind they are, what word processors did to them, and the bundled symbols."""
