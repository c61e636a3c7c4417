"""The ground floor: errors, random numbers, registries, files and the schema of a config."""
