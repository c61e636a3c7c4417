"""The file formats of known edges, one module a family: each is read into rows with a source and a target."""
